package rules

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// TestShippedQuantities holds the shipped Q, QP and QN against the arithmetic written plainly: of small numbers and of such that
// are unknown, for stores that tell everything and for those that tell neither what is tracked nor safety stock.
func TestShippedQuantities(t *testing.T) {
	programs := map[string]*Program{"all": shippedFor(t), "less": shippedFor(t, "tracked", "safety_stock")}
	rapid.Check(t, func(t *rapid.T) {
		which := rapid.SampledFrom([]string{"all", "less"}).Draw(t, "store")
		p := programs[which]
		number := rapid.Custom(func(t *rapid.T) *int { // in halves
			if rapid.IntRange(0, 7).Draw(t, "null") == 0 {
				return nil
			}
			n := rapid.IntRange(-2, 4).Draw(t, "halves")
			return &n
		})
		for range 40 {
			it := quantities{pos: number.Draw(t, "pos"), store: number.Draw(t, "store"), pending: number.Draw(t, "pending")}
			if it.pending != nil {
				*it.pending = max(*it.pending, 0)
			}
			if which == "all" {
				it.safety = number.Draw(t, "safety")
				if rapid.Bool().Draw(t, "told") {
					tracked := rapid.IntRange(0, 3).Draw(t, "tracked") > 0
					it.tracked = &tracked
				}
			}
			got := it.cells(p)
			switch {
			case it.tracked != nil && !*it.tracked:
				want(t, it, got, "---", "no stock is tracked")
			case it.pos != nil && it.store != nil && it.pending != nil:
				want(t, it, got, it.plainly(), "all is known")
			case got[0] == 'S' && (it.pos == nil || *it.pos >= 0):
				t.Fatalf("%v: Q is S, and something is unknown (%s)", it, got)
			case it.pos != nil && it.store != nil && *it.pos != *it.store && *it.pos >= 0 && got[0] != 'N':
				t.Fatalf("%v: Q is %c where the quantities differ, and nothing explains it (%s)", it, got[0], got)
			}
		}
	})
}

// quantities are what is known of a pair, in halves of a unit; nil is unknown.
type quantities struct {
	pos, store, pending, safety *int
	tracked                     *bool
}

func (q quantities) String() string {
	text := ""
	for name, n := range map[string]*int{"pos": q.pos, "store": q.store, "pending": q.pending, "safety": q.safety} {
		if n != nil {
			text += fmt.Sprintf("%s %d/2 ", name, *n)
		}
	}
	return text
}

// plainly returns Q, QP and QN as people would reckon.
func (q quantities) plainly() string {
	safety := 0
	if q.safety != nil {
		safety = *q.safety
	}
	afterImport := *q.pos - *q.pending
	// Where the store has, with its safety stock, just what the point of sale has, the orders are not what makes the difference.
	byOrders := *q.pending > 0 && *q.store == afterImport && *q.pos != *q.store+safety
	negative := *q.pos < 0
	cells := []byte("SSS")
	if *q.store != *q.pos || *q.store != afterImport {
		cells[0] = 'N'
	}
	if byOrders {
		cells[0], cells[1] = 'S', 'N'
	}
	if negative {
		cells[0], cells[2] = 'S', 'N'
	}
	return string(cells)
}

func want(t *rapid.T, q quantities, got, want, why string) {
	t.Helper()
	if got != want {
		t.Fatalf("%v: Q, QP, QN are %s, want %s: %s", q, got, want, why)
	}
}

// cells evaluates the rules, and returns Q, QP and QN.
func (q quantities) cells(p *Program) string {
	pos, store := catalog.NewBuilder(p.Pos), catalog.NewBuilder(p.Store)
	set := func(b *catalog.Builder, field string, n *int) {
		if i := b.Schema().Index(field); n != nil && i >= 0 {
			b.SetNumber(i, catalog.NewDecimal(int64(*n)*5, 1))
		}
	}
	set(pos, "qoh", q.pos)
	set(store, "qoh", q.store)
	set(store, "pending", q.pending)
	set(store, "safety_stock", q.safety)
	if i := store.Schema().Index("tracked"); i >= 0 && q.tracked != nil {
		store.SetBool(i, *q.tracked)
	}
	pos.End()
	store.End()
	text := map[string]byte{}
	e := p.NewEvaluator()
	e.EvaluatePairs(pos.Batch(), store.Batch(), func(int) string { return "k" }, func(_ int, cells []Cell, _ bool) {
		for i, c := range cells {
			text[p.Rules[i].Code] = map[verdict.Cell]byte{verdict.Synchronized: 'S', verdict.NotSynchronized: 'N', verdict.NotApplicable: '-'}[c.State]
		}
	})
	return string([]byte{text["Q"], text["QP"], text["QN"]})
}

// shippedFor compiles the shipped configuration for a store without these fields.
func shippedFor(t testing.TB, lacking ...string) *Program {
	t.Helper()
	config, diags := Load("../reconcile.hcl", Options{Bundled: []string{"amberpos", "bigcommerce"}})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	p, diags := config.Compile(config.Reconciliations[0], schemaWithout(), schemaWithout(lacking...), time.Now())
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return p
}

func schemaWithout(lacking ...string) *catalog.Schema {
	var fields []catalog.Field
	for _, f := range catalog.KnownFields() {
		if !slices.Contains(lacking, f.Name) {
			fields = append(fields, f)
		}
	}
	return catalog.MustSchema(fields...)
}
