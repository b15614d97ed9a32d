package localcopy

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/plugins/host"
)

// readAll reads a copy to its end.
func readAll(f *Folder, id Identity) (map[string]string, error) {
	r, err := f.Open(context.Background(), id)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	all := map[string]string{}
	err = r.Records(func(_ string, records []host.Record) error {
		for _, record := range records {
			all[record.Key] = string(record.Value)
		}
		return nil
	})
	return all, err
}

// edit changes a copy with SQL.
func edit(t *testing.T, path, statements string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statements); err != nil {
		t.Fatal(err)
	}
}

// TestUnusable refuses copies that are not what was written, or not what this program writes, with a message that says so,
// and makes them anew with the next pull.
func TestUnusable(t *testing.T) {
	overwrite := func(text string) func(t *testing.T, path string) {
		return func(t *testing.T, path string) {
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	with := func(statements string) func(t *testing.T, path string) {
		return func(t *testing.T, path string) { edit(t, path, statements) }
	}
	for _, tc := range []struct {
		name   string
		damage func(t *testing.T, path string)
		id     Identity
		want   string
	}{
		{"text", overwrite(strings.Repeat("no database at all ", 1000)), testID, "is damaged (SQLite says"},
		{"half", func(t *testing.T, path string) {
			info, err := os.Stat(path)
			if err == nil {
				err = os.Truncate(path, info.Size()/2)
			}
			if err != nil {
				t.Fatal(err)
			}
		}, testID, "is damaged (SQLite says"},
		{"another value", with("UPDATE records_1 SET value = 'Dulcimer' WHERE key = x'61'"), testID, `is damaged (the record "a" of kind "product" is not what was written)`},
		{"a key of another record", with("UPDATE records_1 SET key = x'7a' WHERE key = x'61'"), testID, `is damaged (the record "z"`},
		{"a record less", with("DELETE FROM records_1 WHERE key = x'61'"), testID, `is damaged (of 4 records of kind "product" it has 3`},
		{"one record twice", with("INSERT INTO records_1 SELECT 'stock', key, value, sum FROM records_1 WHERE key = x'61'"), testID, `is damaged (the record "a" of kind "stock"`},
		{"no table", with("DROP TABLE records_1"), testID, "is damaged (SQLite says"},
		{"another state", with("UPDATE state SET value = replace(value, '\"cursor\":\"', '\"cursor\":\"QQ')"), testID, "is damaged (what it says of itself"},
		{"another format", with("PRAGMA user_version = 2"), testID, "was written by another version of reconcile (format 2, not 1)"},
		{"another program's", with("PRAGMA application_id = 7"), testID, "is a database of another program"},
		{"another version of the records", nil, Identity{testID.Connector, testID.Settings, testID.Kinds, 2},
			"was made by another version of the connector (its records are of version 1, not 2)"},
		{"other kinds of records", nil, Identity{testID.Connector, testID.Settings, []string{"product"}, 1},
			"was made by another version of the connector (its kinds of records are"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s, f := newStore(t), In(t.TempDir())
			done := s.refresh(f, testID, RefreshRequest{})
			if tc.damage != nil {
				tc.damage(t, done.Path)
			}
			_, err := readAll(f, tc.id)
			var unusable *UnusableError
			if !errors.As(err, &unusable) || !strings.Contains(err.Error(), tc.want) || !strings.Contains(err.Error(), done.Path) {
				t.Fatalf("got %v, want one with %q", err, tc.want)
			}
			s.pulls = nil
			again := s.refresh(f, tc.id, RefreshRequest{})
			if !again.Full || !strings.HasPrefix(again.Why, "the one that was there "+tc.want) {
				t.Errorf("the next pull: %+v", again)
			}
			if all, err := readAll(f, tc.id); err != nil || !cmp.Equal(all, s.products) {
				t.Errorf("after the next pull the copy holds %v, %v", all, err)
			}
		})
	}
}

// TestFlippedBytes changes a byte anywhere in the database. Whatever is read then is what was written, or is refused.
func TestFlippedBytes(t *testing.T) {
	s, f := newStore(t), In(t.TempDir())
	for i := range 200 {
		s.products[fmt.Sprint("product ", i)] = strings.Repeat(fmt.Sprint(i), 20)
	}
	path := s.refresh(f, testID, RefreshRequest{}).Path
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	refused := 0
	const flips = 300
	for range flips {
		bad := bytes.Clone(good)
		at := rand.IntN(len(bad))
		bad[at] ^= byte(1 + rand.IntN(255))
		for _, suffix := range []string{"-wal", "-shm"} {
			_ = os.Remove(path + suffix)
		}
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		all, err := readAll(f, testID)
		switch {
		case err != nil:
			refused++
		case !cmp.Equal(all, s.products):
			t.Fatalf("byte %d was changed, and the copy is misread", at)
		}
	}
	if refused < flips/10 {
		t.Errorf("only %d of %d damages were noticed", refused, flips)
	}
}

// TestDamagedStaging does not go on from what was staged and is not what was written.
func TestDamagedStaging(t *testing.T) {
	s, f := newStore(t), In(t.TempDir())
	path := s.refresh(f, testID, RefreshRequest{}).Path
	s.fails = errors.New("out of paper")
	s.products = map[string]string{"a": "Bassoon", "b": "Bassoon", "c": "Bassoon"}
	if _, err := f.Refresh(t.Context(), testID, s, RefreshRequest{}); !errors.Is(err, s.fails) {
		t.Fatal(err)
	}
	s.fails = nil
	edit(t, path, "UPDATE staged SET value = 'Spoon'")
	if done := s.refresh(f, testID, RefreshRequest{}); !done.Full || !strings.Contains(done.Why, "is not what was written") {
		t.Errorf("got %+v", done)
	}
	if all, err := readAll(f, testID); err != nil || !cmp.Equal(all, s.products) {
		t.Errorf("the copy holds %v, %v", all, err)
	}
}

// TestFolderOfOthers refuses a folder that others could write to, and keeps them out of ours.
func TestFolderOfOthers(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no owners by number there")
	}
	s, data := newStore(t), t.TempDir()
	f := In(data)
	if err := os.Mkdir(f.dir, 0o777); err != nil {
		t.Fatal(err)
	}
	s.refresh(f, testID, RefreshRequest{})
	if info, err := os.Stat(f.dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder: %v, %v", info.Mode(), err)
	}
	if os.Geteuid() != 0 {
		t.Skip("only root can give a folder away")
	}
	if err := os.Chown(f.dir, 12345, -1); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Refresh(t.Context(), testID, s, RefreshRequest{}); err == nil || !strings.Contains(err.Error(), "belongs to another user: name another one with --data") {
		t.Errorf("got %v", err)
	}
	if _, err := f.Open(t.Context(), testID); err == nil || !strings.Contains(err.Error(), "belongs to another user") {
		t.Errorf("got %v", err)
	}
}

