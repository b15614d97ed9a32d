package proto

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"pgregory.net/rapid"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

var schema = catalog.MustSchema(
	catalog.Field{Name: "sku", Type: catalog.String},
	catalog.Field{Name: "price", Type: catalog.Number},
	catalog.Field{Name: "tracked", Type: catalog.Bool},
	catalog.Field{Name: "variation", Type: catalog.List},
	catalog.Field{Name: "options", Type: catalog.Map},
)

// drawItem draws one item's values, by field.
func drawItem(t *rapid.T) []catalog.Value {
	number := rapid.OneOf(
		rapid.StringMatching(`-?[0-9]{1,5}(\.[0-9]{1,3})?`),
		rapid.StringMatching(`-?[0-9]{17,25}(\.[0-9]{1,20})?`), // does not fit 64 bits
		rapid.StringMatching(`0\.[0-9]{30,60}`),                // does not fit a decimal128 beside others
	)
	values := []catalog.Value{catalog.StringValue(rapid.String().Draw(t, "sku"))}
	if rapid.Bool().Draw(t, "priced") {
		d, err := catalog.ParseDecimal(number.Draw(t, "price"))
		if err != nil {
			t.Fatal(err)
		}
		values = append(values, catalog.NumberValue(d))
	} else {
		values = append(values, catalog.NullValue(catalog.Number))
	}
	values = append(values, rapid.SampledFrom([]catalog.Value{
		catalog.NullValue(catalog.Bool), catalog.BoolValue(true), catalog.BoolValue(false)}).Draw(t, "tracked"))
	values = append(values, catalog.ListValue(rapid.SliceOfN(rapid.String(), 0, 3).Draw(t, "variation")))
	var entries []catalog.Entry
	for key, value := range rapid.MapOfN(rapid.String(), rapid.String(), 0, 3).Draw(t, "options") {
		entries = append(entries, catalog.Entry{Key: key, Value: value})
	}
	return append(values, catalog.MapValue(entries))
}

// TestRoundTrip says that what is encoded is what is decoded, whatever the values.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var items [][]catalog.Value
		builder := catalog.NewBuilder(schema)
		for range rapid.IntRange(0, 20).Draw(t, "items") {
			item := drawItem(t)
			items = append(items, item)
			for i, v := range item {
				if err := builder.Set(i, v); err != nil {
					t.Fatal(err)
				}
			}
			builder.End()
		}
		data, err := EncodeBatch(builder.Batch())
		if err != nil {
			t.Fatal(err)
		}
		batch, err := DecodeBatch(data, schema)
		if err != nil {
			t.Fatal(err)
		}
		if batch.Len() != len(items) {
			t.Fatalf("%d items came of %d", batch.Len(), len(items))
		}
		for i, item := range items {
			for f, want := range item {
				if got := batch.Column(f).Value(i); !got.Equal(want) {
					t.Fatalf("item %d, %s: %q came of %q", i, schema.Field(f).Name, got.Text(), want.Text())
				}
			}
		}
	})
}

// TestIndexedRoundTrip says that a column with an index stays one on its way.
func TestIndexedRoundTrip(t *testing.T) {
	b := catalog.NewBuilder(catalog.MustSchema(catalog.Field{Name: "options", Type: catalog.Map}))
	for _, color := range []string{"", "Red"} {
		b.SetMap(0, []catalog.Entry{{Key: "Color", Value: color}, {Key: "Size", Value: "L"}})
		b.End()
	}
	plain := b.Batch()
	column := catalog.NewIndexedMaps([]int32{1, 0, 1}, plain.Column(0).(*catalog.Maps))
	data, err := EncodeBatch(catalog.NewBatch(plain.Schema(), 3, []catalog.Column{column}))
	if err != nil {
		t.Fatal(err)
	}
	batch, err := DecodeBatch(data, plain.Schema())
	if err != nil {
		t.Fatal(err)
	}
	got := batch.Column(0).(*catalog.Maps)
	if got.Index() == nil {
		t.Error("the index was lost")
	}
	for i := range 3 {
		if !got.Value(i).Equal(column.Value(i)) {
			t.Errorf("value %d is %s, want %s", i, got.Value(i).Text(), column.Value(i).Text())
		}
	}
}

