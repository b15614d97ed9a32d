package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/gofrs/flock"
	"github.com/google/go-cmp/cmp"
)

// applying is a shop whose store can be changed, and what is done with it at the front door.
type applying struct {
	*testing.T
	dir  string
	env  []string
	stop func() string // the store; to be called
}

const writeToken = "WRITE_TOKEN=sandbox-write-token"

const applyStore = `{"store": {"name": "Bells"}, "products": [
  {"sku": "A", "name": "Bell", "price": 10, "stock": 3},
  {"sku": "B", "name": "Pedal", "price": 5, "stock": 7},
  {"sku": "C", "name": "Saddle", "price": 20, "stock": 1}],
  "orders": [%s]}`

const applyConfig = `
source "file" "pos" {
  path = "inventory.csv"
}
source "bigcommerce" "web" {
  api_url            = "%s"
  store_hash         = "sandbox"
  access_token       = "sandbox-token"
  write_access_token = env("WRITE_TOKEN")
  imported_through   = 1000
}
reconciliation "r" {
  pos   = source.file.pos
  store = source.bigcommerce.web
}
rule "P" {
  when = pos.price != store.price
  remedy "upload" {
    price = pos.price
  }
}
rule "QP" {
  explains = ["Q"]
  when     = pos.qoh - store.pending == store.qoh && store.pending > 0
  remedy "import_orders" {}
}
rule "Q" {
  when = pos.qoh != store.qoh
  remedy "upload" {
    qoh = max(pos.qoh - coalesce(store.pending, 0), 0)
  }
}
`

// newApplying serves a store of three items, of which A has another price in the point of sale, and B another quantity.
func newApplying(t *testing.T) *applying {
	t.Helper()
	a := &applying{T: t, dir: t.TempDir()}
	a.write("store.json", fmt.Sprintf(applyStore, ""))
	var address string
	address, a.stop = serveSandbox(t, a.dir, "--catalog", "store.json", "--quota", "0")
	a.write("inventory.csv", "sku,name,price,qoh\nA,Bell,12,3\nB,Pedal,5,6\nC,Saddle,20,1\n")
	a.write("reconcile.hcl", fmt.Sprintf(applyConfig, address))
	return a
}

func (a *applying) write(name, text string) {
	a.Helper()
	if err := os.WriteFile(filepath.Join(a.dir, name), []byte(text), 0o600); err != nil {
		a.Fatal(err)
	}
}

// run runs a command and returns what it printed on stdout and stderr. It fails the test if the exit status is another one.
func (a *applying) run(status int, args ...string) (out, said string) {
	a.Helper()
	cmd := program(a.T, a.dir, args...)
	cmd.Env = append(append(cmd.Env, "RECONCILE_DATA="+filepath.Join(a.dir, "data")), a.env...)
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		a.Fatal(err)
	}
	if got := cmd.ProcessState.ExitCode(); got != status {
		a.Fatalf("reconcile %s: status %d, and not %d\n%s%s", strings.Join(args, " "), got, status, &stdout, &stderr)
	}
	return stdout.String(), stderr.String()
}

// result returns the JSON of a run, times aside.
func (a *applying) result() string {
	a.Helper()
	out, _ := a.run(0, "run", "--format", "json", "--all", "--no-history")
	return regexp.MustCompile(`"\d{4}-\d\d-\d\dT[^"]*"`).ReplaceAllString(out, `"time"`)
}

// outcomes returns what a journal says became of each change, by field and SKU.
func (a *applying) outcomes(id string) map[string]string {
	a.Helper()
	out, _ := a.run(0, "journal", id, "--format", "json")
	var read struct {
		Changes []struct{ SKU, Field, Outcome, Reason string }
	}
	if err := json.Unmarshal([]byte(out), &read); err != nil {
		a.Fatalf("%v\n%s", err, out)
	}
	said := map[string]string{}
	for _, c := range read.Changes {
		said[c.Field+" of "+c.SKU] = c.Outcome
	}
	return said
}