// TestNoFolder says where nothing can be written.
func TestNoFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := In(file).Refresh(t.Context(), testID, newStore(t), RefreshRequest{})
	if err == nil || !strings.Contains(err.Error(), "folder for Local Copies") {
		t.Errorf("got %v", err)
	}
}

// TestFullDisk leaves the good copy as it was where there is no room for more. SQLite is told to take no more pages.
func TestFullDisk(t *testing.T) {
	s, f := newStore(t), In(t.TempDir())
	s.refresh(f, testID, RefreshRequest{})
	before, err := readAll(f, testID)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.Refresh(t.Context(), testID, script(func(_ host.PullRequest, k host.CopyWriter) (host.PullResult, error) {
		st := k.(*pullWriter)
		if err := st.db.run(t.Context(), "PRAGMA max_page_count = 20"); err != nil {
			return host.PullResult{}, err
		}
		for i := range 1000 {
			if err := k.Put("product", []host.Record{{Key: fmt.Sprint(i), Value: make([]byte, 1000)}}); err != nil {
				return host.PullResult{}, err
			}
		}
		return host.PullResult{Cursor: []byte("too much")}, nil
	}), RefreshRequest{})
	if err == nil || !strings.Contains(err.Error(), "there is no room left for the Local Copy") {
		t.Errorf("got %v", err)
	}
	if after, err := readAll(f, testID); err != nil || !cmp.Equal(before, after) {
		t.Errorf("the copy holds %v, %v", after, err)
	}
	s.refresh(f, testID, RefreshRequest{})
}
