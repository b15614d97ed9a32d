package rules

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// TestNamedSKUsAgainstPlain has several intentional blocks name several SKUs each, some of them the same, and some blocks name
// none: an item's cell is intentional where a block is about its rule and names it, or names none, and nowhere else. The first
// such block is the one that is told.
func TestNamedSKUsAgainstPlain(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		codes, skus := []string{"R0", "R1"}, []string{"A", "B", "C", "D"}
		type block struct{ rules, skus []string }
		var blocks []block
		var text strings.Builder
		for _, code := range codes {
			fmt.Fprintf(&text, "rule %q { when = pos.name != store.name }\n", code)
		}
		for i := range rapid.IntRange(1, 5).Draw(rt, "blocks") {
			b := block{
				rules: rapid.SliceOfNDistinct(rapid.SampledFrom(codes), 1, 2, rapid.ID[string]).Draw(rt, "rules"),
				skus:  rapid.SliceOfN(rapid.SampledFrom(skus), 0, 3).Draw(rt, "skus"),
			}
			blocks = append(blocks, b)
			fmt.Fprintf(&text, "intentional \"i%d\" {\n  rules = [%s]\n", i, quotedList(b.rules))
			if len(b.skus) > 0 {
				fmt.Fprintf(&text, "  skus = [%s]\n", quotedList(b.skus))
			}
			text.WriteString("  reason = \".\"\n}\n")
		}
		p := compileText(t, text.String())
		all := catalog.MustSchema(catalog.KnownFields()...)
		pos, store := drawBatch(rt, all, 1, nil), drawBatch(rt, all, 1, nil)
		e := p.NewEvaluator()
		for _, sku := range skus {
			cells, _ := e.Evaluate(selected(pos, p.Pos), 0, selected(store, p.Store), 0, sku)
			for r, code := range codes {
				if cells[r].State == verdict.Synchronized {
					continue // the names are the same
				}
				want := slices.IndexFunc(blocks, func(b block) bool {
					return slices.Contains(b.rules, code) && (len(b.skus) == 0 || slices.Contains(b.skus, sku))
				})
				if got := cells[r].Intent; int(got) != want {
					rt.Fatalf("%s of %s is excused by block %d, want %d:\n%s", code, sku, got, want, text.String())
				}
			}
		}
	})
}

func quotedList(list []string) string {
	quoted := make([]string, len(list))
	for i, s := range list {
		quoted[i] = fmt.Sprintf("%q", s)
	}
	return strings.Join(quoted, ", ")
}
