package engine

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/near"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules"
)

// siftingSource leaves out what it can, as the SDK has connectors do.
type siftingSource struct {
	*memorySource
	handed *int // items that were handed on
}

func (s siftingSource) Find(ctx context.Context, asked *catalog.Schema, looks []string, w ReadWatcher, sink func(*catalog.Batch) error) (Read, error) {
	if len(looks) == 0 {
		return s.Read(ctx, asked, w, sink)
	}
	sieve := catalog.NewSieve(looks)
	return s.Read(ctx, asked, w, func(b *catalog.Batch) error {
		rows := sieve.Rows(nil, b)
		*s.handed += len(rows)
		if len(rows) == 0 {
			return nil
		}
		return sink(b.Take(rows))
	})
}

// fetchingSource is asked for single items. It hands on those that have one of the SKUs, and sometimes one that nobody asked for.
type fetchingSource struct {
	siftingSource
	fetched *int
}

func (fetchingSource) CanFetch(context.Context) bool { return true }

func (s fetchingSource) Fetch(ctx context.Context, asked *catalog.Schema, skus []string, w ReadWatcher, sink func(*catalog.Batch) error) (Read, error) {
	*s.fetched++
	items := 0
	_, err := s.Read(ctx, asked, fetchedOnly{w, skus}, func(b *catalog.Batch) error {
		var rows []int
		for i := range b.Len() {
			if sku := b.Column(asked.Index("sku")).Value(i).Str(); slices.Contains(skus, sku) || sku == "B" {
				rows = append(rows, i)
			}
		}
		if items += len(rows); len(rows) == 0 {
			return nil
		}
		return sink(b.Take(rows))
	})
	return Read{Items: int64(items)}, err
}

// fetchedOnly tells of those items that could not be read that have one of the SKUs.
type fetchedOnly struct {
	ReadWatcher
	skus []string
}

func (w fetchedOnly) Unreadable(items []catalog.Unreadable) error {
	return w.ReadWatcher.Unreadable(slices.DeleteFunc(slices.Clone(items), func(it catalog.Unreadable) bool { return !slices.Contains(w.skus, it.SKU) }))
}

// findSKUs are near one another in all the ways that there are.
var findSKUs = []string{"A-1", "a-1", "A1", " A-1", "0A1", "A-1-X", "A\u20111", "B", "b", "MAR4", "4-Mar", "mar4", "00", "0", "-", "", " ", "\u00a0", "XA-1"}

func drawFindSource(t *rapid.T, label string) *memorySource {
	s := &memorySource{}
	for range rapid.IntRange(0, 3).Draw(t, label) {
		b := catalog.NewBuilder(testSchema)
		for range rapid.IntRange(0, 4).Draw(t, "items") {
			b.SetString(0, rapid.SampledFrom([]string{"Bell", "Bell A-1", "1"}).Draw(t, "name"))
			b.SetString(1, rapid.SampledFrom(findSKUs).Draw(t, "sku"))
			for f := 2; f < 4; f++ {
				if n := rapid.IntRange(-1, 4).Draw(t, "number"); n < 4 {
					b.SetNumber(f, catalog.Int(int64(n)))
				}
			}
			b.SetString(4, rapid.SampledFrom([]string{"", "", "", "A-1", "b", "MAR4", "0"}).Draw(t, "parent"))
			b.End()
		}
		s.batches = append(s.batches, b.Batch())
	}
	for range len(s.batches) + 1 {
		s.unread = append(s.unread, rapid.SliceOfN(rapid.Custom(func(t *rapid.T) catalog.Unreadable {
			return catalog.Unreadable{SKU: rapid.SampledFrom([]string{"A-1", "a-1", "B", "Z"}).Draw(t, "sku"), Reason: "line 1"}
		}), 0, 1).Draw(t, "unreadable"))
	}
	return s
}

