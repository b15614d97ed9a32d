package match

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// TestInOrder pairs items that come in the order of their keys on both sides, many to a part, but for a few that make some parts have no
// order: one that comes too soon, one that is there twice, one without a key, one that could not be read.
func TestInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		share := rapid.SampledFrom([]float64{0, 0.1, 0.9, 1}).Draw(t, "share of the keys that one side lacks")
		var batches [2][][]testItem
		for _, side := range verdict.Sides {
			var items []testItem
			for i := range 700 {
				if side == verdict.Pos && i%2 == 0 && r.Float64() < share || side == verdict.Store && i%2 == 1 && r.Float64() < share {
					continue
				}
				key := fmt.Sprintf("%d-%d", i/7*3, i) // in no order yet, of several lengths
				items = append(items, testItem{Key: key, SKU: key, Price: fmt.Sprint(r.IntN(2)), Own: strings.Repeat("x", r.IntN(3)*40)})
			}
			slices.SortFunc(items, func(a, b testItem) int { return strings.Compare(a.Key, b.Key) })
			for range rapid.IntRange(0, 3).Draw(t, "odd ones") {
				at, odd := r.IntN(len(items)), r.IntN(len(items))
				switch rapid.IntRange(0, 3).Draw(t, "which") {
				case 0:
					items[at], items[odd] = items[odd], items[at]
				case 1:
					items = slices.Insert(items, at, items[odd])
				case 2:
					if !items[at].Unreadable { // without a key nobody knows which item it is: see AddUnreadable
						items[at].Key, items[at].SKU = " ", " "
					}
				case 3:
					if !catalog.Blank(items[at].Key) {
						items[at] = testItem{Key: items[at].Key, Own: "reason", Unreadable: true}
					}
				}
			}
			batches[side] = [][]testItem{items}
		}
		open, keyed := rapid.Bool().Draw(t, "open"), rapid.Bool().Draw(t, "keyed")
		want, alike := plainJoin(batches), 0
		want = slices.DeleteFunc(want, func(f found) bool {
			if f.Status != verdict.Matched || f.Items[verdict.Pos].Price != f.Items[verdict.Store].Price {
				return false
			}
			alike++
			return open
		})
		got, decided := run(t, keyed, open, batches, []verdict.Side{verdict.Pos, verdict.Store}, Options{})
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("(-plain +match)\n%s", diff)
		}
		if decided != alike {
			t.Fatalf("%d pairs are decided, want %d", decided, alike)
		}
	})
}
