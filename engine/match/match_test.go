package match

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// column lays keys out as a column.
func column(keys []string) *catalog.Strings {
	var text []byte
	offsets := []int32{0}
	for _, k := range keys {
		text = append(text, k...)
		offsets = append(offsets, int32(len(text)))
	}
	return catalog.NewStrings(string(text), offsets)
}

// TestPairAgainstMaps holds Pair against the plainest join there is: a count of each key on each side.
func TestPairAgainstMaps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		batches := rapid.SliceOfN(rapid.SliceOf(rapid.SampledFrom([]string{"", "A", "B", "a", "A ", "AB", "Ä", "0", "00"})), 0, 4)
		pos, store := batches.Draw(t, "pos"), batches.Draw(t, "store")
		p := pair(columns(pos), columns(store))

		posRows, storeRows := rows(pos), rows(store)
		want := func(key string) Outcome {
			n, m := len(posRows[key]), len(storeRows[key])
			switch {
			case key == "":
				return NoKey
			case n > 1 || m > 1:
				return Duplicate
			case n == 1 && m == 1:
				return Paired
			}
			return Single
		}
		for b, keys := range pos {
			for i, key := range keys {
				got, partner := p.Pos(Row{int32(b), int32(i)})
				if got != want(key) {
					t.Fatalf("pos %d/%d %q: %d, want %d", b, i, key, got, want(key))
				}
				if got == Paired && partner != storeRows[key][0] {
					t.Fatalf("pos %q is paired with %v, want %v", key, partner, storeRows[key][0])
				}
			}
		}
		for b, keys := range store {
			for i, key := range keys {
				if got := p.Store(Row{int32(b), int32(i)}); got != want(key) {
					t.Fatalf("store %d/%d %q: %d, want %d", b, i, key, got, want(key))
				}
			}
		}
	})
}

func pair(pos, store []*catalog.Strings) *Pairing {
	x := NewIndex()
	for _, keys := range store {
		x.AddStore(keys)
	}
	return x.Pair(pos)
}

// TestManyKeys has the table grow many times.
func TestManyKeys(t *testing.T) {
	const n = 50_000
	var pos, store [][]string
	for i := range n {
		if i%1000 == 0 {
			pos, store = append(pos, nil), append(store, nil)
		}
		last := len(pos) - 1
		pos[last] = append(pos[last], fmt.Sprint("SKU-", i))
		store[last] = append(store[last], fmt.Sprint("SKU-", (i*7919+1)%n+n/2))
	}
	p := pair(columns(pos), columns(store))
	counts := map[Outcome]int{}
	for b := range pos {
		for i, key := range pos[b] {
			outcome, partner := p.Pos(Row{int32(b), int32(i)})
			counts[outcome]++
			if outcome == Paired && store[partner.Batch][partner.I] != key {
				t.Fatalf("%s is paired with %s", key, store[partner.Batch][partner.I])
			}
		}
	}
	if counts[Paired] != n/2 || counts[Single] != n/2 {
		t.Errorf("outcomes %v", counts)
	}
}

func columns(batches [][]string) []*catalog.Strings {
	var all []*catalog.Strings
	for _, keys := range batches {
		all = append(all, column(keys))
	}
	return all
}

func rows(batches [][]string) map[string][]Row {
	byKey := map[string][]Row{}
	for b, keys := range batches {
		for i, key := range keys {
			byKey[key] = append(byKey[key], Row{int32(b), int32(i)})
		}
	}
	return byKey
}

func BenchmarkPair(b *testing.B) {
	const n = 100_000
	var pos, store []string
	for i := range n {
		pos = append(pos, fmt.Sprintf("SKU-%08d", i))
		store = append(store, fmt.Sprintf("SKU-%08d", (i*7919)%n))
	}
	left, right := []*catalog.Strings{column(pos)}, []*catalog.Strings{column(store)}
	b.ReportAllocs()
	for b.Loop() {
		pair(left, right)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/row")
}
