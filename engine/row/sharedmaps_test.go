package row

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// TestSharedMaps lays more maps out than items can refer to, on both sides at once: a map has the same bytes on both sides, and
// comes back as it was.
func TestSharedMaps(t *testing.T) {
	schema := catalog.MustSchema(catalog.Field{Name: "sku", Type: catalog.String}, catalog.Field{Name: "options", Type: catalog.Map})
	const n = maxShared + 5000
	entries := func(i int) []catalog.Entry {
		switch {
		case i%1000 == 0:
			return nil
		case i%100 == 0:
			return []catalog.Entry{{Key: "Note", Value: strings.Repeat("long", 100) + fmt.Sprint(i)}}
		case i%3 == 0:
			return []catalog.Entry{{Key: "Color", Value: "Red"}, {Key: "Size", Value: fmt.Sprint(i % 30)}}
		}
		return []catalog.Entry{{Key: "Color", Value: "Red"}, {Key: "Size", Value: fmt.Sprint(i)}}
	}
	batchOf := func(indexed bool, order func(i int) int) *catalog.Batch {
		builder, maps := catalog.NewBuilder(schema), make([]int32, n)
		for at := range n {
			i := order(at)
			builder.SetString(0, "SKU")
			builder.SetMap(1, entries(i))
			builder.End()
			maps[at] = int32(at)
		}
		batch := builder.Batch()
		if !indexed {
			return batch
		}
		return catalog.NewBatch(schema, n, []catalog.Column{batch.Column(0), catalog.NewIndexedMaps(maps, batch.Column(1).(*catalog.Maps))})
	}
	layout := NewLayout([2]*catalog.Schema{schema, schema}, [][2]int{{0, 0}, {1, 1}}, false)
	orders := [2]func(int) int{func(at int) int { return at }, func(at int) int { return n - 1 - at }}
	var items [2]Items
	var both sync.WaitGroup
	for side := range 2 {
		both.Go(func() {
			batch := batchOf(side == 1, orders[side])
			layout.Sides[side].NewEncoder(batch, batch.Column(0).(*catalog.Strings)).Encode(&items[side], 0, n)
		})
	}
	both.Wait()
	decoder := layout.Sides[0].NewDecoder()
	referring := 0
	for at := range n {
		a, b := items[0].Item(at), items[1].Item(n-1-at)
		if !bytes.Equal(a, b) {
			t.Fatalf("%v has the bytes %q on one side, %q on the other", entries(at), a, b)
		}
		if equal, _, _ := layout.Compare(a, b); equal != layout.AllEqual() {
			t.Fatalf("the twins of %v are %b", entries(at), equal)
		}
		if len(a) < 8 {
			referring++
		}
		decoder.Add(a)
		if at%700 != 699 && at != n-1 {
			continue
		}
		from, got := at-decoder.Len()+1, decoder.Batch()
		for i := range got.Len() {
			if want := catalog.MapValue(entries(from + i)); !got.Value("options", i).Equal(want) {
				t.Fatalf("%s came back as %s", want.Text(), got.Value("options", i).Text())
			}
		}
	}
	if referring < n/2 || len(layout.Sides[0].sharedMaps.list) > maxShared {
		t.Errorf("%d items of %d refer to one of %d maps", referring, n, len(layout.Sides[0].sharedMaps.list))
	}
}
