package history

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/engine/verdict"
)

var update = flag.Bool("update", false, "write the run of this version anew; those of older versions stay as they are")

// TestVersions reads the runs that each version of the format has written: what they say stays what they said.
func TestVersions(t *testing.T) {
	if *update {
		pos, store := drawShop(rand.New(rand.NewPCG(17, 18)), 30)
		file, err := os.ReadFile(keepFile(t, runShop(t, compile(t, shopRules), pos, store)))
		if err != nil {
			t.Fatal(err)
		}
		said, err := readPlainly(file)
		if err != nil {
			t.Fatal(err)
		}
		for name, content := range map[string][]byte{"version1.run": file, "version1.txt": []byte(said)} {
			if err := os.WriteFile(filepath.Join("testdata", name), content, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	files, err := filepath.Glob(filepath.Join("testdata", "*.run"))
	if err != nil || len(files) != version {
		t.Fatalf("there are files of %d versions, want %d, %v", len(files), version, err)
	}
	for _, name := range files {
		file, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(name[:len(name)-len("run")] + "txt")
		if err != nil {
			t.Fatal(err)
		}
		got, err := readPlainly(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// readPlainly returns what a run's file says, whatever the formats of reports do with it.
func readPlainly(file []byte) (string, error) {
	run, err := read("run", bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	about := run.About()
	fmt.Fprintf(&b, "%s %s\n", about.Reconciliation, about.MadeAt)
	for _, side := range verdict.Sides {
		s := about.Source(side)
		fmt.Fprintln(&b, s.Connector, s.Name, s.Items, s.ReadAt, s.Copy, s.Skipped, s.Unreadable)
	}
	s := &about.Summary
	fmt.Fprintln(&b, s.Items, s.Status, s.Rows, s.Intended, s.Parents, s.Unreadable, s.Classes, s.Rules, s.Explained, s.Unknown, s.Unchecked, s.UncheckedSingles)
	for _, w := range about.Warnings {
		fmt.Fprintln(&b, w.Source, w.Text, w.Notice)
	}
	for _, rule := range about.Rules {
		fmt.Fprintf(&b, "%s %q %q %s %s %v\n", rule.Code, rule.Title, rule.Note, rule.On, rule.Severity, rule.Fields)
	}
	err = readItems(run, &b)
	return b.String(), err
}
