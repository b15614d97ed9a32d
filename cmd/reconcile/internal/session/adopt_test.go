package session_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/rules"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/session"
)

// twoConfigurations returns sessions on a reconcile.hcl with a baseline of P-2, and on a copy of it, us.hcl.
func twoConfigurations(t *testing.T) (first, us *session.Session, dir string) {
	t.Helper()
	o := shop(t, "")
	dir = filepath.Dir(o.ConfigPath)
	write(t, filepath.Join(dir, "shop.csv"), "sku,name,price\nP-1,Bell,10\nP-2,Horn,20\nP-3,Lamp,3\n")
	write(t, filepath.Join(dir, "web.csv"), "sku,name,price\nP-1,Bell,10\nP-2,Horn,21\nP-3,Lamp,4\n")
	text, err := os.ReadFile(o.ConfigPath)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "us.hcl"), string(text))
	first = session.New(o)
	o.ConfigPath = filepath.Join(dir, "us.hcl")
	acceptAll(t, first, "")
	return first, session.New(o), dir
}

// acceptAll accepts the N of rule P, of one item or of all.
func acceptAll(t *testing.T, s *session.Session, sku string) {
	t.Helper()
	c := session.Choice{Codes: []string{"P"}, AllCurrent: true}
	if sku != "" {
		c.SKUs = []string{sku}
	}
	if _, err := prepareNamed(t, s, "x").Accept(t.Context(), c, rules.Terms{Reason: "as found", Pin: true}); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, s *session.Session, sku, block string) error {
	t.Helper()
	c := session.Choice{}
	if sku != "" {
		c = session.Choice{SKUs: []string{sku}, Codes: []string{"P"}}
	}
	_, err := prepareNamed(t, s, "x").Remove(t.Context(), c, block)
	return err
}

// ofFirst returns the files that belong to reconcile.hcl.
func ofFirst(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := filesOf(t, dir)
	for name := range files {
		if !strings.HasPrefix(name, "reconcile") {
			delete(files, name)
		}
	}
	return files
}

// TestAdoptedListsAreCopies says that what is accepted or taken back after --adopt holds in one configuration alone, and that nothing
// is doubled when what was taken back there is taken over once more.
func TestAdoptedListsAreCopies(t *testing.T) {
	first, us, dir := twoConfigurations(t)
	before, run := ofFirst(t, dir), runOf(t, first, "x")
	if _, err := us.Adopt(); err != nil {
		t.Fatal(err)
	}
	files := filesOf(t, dir)
	if files["us.accepted.csv"] != files["reconcile.accepted.csv"] || strings.Contains(files["us.accepted.hcl"], "reconcile.accepted.csv") {
		t.Fatalf("the list is not copied: %v", files)
	}
	if diff := cmp.Diff(run, runOf(t, us, "x")); diff != "" {
		t.Fatalf("not all is taken over (-first +us)\n%s", diff)
	}
	if err := remove(t, us, "P-2", ""); err != nil {
		t.Fatal(err)
	}
	if runOf(t, us, "x") == run {
		t.Error("what was taken back holds still")
	}
	adopted, err := us.Adopt()
	if err != nil {
		t.Fatal(err)
	}
	if got := filesOf(t, dir)["us.accepted-2.csv"]; adopted.Added != 1 || strings.Contains(got, "P-3") || !strings.Contains(got, "P-2") {
		t.Errorf("%d blocks are added, with the list %q", adopted.Added, got)
	}
	if diff := cmp.Diff(run, runOf(t, us, "x")); diff != "" {
		t.Errorf("(-first +us)\n%s", diff)
	}
	if adopted, err = us.Adopt(); err != nil || adopted.Added != 0 {
		t.Errorf("%d blocks are added, error %v", adopted.Added, err)
	}
	for _, sku := range []string{"P-2", "P-3"} {
		if err := remove(t, us, sku, ""); err != nil {
			t.Fatal(err)
		}
	}
	for name := range filesOf(t, dir) {
		if strings.HasPrefix(name, "us.accepted") {
			t.Errorf("%s is left", name)
		}
	}
	acceptAll(t, us, "P-2")
	if diff := cmp.Diff(before, ofFirst(t, dir)); diff != "" {
		t.Errorf("files of the other configuration (-before +after)\n%s", diff)
	}
	if diff := cmp.Diff(run, runOf(t, first, "x")); diff != "" {
		t.Errorf("the other configuration (-before +after)\n%s", diff)
	}
}

