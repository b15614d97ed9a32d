package engine

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules"
)

// family is an item in which only its SKU and its parent's SKU matter.
type family struct{ sku, parent string }

func familySource(list ...family) *memorySource {
	b := catalog.NewBuilder(testSchema)
	for _, it := range list {
		b.SetString(0, "Shirt")
		b.SetString(1, it.sku)
		b.SetNumber(2, catalog.Int(1))
		b.SetNumber(3, catalog.Int(0))
		b.SetString(4, it.parent)
		b.End()
	}
	return &memorySource{batches: []*catalog.Batch{b.Batch()}}
}

// familyProgram returns a program that decides pairs with one price without an evaluation.
func familyProgram(t *testing.T, key string) *rules.Program {
	return programOf(t, fmt.Sprintf(`
source "file" "a" { path = "a.csv" }
source "file" "b" { path = "b.csv" }
reconciliation "r" {
  pos   = source.file.a
  store = source.file.b
  %s
}
rule "P" { when = pos.price != store.price }
intentional "store's own" {
  status = ["store_only"]
  skus   = ["D"]
  reason = "."
}
`, key))
}

// TestParents says which items of one side are parents, and not missing on the other.
func TestParents(t *testing.T) {
	tempDir(t)
	var pos, store []family
	want := map[string]bool{}
	// So many that every worker meets some variants of a parent, and all pairs are decided without an evaluation.
	for i := range 400 {
		parent := fmt.Sprintf("SHIRT-%03d", i)
		for _, size := range []string{"S", "M", "L", "XL"} {
			pos, store = append(pos, family{parent + "-" + size, parent}), append(store, family{parent + "-" + size, ""})
		}
		pos, want[parent] = append(pos, family{parent, ""}), true
	}
	pair := func(sku, parent string) {
		pos, store = append(pos, family{sku, parent}), append(store, family{sku, ""})
	}
	// The store names the parent, and has a row for it; the point of sale names one that the store has a row for.
	pos, store = append(pos, family{"HAT-S", ""}), append(store, family{"HAT-S", "HAT"}, family{"HAT", ""})
	pos, store = append(pos, family{"CAP-S", "CAP"}), append(store, family{"CAP-S", ""}, family{"CAP", ""})
	want["HAT"], want["CAP"] = true, true
	// A chain: only the parent of the matched variant is one.
	pos = append(pos, family{"GRAND", ""}, family{"CHILD", "GRAND"})
	pair("CHILD-S", "CHILD")
	want["CHILD"] = true
	// An item that names itself is no parent by that, and one that is matched is compared as any other.
	pos = append(pos, family{"SELF", "SELF"})
	pair("BOTH", "")
	pair("BOTH-S", "BOTH")
	// A parent that is there twice, and one of which no variant is matched.
	pos = append(pos, family{"TWICE", ""}, family{"TWICE", ""}, family{"LONE", ""}, family{"LONE-S", "LONE"}, family{"LONE-M", "LONE"})
	pair("TWICE-S", "TWICE")
	// An item that is meant to be of one side needs no other reason.
	store = append(store, family{"D", ""})
	pair("D-S", "D")

	for _, test := range []struct {
		key   string
		all   bool
		limit int64
	}{
		{"", false, 0},
		{"", true, 0},
		{"", false, 1},
		{"key = upper(item.sku)", false, 1},
	} {
		t.Run(fmt.Sprint(test), func(t *testing.T) {
			job := Job{Program: familyProgram(t, test.key), All: test.all, Pos: Side{Source: familySource(pos...)}, Store: Side{Source: familySource(store...)}, MemoryLimit: test.limit}
			result, err := Run(t.Context(), job)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = result.Close() }()
			list, err := result.List()
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]bool{}
			for _, it := range list {
				if it.Parent {
					got[it.SKU()] = true
				}
			}
			if diff := cmp.Diff(slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got))); diff != "" {
				t.Errorf("parents (-want +got)\n%s", diff)
			}
			s := &result.Summary
			if s.AreParents() != len(want) || s.Parents[verdict.StoreOnly] != 2 || s.Intended[verdict.StoreOnly] != 1 {
				t.Errorf("%d parents, %d of them of the store; %d meant to be there", s.AreParents(), s.Parents[verdict.StoreOnly], s.Intended[verdict.StoreOnly])
			}
			if open := s.Open(verdict.PosOnly); open != 5 { // GRAND, SELF, LONE and its variants
				t.Errorf("%d items of pos are left to be dealt with", open)
			}
		})
	}
}

// TestParentKey compares the names of parents as keys, whatever their case, and not at all where a key is made of more.
func TestParentKey(t *testing.T) {
	pos := familySource(family{"Shirt", ""}, family{"shirt-s", "SHIRT"})
	store := familySource(family{"shirt-s", ""})
	for key, want := range map[string]int{"": 0, "key = upper(item.sku)": 1, `key = "${item.sku}${item.name}"`: 0} {
		result, err := Run(t.Context(), Job{Program: familyProgram(t, key), Pos: Side{Source: pos}, Store: Side{Source: store}})
		if err != nil {
			t.Fatal(err)
		}
		if got := result.Summary.AreParents(); got != want {
			t.Errorf("%q: %d parents, want %d", key, got, want)
		}
		_ = result.Close()
	}
}