// findKeys are keys that are like the SKU, keys that are not, and one that the SKU does not tell.
var findKeys = []string{"", "key = upper(trimspace(item.sku))", `key = regexreplace("[\\p{Pd}_]+", item.sku, "")`, `key = regexreplace("^0+([^\\pC\\pZ])", upper(item.sku), "$1")`,
	`key = trimprefix(item.sku, "X")`, `key = "${item.sku}/${item.name}"`}

// foundLine says all that is to be the same of an item, however it was found.
func foundLine(program *rules.Program, it *report.Item) string {
	line := fmt.Sprintf("%s parent %v", it.Status, it.Parent)
	for _, side := range verdict.Sides {
		if u := it.Unreadable[side]; u != nil {
			line += fmt.Sprintf(" %s not read %q: %s", side, u.SKU, u.Reason)
		}
		if row := it.Row(side); row.Has() {
			for _, f := range row.Batch.Schema().Fields() {
				line += fmt.Sprintf(" %s.%s %q", side, f.Name, row.Value(f.Name).Text())
			}
		}
	}
	if it.Outcome == nil {
		return line
	}
	for i, cell := range it.Outcome.Cells {
		line += fmt.Sprintf(" %s%c", program.Rules[i].Code, byte(cell))
		if in := it.Outcome.Intents[i]; in != nil {
			line += in.Name
		}
	}
	if in := it.Intended(); in != nil {
		line += " meant by " + in.Name
	}
	return line
}

func keyOfItem(program *rules.Program, it *report.Item) string {
	if row := it.Row(it.Side()); row.Has() {
		return program.Keys(it.Side(), row.Batch).At(row.I)
	}
	keys, _ := program.KeysOf(it.Side(), []string{it.SKU()})
	return keys.At(0)
}

// itemsOf returns the items that have a SKU or key, and those of its keys; alone are the keys of those that are on one side alone.
func itemsOf(program *rules.Program, all []*report.Item, sku string) (lines, alone []string) {
	keys := map[string]bool{sku: true}
	has := func(it *report.Item) bool {
		pos, inPos := it.SKUOn(verdict.Pos)
		store, inStore := it.SKUOn(verdict.Store)
		return inPos && pos == sku || inStore && store == sku
	}
	for _, it := range all {
		if has(it) {
			keys[keyOfItem(program, it)] = true
		}
	}
	delete(keys, "")
	for _, it := range all {
		if key := keyOfItem(program, it); has(it) || keys[key] {
			lines = append(lines, foundLine(program, it))
			if (it.Status == verdict.PosOnly || it.Status == verdict.StoreOnly) && !it.Parent {
				alone = append(alone, key)
			}
		}
	}
	return lines, alone
}

// alikeOf returns the items that one with a key is said to look like.
func alikeOf(program *rules.Program, all []*report.Item, key string) (lines []string) {
	for _, it := range all {
		other := keyOfItem(program, it)
		if _, near1 := near.Between(key, other); other != "" && other != key && (near1 || near.Rewritten(key, other)) {
			lines = append(lines, foundLine(program, it))
		}
	}
	return lines
}

