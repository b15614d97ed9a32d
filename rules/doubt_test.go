package rules

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// TestWeights holds the counts of what speaks for and against rules against counts that are made plainly, whatever of the pairs
// is settled without an evaluation, and whatever other rules there are.
func TestWeights(t *testing.T) {
	const orders = `
rule "QP" {
  when       = store.pending > 0 && pos.qoh - store.pending == store.qoh
  doubt      = store.pending > 0 && pos.qoh == store.qoh
  doubt_note = "Look at imported_through."
}
`
	alone := compileText(t, orders)
	beside := compileText(t, "rule \"N\" {\n  when = pos.name != store.name\n}\n"+orders+"rule \"Q\" {\n  when = pos.qoh != store.qoh\n}\n")
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SampledFrom([]*Program{alone, beside}).Draw(t, "program")
		pos, store := catalog.NewBuilder(p.Pos), catalog.NewBuilder(p.Store)
		number := rapid.Custom(func(t *rapid.T) *int {
			if rapid.IntRange(0, 5).Draw(t, "null") == 0 {
				return nil
			}
			n := rapid.IntRange(-1, 3).Draw(t, "n")
			return &n
		})
		set := func(b *catalog.Builder, field string, n *int) {
			if i := b.Schema().Index(field); n != nil {
				b.SetNumber(i, catalog.NewDecimal(int64(*n), 0))
			}
		}
		var want Weight
		for i := range p.Rules {
			if p.Rules[i].Code == "QP" {
				want.Rule = i
			}
		}
		n := rapid.IntRange(1, 40).Draw(t, "pairs")
		for range n {
			q, s, w := number.Draw(t, "pos"), number.Draw(t, "store"), number.Draw(t, "pending")
			set(pos, "qoh", q)
			set(store, "qoh", s)
			set(store, "pending", w)
			pos.End()
			store.End()
			if q == nil || s == nil || w == nil || *w <= 0 {
				continue
			}
			if *q-*w == *s {
				want.For++
			}
			if *q == *s {
				want.Against++
			}
		}
		e := p.NewEvaluator()
		e.EvaluatePairs(pos.Batch(), store.Batch(), func(int) string { return "k" }, func(int, []Cell, bool) {})
		if diff := cmp.Diff([]Weight{want}, e.Weights()); diff != "" {
			t.Errorf("weights (-want +got):\n%s", diff)
		}
	})
}

func TestDoubtful(t *testing.T) {
	for _, c := range []struct {
		of, against int
		want        bool
	}{{0, 0, false}, {0, 1, false}, {0, 2, true}, {2, 2, false}, {2, 3, true}, {9, 3, false}} {
		if got := (Weight{For: c.of, Against: c.against}).Doubtful(); got != c.want {
			t.Errorf("%d for and %d against: %v", c.of, c.against, got)
		}
	}
}

func TestDoubtMistakes(t *testing.T) {
	for _, c := range []struct{ name, attributes, want string }{
		{"no note", "doubt = pos.qoh == 1", "Doubt without a note"},
		{"no doubt", `doubt_note = "x"`, "Note without a doubt"},
		{"about one side", "on = \"pos_only\"\n  doubt = pos.qoh == 1\n  doubt_note = \"x\"", "Doubt about items of one side"},
		{"no condition", "doubt = pos.qoh\n  doubt_note = \"x\"", "The doubt of a rule"},
		{"no such field", "doubt = pos.qho == 1\n  doubt_note = \"x\"", `Did you mean "qoh"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := fmt.Sprintf("rule \"A\" {\n  when = pos.qoh > 1\n  %s\n}\n", c.attributes)
			if got := mistakesIn(t, text); !strings.Contains(got, c.want) {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

// mistakesIn returns what is wrong with rules, for sources that have all known fields.
func mistakesIn(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "reconcile.hcl")
	text = "source \"file\" \"a\" { path = \"a.csv\" }\nsource \"file\" \"b\" { path = \"b.csv\" }\nreconciliation \"r\" {\n  pos = source.file.a\n  store = source.file.b\n}\n" + text
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	config, diags := Load(path, Options{Bundled: []string{"file"}})
	if !diags.HasErrors() {
		schema := catalog.MustSchema(catalog.KnownFields()...)
		_, diags = config.Compile(config.Reconciliations[0], schema, schema, time.Time{})
	}
	return diags.Error()
}
