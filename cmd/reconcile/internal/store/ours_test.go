package store

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestNoneOfOurs puts something else in the place of the database of a store that was used. It is refused, and stays as it is, with what
// is beside it.
func TestNoneOfOurs(t *testing.T) {
	other := func(statements string) func(*testing.T, string) {
		return func(t *testing.T, path string) {
			db, err := sql.Open("sqlite", uri(path))
			must(t, err)
			_, err = db.ExecContext(t.Context(), statements)
			must(t, errors.Join(err, db.Close()))
		}
	}
	text := func(text string) func(*testing.T, string) {
		return func(t *testing.T, path string) { must(t, os.WriteFile(path, []byte(text), 0o600)) }
	}
	for name, c := range map[string]struct {
		put   func(t *testing.T, path string)
		alone bool   // nothing else is in the folder
		want  string // "" if a new store is right
	}{
		"emptied":                          {put: text(""), want: "is empty (0 bytes), though audit.head beside it"},
		"gone":                             {put: func(*testing.T, string) {}, want: "is not there any more, though audit.head beside it"},
		"begun, and stopped":               {put: text(""), alone: true},
		"a text":                           {put: text(strings.Repeat("not a database\n", 20)), want: "is no database, or a damaged one"},
		"a short text":                     {put: text("x"), alone: true, want: "is no database, or a damaged one"},
		"the beginning of a database":      {put: text(string(headerBegin)), want: "is no database, or a damaged one"},
		"another program's":                {put: other("CREATE TABLE theirs (x INTEGER)"), want: "a database of another program"},
		"another program's, with a number": {put: other("CREATE TABLE theirs (x INTEGER); PRAGMA application_id = 7"), want: "a database of another program"},
		"another program's, alone":         {put: other("CREATE TABLE theirs (x INTEGER); PRAGMA user_version = 2"), alone: true, want: "a database of another program"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, databaseName)
			if !c.alone {
				s := database{}.openAt(t, dir, newClock())
				must(t, s.AddFirst(t.Context(), root, "Ann", "first password"))
				must(t, s.Close())
				must(t, os.Remove(path))
			}
			c.put(t, path)
			before := contentOf(t, dir)
			s, err := Open(t.Context(), dir)
			if c.want == "" {
				must(t, err)
				must(t, s.Close())
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "--data") {
				t.Fatalf("the error is %v, want %q", err, c.want)
			}
			if diff := cmp.Diff(before, contentOf(t, dir)); diff != "" {
				t.Errorf("the folder was changed (-before +after):\n%s", diff)
			}
		})
	}
}

// contentOf returns the files of a folder, but for locks.
func contentOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	entries, err := os.ReadDir(dir)
	must(t, err)
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".lock") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		must(t, err)
		files[e.Name()] = string(text)
	}
	return files
}
