package inventory

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/report"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/guard"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/session"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/web/rest"
)

const config = `
source "file" "pos" { path = "pos.csv" }
source "file" "web" { path = "web.csv" }
reconciliation "shop" {
  pos   = source.file.pos
  store = source.file.web
  key   = upper(item.sku)
}
rule "P" {
  title = "Price"
  when  = pos.price != store.price
}
intentional "of people" {
  rules  = ["P"]
  skus   = ["M-1"]
  reason = "ours"
}
`

const accepted = `# Accepted discrepancies, written by reconcile accept. To take one back, remove its block.

intentional "accepted: A-1 P" {
  reconciliations = ["shop"]
  rules           = ["P"]
  skus            = ["A-1"]
  reason          = "on offer"
  owner           = "Ann"
  expires         = "2999-12-24"
}

intentional "baseline" {
  reconciliations = ["shop"]
  skus_file       = "reconcile.accepted.csv"
  reason          = "as we found it"
}
`

const list = "sku,rules,status,accepted\nB-1,P,,\nB-2,P,,\nB-3,,pos_only,\n"

// newShop returns a shop with a configuration, and a run of it.
func newShop(t *testing.T) (*Shop, string, *report.Result) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"reconcile.hcl": config, "reconcile.accepted.hcl": accepted, "reconcile.accepted.csv": list} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, err := store.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	fields := []catalog.Field{{Name: "sku", Type: catalog.String}, {Name: "price", Type: catalog.Number}}
	run := &report.Result{Reconciliation: "shop", PosFields: fields, StoreFields: fields}
	return &Shop{Store: s, Session: func() *session.Session {
		return session.New(session.Options{ConfigPath: filepath.Join(dir, "reconcile.hcl"), Self: guard.Self{Bundled: []string{"file"}}})
	}}, dir, run
}

