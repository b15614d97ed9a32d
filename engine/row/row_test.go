package row

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

var (
	left = catalog.MustSchema(
		catalog.Field{Name: "text", Type: catalog.String}, catalog.Field{Name: "number", Type: catalog.Number}, catalog.Field{Name: "flag", Type: catalog.Bool},
		catalog.Field{Name: "list", Type: catalog.List}, catalog.Field{Name: "map", Type: catalog.Map}, catalog.Field{Name: "own", Type: catalog.Number})
	right = catalog.MustSchema(
		catalog.Field{Name: "own", Type: catalog.Map}, catalog.Field{Name: "map", Type: catalog.Map}, catalog.Field{Name: "list", Type: catalog.List},
		catalog.Field{Name: "flag", Type: catalog.Bool}, catalog.Field{Name: "number", Type: catalog.Number}, catalog.Field{Name: "text", Type: catalog.String})
	twins = [][2]int{{0, 5}, {1, 4}, {2, 3}, {3, 2}, {4, 1}}
)

func draw(t *rapid.T, typ catalog.Type) catalog.Value {
	text := rapid.OneOf(rapid.SampledFrom([]string{"", "a", "b"}), rapid.String(), rapid.Just(strings.Repeat("x", 300)))
	switch typ {
	case catalog.String:
		return catalog.StringValue(text.Draw(t, "text"))
	case catalog.Number:
		number := rapid.OneOf(rapid.SampledFrom([]string{"", "0", "1", "1.0", "1.00", "-1", "100", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "0." + strings.Repeat("0", 300) + "1",
			"12345678901234567890123456789012345678.901"}), rapid.Map(rapid.Int64(), func(n int64) string { return fmt.Sprintf("%de-2", n) })).Draw(t, "number")
		if number == "" {
			return catalog.NullValue(typ)
		}
		d, err := catalog.ParseDecimal(number)
		if err != nil {
			t.Fatal(err)
		}
		return catalog.NumberValue(d)
	case catalog.Bool:
		if n := rapid.IntRange(0, 2).Draw(t, "flag"); n < 2 {
			return catalog.BoolValue(n == 1)
		}
		return catalog.NullValue(typ)
	case catalog.List:
		return catalog.ListValue(rapid.SliceOfN(text, 0, 3).Draw(t, "list"))
	}
	var entries []catalog.Entry
	for _, key := range rapid.SliceOfN(text, 0, 3).Draw(t, "keys") {
		entries = append(entries, catalog.Entry{Key: key, Value: text.Draw(t, "value")})
	}
	return catalog.MapValue(entries)
}

// batch makes a batch; values repeat often, and its maps may refer to a few.
func batch(t *rapid.T, schema *catalog.Schema, n int) (*catalog.Batch, [][]catalog.Value) {
	b := catalog.NewBuilder(schema)
	var rows [][]catalog.Value
	for range n {
		var row []catalog.Value
		for f, field := range schema.Fields() {
			v := draw(t, field.Type)
			row = append(row, v)
			if err := b.Set(f, v); err != nil {
				t.Fatal(err)
			}
		}
		b.End()
		rows = append(rows, row)
	}
	made := b.Batch()
	columns := make([]catalog.Column, schema.Len())
	for f := range columns {
		columns[f] = made.Column(f)
		if maps, ok := columns[f].(*catalog.Maps); ok && n > 0 && rapid.Bool().Draw(t, "indexed") {
			index := make([]int32, n)
			for i := range index {
				index[i] = int32(rapid.IntRange(0, n-1).Draw(t, "index"))
			}
			columns[f] = catalog.NewIndexedMaps(index, maps)
			for i, at := range index {
				rows[i][f] = maps.Value(int(at))
			}
		}
	}
	return catalog.NewBatch(schema, n, columns), rows
}

func keysOf(t *rapid.T, n int) *catalog.Strings {
	b := catalog.NewBuilder(catalog.MustSchema(catalog.Field{Name: "key", Type: catalog.String}))
	for range n {
		b.SetString(0, rapid.SampledFrom([]string{"", "k", "key"}).Draw(t, "key"))
		b.End()
	}
	return b.Batch().Column(0).(*catalog.Strings)
}

