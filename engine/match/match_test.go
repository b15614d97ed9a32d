package match

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/chunk"
	"github.com/reconcilehq/reconcile/engine/row"
	"github.com/reconcilehq/reconcile/engine/spill"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// The two sides have their fields in another order, and each has one that the other lacks.
var schemas = [2]*catalog.Schema{
	catalog.MustSchema(catalog.Field{Name: "sku", Type: catalog.String}, catalog.Field{Name: "price", Type: catalog.Number}, catalog.Field{Name: "bin", Type: catalog.String}),
	catalog.MustSchema(catalog.Field{Name: "id", Type: catalog.List}, catalog.Field{Name: "price", Type: catalog.Number}, catalog.Field{Name: "sku", Type: catalog.String}),
}

type testItem struct {
	Key, SKU, Price, Own string // Own is the bin of a pos item, the id of a store item
	Unreadable           bool   // it has a key and Own only
}

func batchOf(t fataler, side verdict.Side, items []testItem) (*catalog.Batch, *catalog.Strings) {
	b := catalog.NewBuilder(schemas[side])
	keys := catalog.NewBuilder(catalog.MustSchema(catalog.Field{Name: "key", Type: catalog.String}))
	for _, it := range items {
		b.SetString(schemas[side].Index("sku"), it.SKU)
		if it.Price != "" {
			d, err := catalog.ParseDecimal(it.Price)
			if err != nil {
				t.Fatal(err)
			}
			b.SetNumber(1, d)
		}
		if side == verdict.Pos {
			b.SetString(2, it.Own)
		} else {
			b.SetList(0, strings.Fields(it.Own))
		}
		b.End()
		keys.SetString(0, it.Key)
		keys.End()
	}
	return b.Batch(), keys.Batch().Column(0).(*catalog.Strings)
}

// found is an entry with its items read back.
type found struct {
	Status  verdict.Status
	Side    verdict.Side
	Items   [2]testItem
	Ordinal [2]int
}

// collector is a Visitor that keeps everything.
type collector struct {
	layout  *row.Layout
	list    []found
	open    bool // Visit only the pairs that are not decided
	decided int
	visited int // of those that are decided
	needed  int // of those of which the judge said so
}

func (c *collector) Decided(outlook int32, pairs int) bool {
	c.decided += pairs
	return !c.open
}

func (c *collector) Visit(e *Entry) error {
	e.Whole()
	f := found{Status: e.Status}
	switch {
	case e.Status != verdict.Matched || e.Outlook == Undecided:
	case e.Outlook == needed:
		c.needed++
	default:
		c.visited++
	}
	if e.Status != verdict.Matched {
		f.Side = e.Side()
	}
	for _, side := range verdict.Sides {
		item := e.Item[side]
		if e.Status != verdict.Unreadable && (e.Status == verdict.Matched || side == f.Side) != (item != nil) {
			return fmt.Errorf("outcome %d of side %d has items %v", e.Status, f.Side, e.Item)
		}
		if item == nil {
			continue
		}
		codec := c.layout.Sides[side]
		if e.Unreadable[side] {
			f.Items[side] = testItem{Key: strings.Clone(codec.Key(item)), Own: string(Content(item)), Unreadable: true}
			f.Ordinal[side] = int(e.Ordinal[side])
			continue
		}
		d := codec.NewDecoder()
		d.Add(item)
		b := d.Batch()
		got := testItem{SKU: b.Value("sku", 0).Str(), Price: b.Value("price", 0).Text(), Key: strings.Clone(codec.Key(item))}
		if side == verdict.Pos {
			got.Own = b.Value("bin", 0).Str()
		} else {
			got.Own = strings.Join(b.Value("id", 0).List(), " ")
		}
		f.Items[side], f.Ordinal[side] = got, int(e.Ordinal[side])
	}
	c.list = append(c.list, f)
	return nil
}

// needed is the outlook of pairs that the judge of these tests has visited.
const needed = 2

