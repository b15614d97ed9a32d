package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const changesConfig = `
source "file" "pos" {
  path = "pos.csv"
}
source "file" "web" {
  path         = "web.csv"
  changes_file = "changes.csv"
  columns      = { sku = "Article No", qoh = "In Stock" }
}
reconciliation "r" {
  pos   = source.file.pos
  store = source.file.web
}
rule "P" {
  when = pos.price != store.price
  remedy "upload" {
    price = pos.price
  }
}
rule "N" {
  when = pos.name != store.name
  remedy "upload" {
    name = pos.name
  }
}
rule "Q" {
  when = pos.qoh != store.qoh
  remedy "upload" {
    qoh = pos.qoh
  }
}
`

// newHandingOver makes a shop whose store is an export. Of item A the price is another one, of B the name and the quantity.
func newHandingOver(t *testing.T) *applying {
	t.Helper()
	a := &applying{T: t, dir: t.TempDir()}
	a.write("reconcile.hcl", changesConfig)
	a.write("pos.csv", "SKU,Name,Price,QOH\nA,Bell,12,3\nB,\"Pedal, left\",5,6\nC,Saddle,20,1\n")
	a.write("web.csv", "Article No;Name;Price;In Stock;Weight\nA;Bell;10.50;3;1\nB;Pedal;5;7;2\nC;Saddle;20;1;3\n")
	return a
}

const webImported = "Article No;Name;Price;In Stock;Weight\nA;Bell;12;3;1\nB;Pedal, left;5;6;2\nC;Saddle;20;1;3\n"

func (a *applying) onlyJournal() string {
	a.Helper()
	out, _ := a.run(0, "journal")
	id := regexp.MustCompile(`\d{8}-\d{6}-[a-z0-9]+`).FindString(out)
	if id == "" {
		a.Fatalf("there is no journal: %s", out)
	}
	return id
}

// TestChangesFile: apply writes what is to change to a new file, and says that the platform does not have it yet; once that was imported and exported
// anew, it does.
func TestChangesFile(t *testing.T) {
	a := newHandingOver(t)
	export := a.read("web.csv")
	a.plan()
	out, _ := a.run(2, "apply", "plan.json")
	if !strings.Contains(out, "3 pending.") || !strings.Contains(out, "it is in changes.csv") {
		t.Error(out)
	}
	if got, want := a.read("changes.csv"), "Article No;Price;Name;In Stock\nA;12;Bell;3\nB;5;Pedal, left;6\n"; strings.ReplaceAll(strings.ReplaceAll(got, `"`, ""), ",", ";") != strings.ReplaceAll(want, ",", ";") {
		t.Errorf("the file has\n%s", got)
	}
	if a.read("web.csv") != export {
		t.Error("the export was changed")
	}
	if info, err := os.Stat(filepath.Join(a.dir, "changes.csv")); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("others may read it: %v, %v", info.Mode(), err)
	}
	a.write("web.csv", webImported)
	if out, _ = a.run(0, "apply", "plan.json"); !strings.Contains(out, "3 applied.") {
		t.Error(out)
	}
	a.run(0, "plan", "--exit-code")
}

// TestChangesFileThere: what somebody has still to import is not written over; what has changed meanwhile is a conflict; revert makes such a file, too.
func TestChangesFileThere(t *testing.T) {
	if os.Getenv("RECONCILE_TEST_LONG") == "" {
		t.Skip("it starts the program many times: set RECONCILE_TEST_LONG=1")
	}
	for _, suffix := range []string{".csv", ".xlsx", ".tsv"} {
		t.Run(suffix, func(t *testing.T) {
			a := newHandingOver(t)
			a.write("reconcile.hcl", strings.Replace(changesConfig, "changes.csv", "changes"+suffix, 1))
			a.write("changes"+suffix, "somebody's")
			a.plan()
			out, _ := a.run(2, "apply", "plan.json")
			if !strings.Contains(out, "3 failed.") || !strings.Contains(out, "there is a file") || a.read("changes"+suffix) != "somebody's" {
				t.Error(out)
			}
			a.remove("changes" + suffix)
			a.write("web.csv", strings.Replace(a.read("web.csv"), "10.50", "11", 1))
			out, _ = a.run(2, "apply", "plan.json") // what failed is tried again
			if !strings.Contains(out, "2 pending, 1 conflict.") {
				t.Error(out)
			}
			a.write("web.csv", strings.Replace(webImported, "A;Bell;12", "A;Bell;11", 1))
			a.run(2, "apply", "plan.json") // a conflict stays one
			first := a.onlyJournal()

			a.run(0, "revert", first, "--out", "back.json")
			if out, _ = a.run(2, "apply", "back.json"); !strings.Contains(out, "there is a file") {
				t.Error(out)
			}
			a.remove("changes" + suffix)
			if out, _ = a.run(2, "apply", "back.json"); !strings.Contains(out, "1 pending.") {
				t.Error(out)
			}
			a.write("web.csv", strings.Replace(a.read("web.csv"), "Pedal, left", "Pedal", 1))
			if out, _ = a.run(0, "apply", "back.json"); !strings.Contains(out, "1 applied.") {
				t.Error(out)
			}
		})
	}
}

func (a *applying) remove(name string) {
	a.Helper()
	if err := os.Remove(filepath.Join(a.dir, name)); err != nil {
		a.Fatal(err)
	}
}

// TestChangesFileNotNamed: without the setting the source is only read, and apply refuses.
func TestChangesFileNotNamed(t *testing.T) {
	a := newHandingOver(t)
	a.write("reconcile.hcl", strings.Replace(changesConfig, `  changes_file = "changes.csv"`, "", 1))
	a.plan()
	if _, said := a.run(1, "apply", "plan.json"); !strings.Contains(said, "only reads as it is configured") || !strings.Contains(said, "With changes_file = ") {
		t.Error(said)
	}
}

// TestChangesFileConforms holds the connector against the protocol's demands.
func TestChangesFileConforms(t *testing.T) {
	if os.Getenv("RECONCILE_TEST_LONG") == "" {
		t.Skip("the suite takes some seconds: set RECONCILE_TEST_LONG=1")
	}
	a := newHandingOver(t)
	a.write("suite.hcl", strings.Split(changesConfig, "reconciliation")[0]+"write \"web\" {\n  item  = \"A\"\n  field = \"price\"\n  value = \"12.50\"\n}\n")
	out, _ := a.run(0, "plugin", "test", "file", "--config", "suite.hcl")
	for _, line := range []string{"9.1   passed", "10.1  passed", "10.2  passed", "10.3  passed", "10.7  passed"} {
		if !strings.Contains(out, line) {
			t.Errorf("no %q in\n%s", line, out)
		}
	}
}
