package session_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/session"
)

// TestScopeOfAcceptances accepts by chance in one of two reconciliations of one point of sale, and takes it back. Nothing of the
// other one ever changes, and in the end everything is as it was, the folder byte for byte.
func TestScopeOfAcceptances(t *testing.T) {
	seeds := uint64(2)
	if os.Getenv("RECONCILE_TEST_LONG") != "" {
		seeds = 40
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			chance := rand.New(rand.NewPCG(seed, 0))
			o := shop(t, `
reconciliation "other" {
  pos   = source.file.shop
  store = source.file.web
  key   = upper(item.sku)
}
rule "N" {
  when = pos.name != store.name
}
`)
			dir := filepath.Dir(o.ConfigPath)
			rows := func(which string) string {
				text := "sku,name,price\n"
				for _, sku := range []string{"p-1", "P-2", "P-3", "P-4", "only " + which} {
					if n := chance.IntN(6); n > 0 {
						text += fmt.Sprintf("%s,Bell %d,%d\n", sku, n%2, n)
					}
				}
				return text
			}
			write(t, filepath.Join(dir, "shop.csv"), rows("pos"))
			write(t, filepath.Join(dir, "web.csv"), rows("store")+"only both,Bell,1\n")
			if seed%2 == 1 {
				write(t, filepath.Join(dir, "reconcile.accepted.hcl"), "# What people wrote\n# stays.")
			}
			s := session.New(o)
			before, mine, others := filesOf(t, dir), runOf(t, s, "x"), runOf(t, s, "other")
			var blocks []string
			var choices []session.Choice
			for range 2 {
				c := session.Choice{AllCurrent: true, Codes: []string{"P"}}
				switch chance.IntN(3) {
				case 0:
					c.Codes = []string{"N"}
				case 1:
					c.Codes, c.Statuses = nil, []verdict.Status{verdict.PosOnly, verdict.StoreOnly}
				}
				p := prepareNamed(t, s, "x")
				done, err := p.Accept(t.Context(), c, rules.Terms{Reason: "as found", Pin: chance.IntN(2) == 0})
				if err != nil {
					t.Fatal(err)
				}
				if len(done.List) == 0 {
					continue
				}
				// Back by the block, or thing by thing.
				if chance.IntN(2) == 0 {
					config, _ := s.Load()
					blocks = append(blocks, config.Intentional[len(config.Intentional)-1].Name)
					choices = append(choices, session.Choice{})
					continue
				}
				for _, a := range done.List {
					choice := session.Choice{SKUs: []string{a.SKU}}
					if a.Rule != "" {
						choice.Codes = []string{a.Rule}
					} else {
						choice.Statuses = []verdict.Status{a.Status}
					}
					blocks, choices = append(blocks, ""), append(choices, choice)
				}
			}
			if len(blocks) > 0 && runOf(t, s, "x") == mine {
				t.Error("what was accepted changed nothing")
			}
			if diff := cmp.Diff(others, runOf(t, s, "other")); diff != "" {
				t.Errorf("what was accepted changed another reconciliation\n%s", diff)
			}
			for i := range blocks {
				if _, err := prepareNamed(t, s, "x").Remove(t.Context(), choices[i], blocks[i]); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(before, filesOf(t, dir)); diff != "" {
				t.Errorf("files (-before +after)\n%s", diff)
			}
			if diff := cmp.Diff(mine, runOf(t, s, "x")); diff != "" {
				t.Errorf("(-before +after)\n%s", diff)
			}
		})
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// filesOf returns the texts of the files in a folder that belong to a configuration.
func filesOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	for _, pattern := range []string{"*.hcl", "*.csv"} {
		names, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			files[filepath.Base(name)] = string(text)
		}
	}
	return files
}

func prepareNamed(t *testing.T, s *session.Session, name string) *session.Prepared {
	t.Helper()
	p, err := s.Prepare(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// runOf returns the items of a run, with their cells and what is meant to be of them.
func runOf(t *testing.T, s *session.Session, name string) string {
	t.Helper()
	p := prepareNamed(t, s, name)
	result, err := p.Run(t.Context(), session.RunOptions{All: true})
	if err != nil {
		t.Fatal(err)
	}
	defer p.CloseResult(result)
	var text strings.Builder
	for it, err := range result.Items {
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&text, it.SKU(), it.Status, cellsOf(it), it.Intended() != nil)
	}
	return text.String()
}

func cellsOf(it *report.Item) string {
	text := ""
	if it.Outcome != nil {
		for _, c := range it.Outcome.Cells {
			text += c.String()
		}
	}
	return text
}
