package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestAnotherAppWalks has another app write whatever it likes, to any item and field and as often as it likes, and delete products, between plan
// and apply. The conflicts are exactly the changes whose own field holds neither the expected nor the desired value then, and nothing of what the
// other app wrote is overwritten.
func TestAnotherAppWalks(t *testing.T) {
	if os.Getenv("RECONCILE_TEST_LONG") == "" {
		t.Skip("it takes a while: set RECONCILE_TEST_LONG=1")
	}
	t.Parallel()
	const items = 10
	a, store := newWatched(t, items, true)
	desired := desiredOf(items, true)
	changes := slices.Sorted(maps.Keys(desired))
	store.serve(storeDay{Items: items})
	expected := store.seen().Holds
	walks := 0
	rapid.Check(t, func(t *rapid.T) {
		store.serve(storeDay{Items: items})
		step := rapid.Custom(func(t *rapid.T) storeValue {
			v := storeValue{SKU: rapid.SampledFrom([]string{"S", "V", "M"}).Draw(t, "kind") + fmt.Sprint(rapid.IntRange(0, items-1).Draw(t, "item"))}
			if v.Field = rapid.SampledFrom([]string{"name", "price", "qoh"}).Draw(t, "field"); v.SKU[0] == 'M' {
				v.Field = "price" // which its variant inherits
			}
			what := v.Field + " of " + v.SKU
			values := []string{rapid.SampledFrom([]string{"11", "21", "20", "0", "50"}).Draw(t, "value")}
			if v.Field == "name" {
				values[0] = "Another " + v.SKU // no two products have the same
			}
			for _, known := range []string{expected[what], desired[what]} {
				if known != "" {
					values = append(values, known)
				}
			}
			v.Value = rapid.SampledFrom(values).Draw(t, "which")
			return v
		})
		gone := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"S4", "S5", "M6"}), 0, 2, rapid.ID[string]).Draw(t, "deleted")
		seen := store.do(storeOrder{Foreign: rapid.SliceOfN(step, 0, 40).Draw(t, "walk"), Delete: gone})
		want := map[string]string{}
		for _, what := range changes {
			switch has, is := seen.Holds[what]; {
			case !is:
				want[what] = "gone"
			case has == desired[what]:
				want[what] = "unchanged"
			case has == expected[what]:
				want[what] = "applied"
			default:
				want[what] = "conflict"
			}
		}
		walks++
		data := fmt.Sprint("walk", walks)
		status, journal, said := a.applied(data)
		got := journal.outcomes()
		for what, outcome := range got {
			if want[what] == "gone" && (outcome == "rejected" || outcome == "skipped") {
				got[what] = "gone"
			}
		}
		if diff := cmp.Diff(want, got); diff != "" || status != 0 && status != 2 {
			t.Fatalf("status %d (-want +got):\n%s\n%s", status, diff, said)
		}
		after := store.seen()
		for what, outcome := range want {
			is := after.Holds[what]
			if outcome == "conflict" && is != seen.Holds[what] || (outcome == "applied" || outcome == "unchanged") && is != desired[what] {
				t.Fatalf("%s is %s, had %s, and has %s", what, outcome, seen.Holds[what], is)
			}
		}
		if after.Overwritten > 0 || len(after.Twice) > 0 {
			t.Fatalf("%d foreign values were overwritten, written twice: %v", after.Overwritten, after.Twice)
		}
		if err := os.RemoveAll(filepath.Join(a.dir, data)); err != nil {
			t.Fatal(err)
		}
	})
}