// trailOf returns the audit trail, an entry a line.
func trailOf(t *testing.T, s *Shop) string {
	t.Helper()
	var lines []string
	if _, err := s.Store.Trail(t.Context(), func(e store.Entry) error {
		lines = append(lines, fmt.Sprintf("%s %s %s: %s -> %s", e.Who, e.What, e.Subject, e.Before, e.After))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return string(text)
}

var ann = store.Actor{Name: "Ann", Address: "192.0.2.1"}

// TestAmend takes acceptances back and prolongs them: the file says so, the list too, and the audit trail with what was before.
func TestAmend(t *testing.T) {
	s, dir, run := newShop(t)
	amend := func(a rest.Amendment) (*rest.Amended, error) {
		a.Reconciliation, a.Run = "shop", run
		return s.Amend(t.Context(), ann, a)
	}
	standing, err := s.Standing(t.Context())
	if err != nil || len(standing) != 5 {
		t.Fatalf("%v, %v", standing, err)
	}
	for _, of := range standing {
		if of.Changeable != (of.Block != "of people") || of.InList != (of.Block == "baseline") || of.Line == 0 {
			t.Errorf("%+v", of)
		}
	}
	key := []rest.AcceptedItem{{SKU: "a-1", What: "P"}} // it has the same key
	day := time.Date(2999, 12, 31, 0, 0, 0, 0, time.Local)
	said, err := amend(rest.Amendment{Items: key, Until: day, Try: true})
	if err != nil || len(said.Before) != 1 || said.Before[0].Expires != "2999-12-24" || said.After[0].Expires != "2999-12-31" {
		t.Fatalf("a try: %+v, %v", said, err)
	}
	if got := read(t, dir, "reconcile.accepted.hcl"); got != accepted {
		t.Fatalf("a try has changed the file:\n%s", got)
	}
	if _, err := amend(rest.Amendment{Items: key, Until: day}); err != nil {
		t.Fatal(err)
	}
	if got, want := read(t, dir, "reconcile.accepted.hcl"), strings.Replace(accepted, "2999-12-24", "2999-12-31", 1); got != want {
		t.Fatalf("prolonged:\n%s\nnot\n%s", got, want)
	}
	if _, err := amend(rest.Amendment{Block: "baseline", Until: day}); err != nil {
		t.Fatal(err)
	}
	if standing, err := s.Standing(t.Context()); err != nil || standing[2].Expires != "2999-12-31" {
		t.Fatalf("the list: %+v, %v", standing, err)
	}
	if _, err := amend(rest.Amendment{Block: "baseline"}); err != nil { // for ever
		t.Fatal(err)
	}
	if _, err := amend(rest.Amendment{Items: []rest.AcceptedItem{{SKU: "b-1", What: "P"}, {SKU: "B-3", What: "pos_only", IsStatus: true}}, Back: true}); err != nil {
		t.Fatal(err)
	}
	if got := read(t, dir, "reconcile.accepted.csv"); got != "sku,rules,status,accepted\nB-2,P,,\n" {
		t.Fatalf("the list:\n%s", got)
	}
	if said, err := amend(rest.Amendment{Block: "baseline", Back: true}); err != nil || len(said.Gone) != 1 {
		t.Fatalf("%+v, %v", said, err)
	}
	if got := read(t, dir, "reconcile.accepted.csv") + read(t, dir, "reconcile.accepted.hcl"); strings.Contains(got, "baseline") || strings.Contains(got, "B-2") || !strings.Contains(got, "A-1") {
		t.Fatalf("taken back:\n%s", got)
	}
	want := `Ann accept.until shop: "accepted: A-1 P", A-1 P: on offer, by Ann, until 2999-12-24 -> until 2999-12-31
Ann accept.until shop: "baseline", B-1 P, B-2 P, B-3 pos_only: as we found it -> until 2999-12-31
Ann accept.until shop: "baseline", B-1 P, B-2 P, B-3 pos_only: as we found it, until 2999-12-31 -> for ever
Ann accept.remove shop: "baseline", B-1 P, B-3 pos_only: as we found it -> 
Ann accept.remove shop: "baseline", B-2 P: as we found it -> `
	if got := trailOf(t, s); got != want {
		t.Errorf("the audit trail:\n%s\nnot\n%s", got, want)
	}
}

// TestAmendRefuses says what cannot be, in words for people, and changes nothing.
func TestAmendRefuses(t *testing.T) {
	s, dir, run := newShop(t)
	for text, a := range map[string]rest.Amendment{
		`stands in a list with others`:                {Items: []rest.AcceptedItem{{SKU: "B-1", What: "P"}}},
		`M-1 pos_only is not accepted`:                {Items: []rest.AcceptedItem{{SKU: "M-1", What: "pos_only", IsStatus: true}}, Back: true},
		`which people write`:                          {Items: []rest.AcceptedItem{{SKU: "M-1", What: "P"}}, Back: true},
		`"of people" stands in `:                      {Block: "of people", Back: true},
		`is not accepted in`:                          {Items: []rest.AcceptedItem{{SKU: "A-1", What: "P"}, {SKU: "C-1", What: "P"}}, Back: true},
		`has no block "baselin". Did you mean`:        {Block: "baselin", Back: true},
		`it never holds: it expires 2026-01-01, befo`: {Block: "late", Until: time.Date(2026, 1, 1, 0, 0, 0, 0, time.Local)},
	} {
		if a.Block == "late" {
			late := accepted + "\nintentional \"late\" {\n  rules = [\"P\"]\n  skus = [\"L\"]\n  reason = \"r\"\n  starts = \"2027-01-01\"\n}\n"
			if err := os.WriteFile(filepath.Join(dir, "reconcile.accepted.hcl"), []byte(late), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		before := read(t, dir, "reconcile.accepted.hcl") + read(t, dir, "reconcile.accepted.csv")
		a.Reconciliation, a.Run = "shop", run
		_, err := s.Amend(t.Context(), ann, a)
		var problem *rest.Problem
		if !errors.As(err, &problem) || problem.Status != 409 || !strings.Contains(problem.Text, text) {
			t.Errorf("want %q: %v", text, err)
		}
		if read(t, dir, "reconcile.accepted.hcl")+read(t, dir, "reconcile.accepted.csv") != before {
			t.Errorf("%q: something was changed", text)
		}
	}
	if got := trailOf(t, s); got != "" {
		t.Errorf("what was refused stands in the audit trail:\n%s", got)
	}
}

// TestAmendTogether has many take back and prolong at once: each change is there, and none undoes another.
func TestAmendTogether(t *testing.T) {
	s, dir, run := newShop(t)
	text := ""
	const blocks = 12
	for i := range blocks {
		text += fmt.Sprintf("intentional \"b%d\" {\n  rules  = [\"P\"]\n  skus   = [\"X-%d\"]\n  reason = \"r\"\n}\n", i, i)
	}
	if err := os.WriteFile(filepath.Join(dir, "reconcile.accepted.hcl"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range blocks {
		all.Go(func() {
			a := rest.Amendment{Reconciliation: "shop", Run: run, Block: fmt.Sprint("b", i), Back: i%2 == 0, Until: time.Date(2999, 1, 1, 0, 0, 0, 0, time.Local)}
			if _, err := s.Amend(context.Background(), ann, a); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	standing, err := s.Standing(t.Context())
	if err != nil || len(standing) != 1+blocks/2 {
		t.Fatalf("%d, %v", len(standing), err)
	}
	for _, of := range standing[1:] {
		if of.Block != "of people" && of.Expires != "2999-01-01" {
			t.Errorf("%+v", of)
		}
	}
}