// plan keeps a plan in a file, and returns its id.
func (a *applying) plan(args ...string) string {
	a.Helper()
	a.run(0, append([]string{"plan", "--out", "plan.json"}, args...)...)
	return a.idOf("plan.json")
}

func (a *applying) idOf(path string) string {
	a.Helper()
	text, err := os.ReadFile(filepath.Join(a.dir, path))
	if err != nil {
		a.Fatal(err)
	}
	var read struct{ ID string }
	if err := json.Unmarshal(text, &read); err != nil {
		a.Fatal(err)
	}
	return read.ID
}

func (a *applying) same(what string, want, got any) {
	a.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		a.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func (a *applying) says(text string, parts ...string) {
	a.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			a.Errorf("it does not say %q:\n%s", part, text)
		}
	}
}

// TestApply: a plan with changes, carried out, leaves none; taken back, the store is as it was.
func TestApply(t *testing.T) {
	t.Parallel()
	a := newApplying(t)
	defer a.stop()
	first := a.result()
	a.run(2, "plan", "--exit-code")
	id := a.plan()

	// The token that may write is not there: nothing was sent, and nothing noted.
	_, said := a.run(1, "apply", "plan.json")
	a.says(said, "WRITE_TOKEN")
	out, _ := a.run(0, "journal")
	a.says(out, "No plan was carried out.")
	a.same("after a refusal", first, a.result())

	a.env = []string{writeToken}
	out, _ = a.run(0, "apply", "plan.json")
	a.says(out, "2 changes to make in source \"bigcommerce\" \"web\"", "2 applied.")
	a.same("outcomes", map[string]string{"price of A": "applied", "qoh of B": "applied"}, a.outcomes(id))
	a.env = nil
	a.run(0, "plan", "--exit-code")
	out, _ = a.run(0, "journal")
	a.says(out, id, "source.bigcommerce.web", "2 applied")

	// A second time there is nothing to do.
	a.env = []string{writeToken}
	out, _ = a.run(0, "apply", "plan.json")
	a.says(out, "there is nothing more to do", "2 applied.")

	// Taken back, without quantities first.
	out, _ = a.run(0, "revert", id, "--out", "back.json")
	a.says(out, "12 → 10", "sales have moved quantities since")
	a.run(0, "apply", "back.json")
	a.same("outcomes of the revert", map[string]string{"price of A": "applied"}, a.outcomes(a.idOf("back.json")))
	a.run(0, "revert", id, "--quantities", "--out", "back.json")
	a.run(0, "apply", "back.json") // the price was taken back already
	a.same("outcomes of the second revert", map[string]string{"price of A": "unchanged", "qoh of B": "applied"}, a.outcomes(a.idOf("back.json")))
	a.same("after the reverts", first, a.result())
}

// TestApplyMeanwhile: what has happened between plan and apply is seen, and not written over.
func TestApplyMeanwhile(t *testing.T) {
	t.Parallel()
	order := `{"id": 1001, "status": "Awaiting Fulfillment", "lines": [{"sku": "B", "quantity": 2}]}`
	for name, c := range map[string]struct {
		do     func(a *applying)
		want   map[string]string
		reason string
	}{
		"another price": {func(a *applying) {
			a.write("store.json", strings.Replace(fmt.Sprintf(applyStore, ""), `"price": 10`, `"price": 11`, 1))
		}, map[string]string{"price of A": "conflict", "qoh of B": "applied"}, "11"},
		"the price is right already": {func(a *applying) {
			a.write("store.json", strings.Replace(fmt.Sprintf(applyStore, ""), `"price": 10`, `"price": 12`, 1))
		}, map[string]string{"price of A": "unchanged", "qoh of B": "applied"}, ""},
		"an order": {func(a *applying) {
			a.write("store.json", fmt.Sprintf(applyStore, order))
		}, map[string]string{"price of A": "applied", "qoh of B": "skipped"}, "the store has changed"},
		"it was accepted": {func(a *applying) {
			a.run(0, "accept", "--sku", "A", "--rule", "P", "--reason", "so")
		}, map[string]string{"price of A": "skipped", "qoh of B": "applied"}, "it was accepted meanwhile"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newApplying(t)
			defer a.stop()
			id := a.plan()
			c.do(a)
			a.env = []string{writeToken}
			status := 2
			if c.reason == "" {
				status = 0
			}
			out, _ := a.run(status, "apply", "plan.json")
			a.says(out, c.reason)
			a.same("outcomes", c.want, a.outcomes(id))
		})
	}
}