// TestThereAndBack lays items out and reads them back, whole and from what a twin lacks.
func TestThereAndBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		keyed := rapid.Bool().Draw(t, "keyed")
		layout := NewLayout([2]*catalog.Schema{left, right}, twins, keyed)
		n := rapid.IntRange(1, 3).Draw(t, "items")
		var items [2]Items
		var rows [2][][]catalog.Value
		keys := keysOf(t, n)
		for side, schema := range []*catalog.Schema{left, right} {
			var b *catalog.Batch
			b, rows[side] = batch(t, schema, n)
			columnKeys := keys
			if !keyed {
				columnKeys = b.Column(schema.Index("text")).(*catalog.Strings)
			}
			layout.Sides[side].NewEncoder(b, columnKeys).Encode(&items[side], 0, n)
			for i := range n {
				item, span := items[side].Item(i), items[side].Spans[i]
				check(t, layout.Sides[side], item, rows[side][i])
				if got := layout.Sides[side].Key(item); got != columnKeys.At(i) {
					t.Fatalf("key %q, want %q", got, columnKeys.At(i))
				}
				key, ends, nulls := layout.Sides[side].Measure(item)
				if want := (Span{span.From, span.From + key, span.From + ends, span.To, nulls}); span != want {
					t.Fatalf("span %v, measured %v", span, want)
				}
			}
		}
		for i := range n {
			a, b := items[0].Item(i), items[1].Item(i)
			equal, nulls, differ := layout.Compare(a, b)
			for at, twin := range twins {
				x, y := rows[0][i][twin[0]], rows[1][i][twin[1]]
				if got := equal>>at&1 != 0; got != x.Equal(y) {
					t.Fatalf("twin %d: %v and %v are equal: %v", at, x, y, got)
				}
				if got := differ>>at&1 != 0; got != (!x.Equal(y) && !x.IsNull() && !y.IsNull()) {
					t.Fatalf("twin %d: %v and %v differ: %v", at, x, y, got)
				}
				if got := nulls>>at&1 != 0; got != (x.IsNull() && y.IsNull()) {
					t.Fatalf("twin %d: %v and %v are null: %v", at, x, y, got)
				}
			}
			rest := layout.Sides[1].AppendRest(nil, b, equal)
			back := layout.Sides[1].Restore(nil, rest, a)
			if string(back) != string(b) {
				t.Fatalf("restored %q, want %q", back, b)
			}
			views := [2]*View{layout.Sides[0].NewView(), layout.Sides[1].NewView()}
			for how, look := range []func(){
				func() { LookAtPair(views, a, b) },
				func() { LookAtRest(views, 0, a, rest) },
				func() { LookAtRest(views, 1, b, layout.Sides[0].AppendRest(nil, a, equal)) },
			} {
				look()
				for side, v := range views {
					if v.Same() != equal || string(v.Item()) != string(items[side].Item(i)) {
						t.Fatalf("look %d at side %d: %b are the same, want %b, of %q", how, side, v.Same(), equal, v.Item())
					}
					for f := range rows[side][i] {
						if got := valueOf(v, f); !got.Equal(rows[side][i][f]) {
							t.Fatalf("look %d at side %d: field %d is %q, want %q", how, side, f, got.Text(), rows[side][i][f].Text())
						}
					}
				}
			}
		}
	})
}

func check(t *rapid.T, c *Codec, item []byte, want []catalog.Value) {
	view := c.NewView()
	view.Look(item)
	for f, v := range want {
		if got := valueOf(view, f); !got.Equal(v) {
			t.Fatalf("field %d is viewed as %q, want %q", f, got.Text(), v.Text())
		}
	}
	d := c.NewDecoder()
	d.Add(item)
	got := d.Batch()
	for f, v := range want {
		if !got.Column(f).Value(0).Equal(v) {
			t.Fatalf("field %d: %s", f, cmp.Diff(v.Text(), got.Column(f).Value(0).Text()))
		}
	}
}

// valueOf returns the value of a field that a view is on.
func valueOf(v *View, column int) catalog.Value {
	field := v.Field(column)
	switch typ := v.Schema().Field(column).Type; typ {
	case catalog.String:
		return catalog.StringValue(Text(field))
	case catalog.Number:
		if d, ok := Number(field); ok {
			return catalog.NumberValue(d)
		}
		return catalog.NullValue(typ)
	case catalog.Bool:
		if truth, known := Bool(field); known {
			return catalog.BoolValue(truth)
		}
		return catalog.NullValue(typ)
	case catalog.List:
		return catalog.ListValue(AppendTexts(nil, field))
	}
	return catalog.MapValue(v.AppendEntries(nil, field))
}

func BenchmarkEncode(b *testing.B) {
	schema := catalog.MustSchema(catalog.Field{Name: "sku", Type: catalog.String}, catalog.Field{Name: "name", Type: catalog.String}, catalog.Field{Name: "price", Type: catalog.Number}, catalog.Field{Name: "options", Type: catalog.Map})
	builder := catalog.NewBuilder(schema)
	const n = 4096
	for i := range n {
		builder.SetString(0, fmt.Sprintf("SKU-%08d", i))
		builder.SetString(1, fmt.Sprintf("Classic Helmet %d", i))
		builder.SetNumber(2, catalog.NewDecimal(int64(i), 2))
		builder.SetMap(3, []catalog.Entry{{Key: "Color", Value: "Red"}, {Key: "Size", Value: "XL"}})
		builder.End()
	}
	plain := builder.Batch()
	for i := range 8 {
		builder.SetMap(3, []catalog.Entry{{Key: "Color", Value: "Red"}, {Key: "Size", Value: fmt.Sprint(i)}})
		builder.End()
	}
	maps, index := builder.Batch().Column(3).(*catalog.Maps), make([]int32, n)
	for i := range index {
		index[i] = int32(i % 8)
	}
	indexed := catalog.NewBatch(schema, n, []catalog.Column{plain.Column(0), plain.Column(1), plain.Column(2), catalog.NewIndexedMaps(index, maps)})
	codec := NewLayout([2]*catalog.Schema{schema, schema}, [][2]int{{0, 0}, {1, 1}, {2, 2}, {3, 3}}, false).Sides[0]
	for name, batch := range map[string]*catalog.Batch{"plain": plain, "indexed": indexed} {
		b.Run(name, func(b *testing.B) {
			var items Items
			b.ReportAllocs()
			for b.Loop() {
				encoder := codec.NewEncoder(batch, batch.Column(0).(*catalog.Strings))
				for from := 0; from < n; from += n / 2 { // as pairing does it
					encoder.Encode(&items, from, from+n/2)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/item")
		})
	}
}