// TestForeignIndex reads an index of another width, with nulls, and refuses one that leads nowhere.
func TestForeignIndex(t *testing.T) {
	typ := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int8, ValueType: mapType}
	maps := fromJSON(t, mapType, `[[{"key": "a", "value": "1"}], []]`)
	schema := catalog.MustSchema(catalog.Field{Name: "options", Type: catalog.Map})
	decode := func(index string) (*catalog.Batch, error) {
		indices := fromJSON(t, arrow.PrimitiveTypes.Int8, index)
		data := array.NewDataWithDictionary(typ, indices.Len(), indices.Data().Buffers(), indices.NullN(), 0, maps.Data().(*array.Data))
		return DecodeBatch(write(t, map[string]arrow.Array{"options": array.NewDictionaryData(data)}), schema)
	}
	batch, err := decode(`[1, null, 0]`)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"", "", "a:1"} {
		if got := batch.Column(0).Value(i).Text(); got != want {
			t.Errorf("value %d is %q, want %q", i, got, want)
		}
	}
	for _, index := range []string{`[2]`, `[-1]`} {
		if _, err := decode(index); err == nil || !strings.Contains(err.Error(), `column "options"`) {
			t.Errorf("index %s: error %v", index, err)
		}
	}
}

// write makes an Arrow stream as a connector in another language might.
func write(t testing.TB, columns map[string]arrow.Array) []byte {
	t.Helper()
	var fields []arrow.Field
	var arrays []arrow.Array
	for name, column := range columns {
		fields = append(fields, arrow.Field{Name: name, Type: column.DataType(), Nullable: true})
		arrays = append(arrays, column)
	}
	arrowSchema := arrow.NewSchema(fields, nil)
	record := array.NewRecordBatch(arrowSchema, arrays, -1)
	var out bytes.Buffer
	w := ipc.NewWriter(&out, ipc.WithSchema(arrowSchema), ipc.WithDictionaryDeltas(false))
	if err := w.Write(record); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func fromJSON(t testing.TB, typ arrow.DataType, json string) arrow.Array {
	t.Helper()
	a, _, err := array.FromJSON(memory.DefaultAllocator, typ, strings.NewReader(json))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestLargeTexts says that no text is larger than a field can be, and that a text which a message holds once for many items
// does not become any amount of memory.
func TestLargeTexts(t *testing.T) {
	text := arrow.BinaryTypes.String
	dictionary := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: text}
	for name, c := range map[string]struct {
		typ   arrow.DataType
		sizes []int // of the dictionary's words, or of the texts
		want  string
	}{
		"at the limit":           {text, []int{1, MaxField}, ""},
		"beyond":                 {text, []int{1, MaxField + 1}, "text 2 has 16 MiB, more than 16 (max_field)"},
		"large text beyond":      {arrow.BinaryTypes.LargeString, []int{MaxField + 1}, "text 1 has 16 MiB, more than 16 (max_field)"},
		"a word for many items":  {dictionary, slices.Repeat([]int{1 << 20}, 65), "texts have more than 64 MiB when each is written out"},
		"a view for many items":  {arrow.BinaryTypes.StringView, slices.Repeat([]int{1 << 20}, 65), "texts have more than 64 MiB when each is written out"},
		"a word for a few items": {dictionary, slices.Repeat([]int{1 << 20}, 60), ""},
	} {
		t.Run(name, func(t *testing.T) {
			b := array.NewBuilder(memory.NewGoAllocator(), c.typ)
			for _, size := range c.sizes {
				word := strings.Repeat("x", size)
				switch b := b.(type) {
				case *array.BinaryDictionaryBuilder:
					if err := b.AppendString(word); err != nil {
						t.Fatal(err)
					}
				case array.StringLikeBuilder:
					b.Append(word)
				default:
					t.Fatalf("%T", b)
				}
			}
			a := b.NewArray()
			if view, ok := a.(*array.StringView); ok { // all views of one text
				headers := view.Data().Buffers()[1].Bytes()
				for at := 16; at+16 <= len(headers) && at < 16*view.Len(); at += 16 {
					copy(headers[at:at+16], headers[:16])
				}
				data := array.NewData(c.typ, view.Len(), []*memory.Buffer{nil, view.Data().Buffers()[1], view.Data().Buffers()[2]}, nil, 0, 0)
				a = array.NewStringViewData(data)
			}
			data := write(t, map[string]arrow.Array{"x": a})
			if strings.Contains(name, "for many") && len(data) > 4<<20 {
				t.Fatalf("the message has %d bytes: nothing is held once", len(data))
			}
			_, err := DecodeBatch(data, catalog.MustSchema(catalog.Field{Name: "x", Type: catalog.String}))
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// TestForeignColumns reads the types that Arrow libraries of other languages choose by themselves.
func TestForeignColumns(t *testing.T) {
	text := arrow.BinaryTypes.String
	dictionary := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: text}
	cases := []struct {
		name string
		typ  arrow.DataType
		json string
		want catalog.Type
		text []string // the values' Text()
	}{
		{"int8", arrow.PrimitiveTypes.Int8, `[-3, null]`, catalog.Number, []string{"-3", ""}},
		{"uint64 beyond int64", arrow.PrimitiveTypes.Uint64, `[18446744073709551615]`, catalog.Number, []string{"18446744073709551615"}},
		{"float stands for its shortest text", arrow.PrimitiveTypes.Float64, `[0.1, 10.99]`, catalog.Number, []string{"0.1", "10.99"}},
		{"float32 too", arrow.PrimitiveTypes.Float32, `[0.1]`, catalog.Number, []string{"0.1"}},
		{"number as text", text, `["10.10", null, "1e3"]`, catalog.Number, []string{"10.1", "", "1000"}},
		{"number as dictionary", dictionary, `["5", "5", "6"]`, catalog.Number, []string{"5", "5", "6"}},
		{"all null", arrow.Null, `[null, null]`, catalog.Number, []string{"", ""}},
		{"absent text", text, `["a", null, "b"]`, catalog.String, []string{"a", "", "b"}},
		{"large text", arrow.BinaryTypes.LargeString, `["a", "é"]`, catalog.String, []string{"a", "é"}},
		{"dictionary", dictionary, `["a", null, "a"]`, catalog.String, []string{"a", "", "a"}},
		{"bool", arrow.FixedWidthTypes.Boolean, `[true, null, false]`, catalog.Bool, []string{"true", "", "false"}},
		{"absent list", arrow.ListOf(text), `[["a", "b"], null, []]`, catalog.List, []string{"a|b", "", ""}},
		{"map out of order", mapType, `[[{"key": "b", "value": "2"}, {"key": "a", "value": "1"}], null]`, catalog.Map, []string{"a:1|b:2", ""}},
		{"map with a key twice", mapType, `[[{"key": "b", "value": "2"}, {"key": "b", "value": "3"}]]`, catalog.Map, []string{"b:3"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			data := write(t, map[string]arrow.Array{"x": fromJSON(t, c.typ, c.json)})
			batch, err := DecodeBatch(data, catalog.MustSchema(catalog.Field{Name: "x", Type: c.want}))
			if err != nil {
				t.Fatal(err)
			}
			for i, want := range c.text {
				if got := batch.Column(0).Value(i).Text(); got != want {
					t.Errorf("value %d is %q, want %q", i, got, want)
				}
			}
			if batch.Len() != len(c.text) {
				t.Errorf("%d values, want %d", batch.Len(), len(c.text))
			}
		})
	}
}

// TestRefusedBatches says which batches are no good, and that the message names the column.
func TestRefusedBatches(t *testing.T) {
	text := arrow.BinaryTypes.String
	sku := catalog.MustSchema(catalog.Field{Name: "sku", Type: catalog.String}, catalog.Field{Name: "price", Type: catalog.Number})
	good := func() map[string]arrow.Array {
		return map[string]arrow.Array{"sku": fromJSON(t, text, `["a"]`), "price": fromJSON(t, text, `["1"]`)}
	}
	cases := []struct {
		name   string
		change func(map[string]arrow.Array)
		want   string
	}{
		{"missing column", func(m map[string]arrow.Array) { delete(m, "price") }, `column "price" is missing`},
		{"extra column", func(m map[string]arrow.Array) { m["x"] = m["sku"] }, `column "x" was not asked for`},
		{"text for a number", func(m map[string]arrow.Array) { m["price"] = fromJSON(t, text, `["cheap"]`) }, `column "price": item 1 of the batch: "cheap"`},
		{"number for text", func(m map[string]arrow.Array) { m["sku"] = fromJSON(t, arrow.PrimitiveTypes.Int64, `[1]`) }, `column "sku": it has Arrow type int64 for text`},
		{"NaN", func(m map[string]arrow.Array) {
			b := array.NewFloat64Builder(memory.DefaultAllocator)
			b.Append(nan())
			m["price"] = b.NewArray()
		}, `column "price"`},
		{"a whole number that a float may have rounded", func(m map[string]arrow.Array) {
			b := array.NewFloat64Builder(memory.DefaultAllocator)
			b.Append(1 << 53)
			m["price"] = b.NewArray()
		}, `column "price": item 1 of the batch: 9.007199254740992e+15 is an integer that a float holds only rounded`},
		{"not UTF-8", func(m map[string]arrow.Array) {
			b := array.NewStringBuilder(memory.DefaultAllocator)
			b.Append("\xff")
			m["sku"] = b.NewArray()
		}, `column "sku": text that is not UTF-8`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			columns := good()
			c.change(columns)
			_, err := DecodeBatch(write(t, columns), sku)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error is %v, want %q", err, c.want)
			}
		})
	}
}

func nan() float64 {
	var zero float64
	return zero / zero
}

// TestShortBuffers says that no buffer is read beyond its end, into the one behind it.
func TestShortBuffers(t *testing.T) {
	const items = 1001 // so that buffers have lengths of their own
	b := catalog.NewBuilder(schema)
	for i := range items {
		b.SetString(0, fmt.Sprintf("SKU-%04d", i))
		b.SetNumber(1, catalog.NewDecimal(int64(i), 2))
		if i%3 > 0 {
			b.SetBool(2, true)
		}
		b.SetList(3, []string{"Size=L|M"})
		b.SetMap(4, []catalog.Entry{{Key: "Size", Value: "L"}})
		b.End()
	}
	good, err := EncodeBatch(b.Batch())
	if err != nil {
		t.Fatal(err)
	}
	metadata := good[:bytes.Index(good, []byte("SKU-0000"))-4*(items+3)] // what stands before the first column
	for name, length := range map[string]uint64{"numbers": 8 * items, "offsets": 4 * (items + 1), "bits": (items + 7) / 8, "texts": 8 * items} {
		found := 0
		for at := 0; at+8 <= len(metadata); at += 8 {
			if binary.LittleEndian.Uint64(good[at:]) != length {
				continue
			}
			found++
			damaged := bytes.Clone(good)
			binary.LittleEndian.PutUint64(damaged[at:], length/8*4)
			if _, err := DecodeBatch(damaged, schema); err == nil {
				t.Errorf("%s: the length at byte %d was taken", name, at)
			}
		}
		if found == 0 {
			t.Errorf("%s: no length was found", name)
		}
	}
	for at := 0; at+8 <= len(metadata); at += 8 { // the number of nulls
		if binary.LittleEndian.Uint64(good[at:]) == (items+2)/3 {
			binary.LittleEndian.PutUint64(good[at:], 7)
			if _, err := DecodeBatch(good, schema); err == nil || !strings.Contains(err.Error(), "wrong number of nulls") {
				t.Errorf("a wrong number of nulls: error %v", err)
			}
			return
		}
	}
	t.Error("the number of nulls was not found")
}

// FuzzDecodeBatch says that damaged data give an error or a batch that can be read, never a panic.
func FuzzDecodeBatch(f *testing.F) {
	builder := catalog.NewBuilder(schema)
	for i := range 3 {
		builder.SetString(0, fmt.Sprintf("SKU-%d", i))
		builder.SetNumber(1, catalog.NewDecimal(1999, 2))
		builder.SetBool(2, i == 1)
		builder.SetList(3, []string{"Size=L|M"})
		builder.SetMap(4, []catalog.Entry{{Key: "Size", Value: "L"}})
		builder.End()
	}
	data, err := EncodeBatch(builder.Batch())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	for i := 0; i < len(data); i += 7 {
		damaged := bytes.Clone(data)
		damaged[i] ^= 0x55
		f.Add(damaged)
	}
	f.Add(data[:len(data)/2])
	batch, err := DecodeBatch(data, schema)
	if err != nil {
		f.Fatal(err)
	}
	columns := []catalog.Column{batch.Column(0), batch.Column(1), batch.Column(2), batch.Column(3),
		catalog.NewIndexedMaps([]int32{0, 2, 1}, batch.Column(4).(*catalog.Maps))}
	if data, err = EncodeBatch(catalog.NewBatch(schema, 3, columns)); err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		batch, err := DecodeBatch(data, schema)
		if err != nil {
			return
		}
		for i := range min(batch.Len(), 1000) {
			for c := range schema.Len() {
				_ = batch.Column(c).Value(i).Text()
			}
		}
	})
}

func BenchmarkTransport(b *testing.B) {
	const items = 8192
	builder := catalog.NewBuilder(schema)
	for i := range items {
		builder.SetString(0, fmt.Sprintf("SKU-%08d", i))
		builder.SetNumber(1, catalog.NewDecimal(int64(i), 2))
		builder.SetBool(2, true)
		builder.SetMap(4, []catalog.Entry{{Key: "Color", Value: "Red"}, {Key: "Size", Value: "L"}})
		builder.End()
	}
	batch := builder.Batch()
	b.ReportAllocs()
	for b.Loop() {
		data, err := EncodeBatch(batch)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := DecodeBatch(data, schema); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/items, "ns/item")
}