// TestApplyRefuses: what is not to be carried out is refused before anything is sent.
func TestApplyRefuses(t *testing.T) {
	t.Parallel()
	a := newApplying(t)
	defer a.stop()
	a.env = []string{writeToken}
	first := a.result()
	a.plan()

	_, said := a.run(1, "apply")
	a.says(said, "there is nobody here to ask", "reconcile plan --out FILE.json")
	_, said = a.run(1, "revert", "20261129-101500-abcdef", "--out", "back.json")
	a.says(said, "no plan 20261129-101500-abcdef was carried out")
	_, said = a.run(1, "apply", "plan.json", "r")
	a.says(said, "a plan says which reconciliation it is of")
	_, said = a.run(1, "apply", "plan.json", "--rule", "P")
	a.says(said, "--rule is for a plan that is made")
	_, said = a.run(1, "apply", "nothing.json")
	a.says(said, "there is no file nothing.json", "reconcile plan --out nothing.json")

	plan, err := os.ReadFile(filepath.Join(a.dir, "plan.json"))
	if err != nil {
		t.Fatal(err)
	}
	a.write("changed.json", strings.Replace(string(plan), `"will": 12`, `"will": 13`, 1))
	_, said = a.run(1, "apply", "changed.json")
	a.says(said, "was changed since")

	config, err := os.ReadFile(filepath.Join(a.dir, "reconcile.hcl"))
	if err != nil {
		t.Fatal(err)
	}
	a.write("reconcile.hcl", string(config)+"brakes {\n  max_changes = 1\n}\n")
	_, said = a.run(1, "apply", "plan.json")
	a.says(said, "brakes have changed since")
	a.plan()
	_, said = a.run(1, "apply", "plan.json")
	a.says(said, "the brake max_changes stops the plan", "--allow max_changes")
	a.write("reconcile.hcl", string(config))
	id := a.plan()

	a.run(0, "plan", "--valid", "1ns", "--out", "old.json")
	_, said = a.run(1, "apply", "old.json")
	a.says(said, "it has expired")

	// Another one is at work.
	if err := os.MkdirAll(filepath.Join(a.dir, "data", "applied"), 0o700); err != nil {
		t.Fatal(err)
	}
	lock := flock.New(filepath.Join(a.dir, "data", "applied", "lock"))
	if ok, err := lock.TryLock(); err != nil || !ok {
		t.Fatal(ok, err)
	}
	_, said = a.run(1, "apply", "plan.json")
	a.says(said, "another reconcile apply or revert is at work")
	if err := lock.Unlock(); err != nil {
		t.Fatal(err)
	}
	a.same("after the refusals", first, a.result())

	// A journal that somebody has changed.
	a.run(0, "apply", "plan.json")
	path := filepath.Join(a.dir, "data", "applied", id+".journal")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(text), `"kind":"applied"`, `"kind":"failed"`, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	_, said = a.run(1, "apply", "plan.json")
	a.says(said, "is not as it was written")
	_, said = a.run(1, "journal", id)
	a.says(said, "is not as it was written")
	out, _ := a.run(0, "journal")
	a.says(out, id, "read the journal")
}