// TestFindIsRun holds what Find says of each SKU against what the whole run says of it: of the items themselves, and of those that one
// on one side alone is said to look like.
func TestFindIsRun(t *testing.T) {
	programs := map[string]*rules.Program{}
	for _, key := range findKeys {
		programs[key] = testProgram(t, key)
	}
	tempDir(t)
	rapid.Check(t, func(t *rapid.T) {
		program := programs[rapid.SampledFrom(findKeys).Draw(t, "key")]
		pos, store := drawFindSource(t, "pos"), drawFindSource(t, "store")
		var handed [2]int
		job := func() Job {
			return Job{Program: program, All: true, Pos: Side{Source: siftingSource{pos, &handed[0]}, Watch: nobody{}}, Store: Side{Source: store, Watch: nobody{}}}
		}
		finding := job()
		fetches := [2]bool{rapid.Bool().Draw(t, "pos can fetch"), rapid.Bool().Draw(t, "store can fetch")}
		if fetches[0] {
			finding.Pos.Source = fetchingSource{siftingSource{pos, new(int)}, new(int)}
		}
		if fetches[1] {
			finding.Store.Source = fetchingSource{siftingSource{store, new(int)}, new(int)}
		}
		whole, err := Run(t.Context(), job())
		if err != nil {
			t.Fatal(err)
		}
		defer whole.Close()
		all, err := whole.List()
		if err != nil {
			t.Fatal(err)
		}
		sku := rapid.SampledFrom(append([]string{"absent", "A-1/Bell", "MAR-4"}, findSKUs...)).Draw(t, "sku")
		result, err := Find(t.Context(), finding, []string{sku}, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer result.Close()
		found, err := result.List()
		if err != nil {
			t.Fatal(err)
		}
		want, alone := itemsOf(program, all, sku)
		got, gotAlone := itemsOf(program, found, sku)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%q: the run says -, Find says +:\n%s", sku, diff)
		}
		if diff := cmp.Diff(alone, gotAlone); diff != "" {
			t.Fatal(diff)
		}
		for _, key := range alone {
			if diff := cmp.Diff(alikeOf(program, all, key), alikeOf(program, found, key)); diff != "" {
				t.Fatalf("what %q (key %q) looks like, the run says -, Find says +:\n%s", sku, key, diff)
			}
		}
		if fetches == [2]bool{} && (result.Pos.Items != whole.Pos.Items || result.Store.Items != whole.Store.Items) {
			t.Errorf("Find read %d and %d items, the run %d and %d", result.Pos.Items, result.Store.Items, whole.Pos.Items, whole.Store.Items)
		}
	})
}

// nobody is told of nothing.
type nobody struct{}

func (nobody) Progress(int64, int64, string) {}
func (nobody) Waiting(time.Time, string)     {}
func (nobody) Warning(string)                {}
func (nobody) Notice(string)                 {}