// TestAdoptOfWhatIsWrong takes over a block that is right and one that is not: nothing is written, no list either.
func TestAdoptOfWhatIsWrong(t *testing.T) {
	_, us, dir := twoConfigurations(t)
	before := filesOf(t, dir)
	write(t, filepath.Join(dir, "reconcile.accepted.hcl"), before["reconcile.accepted.hcl"]+"\nintentional \"wrong\" {\n  rules  = [\"Q\"]\n  reason = \".\"\n}\n")
	if _, err := us.Adopt(); err == nil {
		t.Fatal("a rule that is not there was taken over")
	}
	write(t, filepath.Join(dir, "reconcile.accepted.hcl"), before["reconcile.accepted.hcl"])
	if diff := cmp.Diff(before, filesOf(t, dir)); diff != "" {
		t.Errorf("(-before +after)\n%s", diff)
	}
}

// TestAdoptClears says that a file that nothing reads goes with its lists, when it is taken over.
func TestAdoptClears(t *testing.T) {
	first, us, dir := twoConfigurations(t)
	if err := os.Remove(first.ConfigPath); err != nil {
		t.Fatal(err)
	}
	adopted, err := us.Adopt()
	if err != nil || adopted.KeptFor != "" {
		t.Fatalf("kept for %q, error %v", adopted.KeptFor, err)
	}
	if left := ofFirst(t, dir); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	if got := runOf(t, us, "x"); strings.Contains(got, "N") {
		t.Error(got)
	}
}

// TestRemoveLeavesOthersLists takes back what stands in a list of another configuration: the list stays as it is.
func TestRemoveLeavesOthersLists(t *testing.T) {
	first, us, dir := twoConfigurations(t)
	write(t, filepath.Join(dir, "us.accepted.hcl"), filesOf(t, dir)["reconcile.accepted.hcl"])
	before := filesOf(t, dir)
	err := remove(t, us, "P-2", "")
	if err == nil || !strings.Contains(err.Error(), "reconcile.accepted.csv:2 is not a list that") {
		t.Errorf("error %v", err)
	}
	if _, err := us.Adopt(); err == nil || !strings.Contains(err.Error(), "names reconcile.accepted.csv, a list of") {
		t.Errorf("error %v", err)
	}
	if diff := cmp.Diff(before, filesOf(t, dir)); diff != "" {
		t.Errorf("(-before +after)\n%s", diff)
	}
	config, _ := us.Load()
	run := runOf(t, first, "x")
	if err := remove(t, us, "", config.Intentional[0].Name); err != nil {
		t.Fatal(err)
	}
	delete(before, "us.accepted.hcl")
	if diff := cmp.Diff(before, filesOf(t, dir)); diff != "" {
		t.Errorf("(-before +after)\n%s", diff)
	}
	if diff := cmp.Diff(run, runOf(t, first, "x")); diff != "" {
		t.Errorf("(-before +after)\n%s", diff)
	}
}

// TestRemoveOfOneThingTwice takes back a block that names its rule and its item twice: it says nothing more than that.
func TestRemoveOfOneThingTwice(t *testing.T) {
	_, us, dir := twoConfigurations(t)
	write(t, filepath.Join(dir, "us.accepted.hcl"), "intentional \"y\" {\n  reconciliations = [\"x\", \"x\"]\n  rules  = [\"P\", \"P\"]\n  skus   = [\"P-2\", \"P-2\"]\n  reason = \".\"\n}\n")
	if err := remove(t, us, "P-2", ""); err != nil {
		t.Fatal(err)
	}
	if _, left := filesOf(t, dir)["us.accepted.hcl"]; left {
		t.Error("a file of nothing is left")
	}
}