// judgeEqual decides pairs whose twins are all equal, with the outlook 1. Of the others it decides those whose first twins are equal, and has
// them visited.
func judgeEqual(twins int) Judge {
	return func(k *verdict.Known) (int32, bool) {
		switch {
		case k.Equal == 1<<twins-1:
			return 1, false
		case k.Equal&1 != 0:
			return needed, true
		}
		return Undecided, false
	}
}

// fataler is what tests and property tests have in common.
type fataler interface{ Fatal(...any) }

// run adds the batches of both sides in the order of order, and returns all entries sorted. If open is true, decided pairs are
// not among them. It also returns the number of decided pairs.
func run(t fataler, keyed, open bool, batches [2][][]testItem, order []verdict.Side, options Options) (list []found, decided int) {
	twins := [][2]int{{0, 2}, {1, 1}}
	if keyed {
		twins = [][2]int{{1, 1}}
	}
	layout := row.NewLayout(schemas, twins, keyed)
	options.Pool = &chunk.Pool{}
	m := New(layout, options)
	judge := judgeEqual(len(twins))
	feeders := [2]*Feeder{m.Feeder(verdict.Pos), m.Feeder(verdict.Store)}
	for _, side := range order {
		for rest := batches[side][0]; len(rest) > 0; {
			n := slices.IndexFunc(rest, func(it testItem) bool { return it.Unreadable })
			if n == 0 {
				if err := feeders[side].AddUnreadable(context.Background(), rest[0].Key, []byte(rest[0].Own)); err != nil {
					t.Fatal(err)
				}
				rest = rest[1:]
				continue
			}
			if n < 0 {
				n = len(rest)
			}
			b, keys := batchOf(t, side, rest[:n])
			if err := feeders[side].Add(context.Background(), b, keys, nil); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		batches[side] = batches[side][1:]
	}
	collectors := [2]*collector{{layout: layout, open: open}, {layout: layout, open: open}}
	err := m.Finish(context.Background(), []Worker{{collectors[0], judge}, {collectors[1], judge}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range collectors {
		if want := c.decided; !open && c.visited != want || open && c.visited != 0 {
			t.Fatal(fmt.Sprintf("%d decided pairs were visited of %d", c.visited, want))
		}
		decided += c.decided
	}
	list = append(collectors[0].list, collectors[1].list...)
	unlike := 0
	for _, f := range list {
		if a, b := f.Items[verdict.Pos], f.Items[verdict.Store]; f.Status == verdict.Matched && !keyed && a.SKU == b.SKU && a.Price != b.Price {
			unlike++
		}
	}
	if got := collectors[0].needed + collectors[1].needed; got != unlike {
		t.Fatal(fmt.Sprintf("%d pairs with an outlook were visited since they are needed, want %d", got, unlike))
	}
	sortFound(list)
	return list, decided
}

func sortFound(list []found) {
	slices.SortFunc(list, func(a, b found) int {
		text := func(f found) string {
			return fmt.Sprintf("%d %08d %08d %v", f.Side, f.Ordinal[0], f.Ordinal[1], f.Items)
		}
		return strings.Compare(text(a), text(b))
	})
}

// plainJoin is the plainest join there is: a list of the items of each key on each side.
func plainJoin(batches [2][][]testItem) []found {
	byKey := [2]map[string][]int{{}, {}}
	var items [2][]testItem
	var ordinals [2][]int // of those that can be read; of others, how many came before
	for side := range batches {
		next := 0
		for _, b := range batches[side] {
			for _, it := range b {
				ordinals[side] = append(ordinals[side], next)
				if !it.Unreadable {
					next++
				}
				byKey[side][it.Key] = append(byKey[side][it.Key], len(items[side]))
				items[side] = append(items[side], it)
			}
		}
	}
	var list []found
	for _, side := range verdict.Sides {
		for at, it := range items[side] {
			f := found{Side: side}
			f.Items[side], f.Ordinal[side] = it, ordinals[side][at]
			n, across := len(byKey[side][it.Key]), byKey[side.Other()][it.Key]
			switch {
			case catalog.Blank(it.Key):
				f.Status = verdict.NoKey
			case n > 1 || len(across) > 1:
				f.Status = verdict.Duplicate
			case len(across) == 0 && it.Unreadable:
				f.Status = verdict.Unreadable
			case len(across) == 0:
				f.Status = side.Only()
			case side == verdict.Store:
				continue // the pos side has the pair
			default:
				other := items[verdict.Store][across[0]]
				if f.Status = verdict.Matched; it.Unreadable || other.Unreadable {
					f.Status = verdict.Unreadable
				}
				f.Items[verdict.Store], f.Ordinal[verdict.Store] = other, ordinals[verdict.Store][across[0]]
			}
			list = append(list, f)
		}
	}
	sortFound(list)
	return list
}

// TestAgainstPlainJoin pairs items with few keys in all orders, in memory and with parts moved to disk at any time.
func TestAgainstPlainJoin(t *testing.T) {
	root := filepath.Join(t.TempDir(), "runs")
	rapid.Check(t, func(t *rapid.T) {
		keyed := rapid.Bool().Draw(t, "keyed")
		items := rapid.Custom(func(t *rapid.T) testItem {
			it := testItem{
				SKU:   rapid.SampledFrom([]string{"", "A", "B", "a", "A ", " ", "\u00a0\t", "\u200b", "AB", "Ä", "0", "00", strings.Repeat("long", 50)}).Draw(t, "sku"),
				Price: rapid.SampledFrom([]string{"", "1", "10.5", "-3", "123456789012345678901234567890.5"}).Draw(t, "price"),
				Own:   rapid.SampledFrom([]string{"", "x", "x y", strings.Repeat("z", 200)}).Draw(t, "own"),
			}
			if it.Key = it.SKU; keyed {
				it.Key = strings.ToUpper(strings.TrimSpace(it.SKU))
			}
			if !catalog.Blank(it.Key) && rapid.IntRange(0, 3).Draw(t, "unreadable") == 0 {
				it = testItem{Key: it.Key, Own: it.Own, Unreadable: true}
			}
			return it
		})
		var batches [2][][]testItem
		var order []verdict.Side
		for _, side := range verdict.Sides {
			batches[side] = rapid.SliceOfN(rapid.SliceOfN(items, 0, 6), 0, 4).Draw(t, "batches")
			for range batches[side] {
				order = append(order, side)
			}
		}
		order = rapid.Permutation(order).Draw(t, "order")
		want := plainJoin(batches)
		var options Options
		if memory := rapid.SampledFrom([]int64{0, 1, 12_000}).Draw(t, "memory"); memory > 0 {
			folder, err := spill.Open(root)
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := folder.Close(); err != nil {
					t.Fatal(err)
				}
			}()
			options = Options{Memory: memory, Folder: func() (*spill.Folder, error) { return folder, nil }}
		}
		alike := 0
		open := rapid.Bool().Draw(t, "open")
		want = slices.DeleteFunc(want, func(f found) bool {
			a, b := f.Items[verdict.Pos], f.Items[verdict.Store]
			if f.Status != verdict.Matched || a.Price != b.Price || !keyed && a.SKU != b.SKU {
				return false
			}
			alike++
			return open
		})
		got, decided := run(t, keyed, open, batches, order, options)
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("(-plain +match)\n%s", diff)
		}
		if decided != alike {
			t.Fatalf("%d pairs are decided, want %d", decided, alike)
		}
	})
}

// TestManyKeys adds so many keys that tables grow and parts are divided more than once, both sides at the same time.
func TestManyKeys(t *testing.T) {
	const n = 30_000
	for _, memory := range []int64{0, 100 << 10, 1 << 20} {
		t.Run(fmt.Sprint(memory), func(t *testing.T) {
			folder, err := spill.Open(filepath.Join(t.TempDir(), "runs"))
			if err != nil {
				t.Fatal(err)
			}
			opened := false
			var once sync.Mutex
			layout := row.NewLayout(schemas, [][2]int{{0, 2}, {1, 1}}, false)
			m := New(layout, Options{Memory: memory, Pool: &chunk.Pool{}, Folder: func() (*spill.Folder, error) {
				once.Lock()
				opened = true
				once.Unlock()
				return folder, nil
			}})
			var feeding sync.WaitGroup
			for _, side := range verdict.Sides {
				feeding.Go(func() {
					f := m.Feeder(side)
					for from := 0; from < n; from += 1000 {
						var items []testItem
						for i := from; i < from+1000; i++ {
							at := i
							if side == verdict.Store {
								at = (i*7919+1)%n + n/2
							}
							key := fmt.Sprint("SKU-", at)
							items = append(items, testItem{key, key, fmt.Sprint(at % 100), "own", false})
						}
						b, keys := batchOf(t, side, items)
						if err := f.Add(context.Background(), b, keys, nil); err != nil {
							t.Error(err)
						}
					}
				})
			}
			feeding.Wait()
			collectors := [2]*collector{{layout: layout}, {layout: layout}}
			if err := m.Finish(context.Background(), []Worker{{collectors[0], judgeEqual(2)}, {collectors[1], judgeEqual(2)}}); err != nil {
				t.Fatal(err)
			}
			counts := map[verdict.Status]int{}
			for _, f := range append(collectors[0].list, collectors[1].list...) {
				counts[f.Status]++
				if f.Status == verdict.Matched && f.Items[verdict.Pos].Key != f.Items[verdict.Store].Key {
					t.Fatalf("%v is paired with %v", f.Items[verdict.Pos], f.Items[verdict.Store])
				}
			}
			if counts[verdict.Matched] != n/2 || counts[verdict.PosOnly]+counts[verdict.StoreOnly] != n {
				t.Errorf("outcomes %v", counts)
			}
			if opened != (memory > 0) {
				t.Errorf("a folder was opened: %v", opened)
			}
			if err := folder.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestOneKeyManyTimes checks that a key with very many items, all on disk, does not fill memory.
func TestOneKeyManyTimes(t *testing.T) {
	folder, err := spill.Open(filepath.Join(t.TempDir(), "runs"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = folder.Close() }()
	var items []testItem
	for range 2000 {
		items = append(items, testItem{"A", "A", "1", strings.Repeat("x", 100), false})
	}
	got, _ := run(t, false, false, [2][][]testItem{{items}, {items[:1]}}, []verdict.Side{verdict.Pos, verdict.Store}, Options{Memory: 1000, Folder: func() (*spill.Folder, error) { return folder, nil }})
	if len(got) != 2001 {
		t.Fatalf("%d entries", len(got))
	}
	for _, f := range got {
		if f.Status != verdict.Duplicate {
			t.Fatalf("outcome %d", f.Status)
		}
	}
}

func BenchmarkMatch(b *testing.B) {
	const n, batch = 100_000, 5000
	var batches [2][]*catalog.Batch
	for _, side := range verdict.Sides {
		for from := 0; from < n; from += batch {
			var items []testItem
			for i := from; i < from+batch; i++ {
				at := i
				if side == verdict.Store {
					at = i * 7919 % n
				}
				key := fmt.Sprintf("SKU-%08d", at)
				items = append(items, testItem{key, key, fmt.Sprint(at % 1000), "", false})
			}
			got, _ := batchOf(b, side, items)
			batches[side] = append(batches[side], got)
		}
	}
	layout := row.NewLayout(schemas, [][2]int{{0, 2}, {1, 1}}, false)
	b.ReportAllocs()
	for b.Loop() {
		m := New(layout, Options{Pool: &chunk.Pool{}})
		for _, side := range verdict.Sides {
			f := m.Feeder(side)
			for _, batch := range batches[side] {
				if err := f.Add(b.Context(), batch, batch.Column(schemas[side].Index("sku")).(*catalog.Strings), nil); err != nil {
					b.Fatal(err)
				}
			}
		}
		c := &collector{layout: layout, open: true}
		if err := m.Finish(b.Context(), []Worker{{c, func(*verdict.Known) (int32, bool) { return 0, false }}}); err != nil || c.decided != n {
			b.Fatal(c.decided, err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/pair")
}