// TestFindParent: an item on one side alone is a parent where a variant of it is on both sides, which is known only when the items
// are read that the variants' rows on the other side belong to.
func TestFindParent(t *testing.T) {
	tempDir(t)
	source := func(rows ...[2]string) siftingSource {
		b := catalog.NewBuilder(testSchema)
		for _, row := range rows {
			b.SetString(1, row[0])
			b.SetString(4, row[1])
			b.End()
		}
		return siftingSource{&memorySource{batches: []*catalog.Batch{b.Batch()}}, new(int)}
	}
	for _, c := range []struct {
		why   string
		pos   [][2]string
		store [][2]string
		want  bool
	}{
		{"the variant is on both sides", [][2]string{{"P", ""}, {"V", "P"}}, [][2]string{{"V", ""}}, true},
		{"the other side names the parent", [][2]string{{"P", ""}, {"V", ""}}, [][2]string{{"V", "P"}}, true},
		{"the parent is named in lower case", [][2]string{{"P", ""}, {"V", " p"}}, [][2]string{{"V", ""}}, true},
		{"the variant is on one side, too", [][2]string{{"P", ""}, {"V", "P"}}, [][2]string{{"W", ""}}, false},
		{"the variant is there twice", [][2]string{{"P", ""}, {"V", "P"}, {"v", ""}}, [][2]string{{"V", ""}}, false},
	} {
		result, err := Find(t.Context(), Job{Program: testProgram(t, "key = upper(trimspace(item.sku))"), Pos: Side{Source: source(c.pos...), Watch: nobody{}},
			Store: Side{Source: source(c.store...), Watch: nobody{}}}, []string{"P"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		items, err := result.List()
		if err != nil || len(items) == 0 || items[0].SKU() != "P" || items[0].Status != verdict.PosOnly || items[0].Parent != c.want {
			t.Errorf("%s: %+v, %v", c.why, items, err)
		}
		if err := result.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestFindFetches says when a source is asked for single items, and when it is read to its end nevertheless.
func TestFindFetches(t *testing.T) {
	tempDir(t)
	source := func(skus ...string) *memorySource {
		b := catalog.NewBuilder(testSchema)
		for _, sku := range skus {
			b.SetString(1, sku)
			b.End()
		}
		return &memorySource{batches: []*catalog.Batch{b.Batch()}}
	}
	for _, c := range []struct {
		why, key, sku string
		fetches       int
		items         int64 // of the store, that were read at last
		status        verdict.Status
	}{
		{"a pair", "", "A", 1, 1, verdict.Matched},
		{"on the other side alone", "", "P", 1, 5, verdict.PosOnly},
		{"on this side alone", "", "S", 1, 5, verdict.StoreOnly},
		{"there twice", "", "D", 1, 5, verdict.Duplicate},
		{"nowhere", "", "X", 1, 5, verdict.Matched},
		{"the key is not the SKU", "key = upper(item.sku)", "A", 0, 5, verdict.Matched},
		{"not ASCII", "", "É", 0, 5, verdict.Matched},
	} {
		fetches := 0
		store := fetchingSource{siftingSource{source("A", "S", "D", "D", "É"), new(int)}, &fetches}
		result, err := Find(t.Context(), Job{Program: testProgram(t, c.key), Pos: Side{Source: source("A", "P", "D", "É"), Watch: nobody{}},
			Store: Side{Source: store, Watch: nobody{}}}, []string{c.sku}, nil)
		if err != nil {
			t.Fatal(err)
		}
		items, err := result.List()
		if err != nil || fetches != c.fetches || result.Store.Items != c.items {
			t.Errorf("%s: fetched %d times, %d items were read, %v", c.why, fetches, result.Store.Items, err)
		}
		for _, it := range items {
			if it.SKU() == c.sku && it.Status != c.status {
				t.Errorf("%s: it is %s", c.why, it.Status)
			}
		}
		if err := result.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestEachKey has all SKUs of both sides handed on, in their order.
func TestEachKey(t *testing.T) {
	program := testProgram(t, `key = "${item.sku}/${item.name}"`)
	source := func(skus ...string) *memorySource {
		b := catalog.NewBuilder(testSchema)
		for _, sku := range skus {
			b.SetString(0, "Bell")
			b.SetString(1, sku)
			b.End()
		}
		return &memorySource{batches: []*catalog.Batch{b.Batch()}, unread: [][]catalog.Unreadable{{{SKU: "bad", Reason: "."}}}}
	}
	var mu sync.Mutex
	var got [2][]string
	_, err := EachKey(t.Context(), Job{Program: program, Pos: Side{Source: source("A", "B"), Watch: nobody{}}, Store: Side{Source: source("", "C"), Watch: nobody{}}},
		func(side verdict.Side, sku, key string) {
			mu.Lock()
			defer mu.Unlock()
			got[side] = append(got[side], sku+" "+key)
		})
	if err != nil {
		t.Fatal(err)
	}
	want := [2][]string{{"bad ", "A A/Bell", "B B/Bell"}, {"bad ", " /Bell", "C C/Bell"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestFindKeepsFew has a source leave out by itself what is not looked for.
func TestFindKeepsFew(t *testing.T) {
	tempDir(t)
	b := catalog.NewBuilder(testSchema)
	for i := range 1000 {
		b.SetString(1, fmt.Sprintf("SKU-%03d", i))
		b.End()
	}
	source := &memorySource{batches: []*catalog.Batch{b.Batch()}}
	var handed [2]int
	result, err := Find(t.Context(), Job{Program: testProgram(t, "key = upper(trimspace(item.sku))"), Pos: Side{Source: siftingSource{source, &handed[0]}, Watch: nobody{}},
		Store: Side{Source: siftingSource{source, &handed[1]}, Watch: nobody{}}}, []string{"sku-007"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer result.Close()
	if handed != [2]int{1, 1} {
		t.Errorf("%d items were handed on", handed)
	}
	items, err := result.List()
	if err != nil || len(items) != 1 || items[0].Status != verdict.Matched || !slices.Equal(items[0].Outcome.Cells[:1], []verdict.Cell{verdict.Synchronized}) {
		t.Errorf("%v, %v", items, err)
	}
}
