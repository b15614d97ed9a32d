package proto

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// DecodeBatch reads an Arrow IPC stream, which EncodeBatch or a connector in another language has written: one record batch
// with a column for each field of the schema, in any order. The result refers to data, which must not change afterwards.
// Whatever bytes data has, DecodeBatch returns a valid batch or an error.
func DecodeBatch(data []byte, schema *catalog.Schema) (batch *catalog.Batch, err error) {
	defer func() {
		// The Arrow library panics on some wrong lengths.
		if p := recover(); p != nil {
			batch, err = nil, fmt.Errorf("the Arrow data are damaged: %v", p)
		}
	}()
	if err := checkStream(data); err != nil {
		return nil, fmt.Errorf("the Arrow data are damaged: %w", err)
	}
	r, err := ipc.NewReaderFromMessageReader(&arrowStream{data: data}, ipc.WithAllocator(&budget{bytesLeft: 4 * MaxMessage}))
	if err != nil {
		return nil, fmt.Errorf("the Arrow data are damaged: %w", err)
	}
	defer r.Release()
	record, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("the Arrow data hold no record batch: %w", err)
	}
	n := int(record.NumRows())
	if n < 0 || n > MaxBatchItems {
		return nil, fmt.Errorf("a batch of %d items: send at most %d in one batch", n, MaxBatchItems)
	}
	columns := make([]catalog.Column, schema.Len())
	for i, f := range record.Schema().Fields() {
		at := schema.Index(f.Name)
		if at < 0 {
			return nil, fmt.Errorf("column %q was not asked for", f.Name)
		}
		if columns[at] != nil {
			return nil, fmt.Errorf("column %q is there twice", f.Name)
		}
		if got := record.Column(i).Len(); got != n {
			return nil, fmt.Errorf("column %q has %d values for %d items", f.Name, got, n)
		}
		if err := checkBuffers(record.Column(i).Data()); err != nil {
			return nil, fmt.Errorf("column %q: %w", f.Name, err)
		}
		if columns[at], err = decodeColumn(record.Column(i), schema.Field(at).Type); err != nil {
			return nil, fmt.Errorf("column %q: %w", f.Name, err)
		}
	}
	for i, c := range columns {
		if c == nil {
			return nil, fmt.Errorf("column %q is missing", schema.Field(i).Name)
		}
	}
	if _, err := r.Read(); !errors.Is(err, io.EOF) {
		return nil, errors.New("the Arrow data hold more than one record batch")
	}
	return catalog.NewBatch(schema, n, columns), nil
}

func decodeColumn(a arrow.Array, want catalog.Type) (catalog.Column, error) {
	switch want {
	case catalog.String:
		return decodeStrings(a)
	case catalog.Number:
		return decodeNumbers(a)
	case catalog.Bool:
		b, ok := a.(*array.Boolean)
		if !ok {
			return nil, fmt.Errorf("it has Arrow type %s for a bool: send bool", a.DataType())
		}
		return decodeBools(b), nil
	case catalog.List:
		l, ok := a.(*array.List)
		if !ok {
			return nil, fmt.Errorf("it has Arrow type %s for a list(string): send list<utf8>", a.DataType())
		}
		items, err := decodeStrings(l.ListValues())
		if err != nil {
			return nil, err
		}
		offsets, err := checkedOffsets(l, l.Offsets(), l.Data().Offset(), items.Len())
		if err != nil {
			return nil, err
		}
		return catalog.NewLists(items, offsets), nil
	case catalog.Map:
		return decodeMaps(a)
	}
	return nil, fmt.Errorf("no decoding for type %s", want)
}

func decodeMaps(a arrow.Array) (*catalog.Maps, error) {
	if d, ok := a.(*array.Dictionary); ok {
		return decodeDictionary(d)
	}
	m, ok := a.(*array.Map)
	if !ok {
		return nil, fmt.Errorf("it has Arrow type %s for a map(string): send map<utf8, utf8>", a.DataType())
	}
	keys, err := decodeStrings(m.Keys())
	if err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	values, err := decodeStrings(m.Items())
	if err != nil {
		return nil, fmt.Errorf("values: %w", err)
	}
	offsets, err := checkedOffsets(m, m.Offsets(), m.Data().Offset(), min(keys.Len(), values.Len()))
	if err != nil {
		return nil, err
	}
	return catalog.NewMaps(keys, values, offsets), nil
}

// decodeDictionary reads a column of maps that is written as a dictionary. Null is an empty map.
func decodeDictionary(d *array.Dictionary) (*catalog.Maps, error) {
	maps, err := decodeMaps(d.Dictionary())
	if err != nil {
		return nil, fmt.Errorf("dictionary: %w", err)
	}
	n := maps.Len()
	var index []int32
	if narrow, ok := d.Indices().(*array.Int32); ok && d.NullN() == 0 {
		index = narrow.Int32Values()
		for i, at := range index {
			if uint(at) >= uint(n) {
				return nil, fmt.Errorf("item %d of the batch: the dictionary has no entry %d", i+1, at)
			}
		}
		return catalog.NewIndexedMaps(index, maps), nil
	}
	index = make([]int32, d.Len())
	for i := range index {
		if d.IsNull(i) {
			index[i] = int32(n)
			continue
		}
		at := d.GetValueIndex(i)
		if at < 0 || at >= n {
			return nil, fmt.Errorf("item %d of the batch: the dictionary has no entry %d", i+1, at)
		}
		index[i] = int32(at)
	}
	if d.NullN() > 0 {
		offsets := append(slices.Clone(maps.Offsets()), maps.Offsets()[n])
		maps = catalog.NewMaps(maps.Keys(), maps.Values(), offsets)
	}
	return catalog.NewIndexedMaps(index, maps), nil
}

// checkedOffsets returns the offsets of a list or map column after checking them. The column has n children. A null list is
// an empty one.
func checkedOffsets(a arrow.Array, offsets []int32, from, n int) ([]int32, error) {
	if a.Len() == 0 {
		return []int32{0}, nil
	}
	offsets = offsets[from : from+a.Len()+1]
	if err := checkOffsets(offsets, n); err != nil {
		return nil, err
	}
	for i := range a.Len() {
		if a.IsNull(i) && offsets[i] != offsets[i+1] {
			return nil, errors.New("a null list that is not empty")
		}
	}
	return offsets, nil
}

func checkOffsets(offsets []int32, limit int) error {
	last := int32(0)
	for _, at := range offsets {
		if at < last || int(at) > limit {
			return errors.New("the Arrow data are damaged: offsets out of order")
		}
		last = at
	}
	return nil
}

func decodeStrings(a arrow.Array) (*catalog.Strings, error) {
	if a.Len() > MaxMessage/4 {
		return nil, errors.New("more elements than a message has room for")
	}
	s, ok := a.(*array.String)
	if !ok || s.NullN() > 0 {
		return decodeOtherStrings(a)
	}
	if s.Len() == 0 {
		return catalog.NewStrings("", []int32{0}), nil
	}
	offsets := s.ValueOffsets()
	var text []byte
	if buffer := s.Data().Buffers()[2]; buffer != nil {
		text = buffer.Bytes()
	}
	if err := checkOffsets(offsets, len(text)); err != nil {
		return nil, err
	}
	text = text[:offsets[len(offsets)-1]]
	if err := checkSizes(offsets); err != nil {
		return nil, err
	}
	if err := checkText(text, offsets); err != nil {
		return nil, err
	}
	// The bytes belong to the message, and nobody changes them.
	return catalog.NewStrings(unsafe.String(unsafe.SliceData(text), len(text)), offsets), nil
}

// ErrNotUTF8 is wrapped by DecodeBatch's error where a text is not UTF-8.
var ErrNotUTF8 = errors.New("text that is not UTF-8")

func checkText(text []byte, offsets []int32) error {
	if catalog.IsASCII(unsafe.String(unsafe.SliceData(text), len(text))) {
		return nil
	}
	valid := utf8.Valid(text[offsets[0]:])
	for _, at := range offsets {
		valid = valid && (int(at) == len(text) || utf8.RuneStart(text[at]))
	}
	if !valid {
		return ErrNotUTF8
	}
	return nil
}

// mostLaidOut is how many bytes the texts of a column may have that the message holds only once.
const mostLaidOut = 64 << 20

// checkSizes checks that no text is larger than MaxField.
func checkSizes(offsets []int32) error {
	if offsets[len(offsets)-1]-offsets[0] <= MaxField {
		return nil // together
	}
	for i, at := range offsets[1:] {
		if size := at - offsets[i]; size > MaxField {
			return fmt.Errorf("text %d has %d MiB, more than %d (max_field)", i+1, size>>20, MaxField>>20)
		}
	}
	return nil
}

// decodeOtherStrings reads the other types that Arrow libraries use for text, and columns with nulls, which become "".
func decodeOtherStrings(a arrow.Array) (*catalog.Strings, error) {
	at, err := textReader(a)
	if err != nil {
		return nil, err
	}
	var text []byte
	offsets := make([]int32, 1, a.Len()+1)
	for i := range a.Len() {
		if !a.IsNull(i) {
			// An entry of a dictionary, and the text of a view, may stand for any number of items.
			word := at(i)
			if len(text)+len(word) > mostLaidOut {
				return nil, fmt.Errorf("its texts have more than %d MiB when each is written out: send batches of fewer items", mostLaidOut>>20)
			}
			text = append(text, word...)
		}
		offsets = append(offsets, int32(len(text)))
	}
	if err := checkSizes(offsets); err != nil {
		return nil, err
	}
	if err := checkText(text, offsets); err != nil {
		return nil, err
	}
	return catalog.NewStrings(string(text), offsets), nil
}

func textReader(a arrow.Array) (func(i int) string, error) {
	switch a := a.(type) {
	case *array.String:
		return a.Value, nil
	case *array.LargeString:
		return a.Value, nil
	case *array.StringView:
		return a.Value, nil
	case *array.Dictionary:
		words, err := textReader(a.Dictionary())
		if err != nil {
			return nil, err
		}
		return func(i int) string { return words(a.GetValueIndex(i)) }, nil
	case *array.Null:
		return func(int) string { return "" }, nil
	}
	return nil, fmt.Errorf("it has Arrow type %s for text: send utf8", a.DataType())
}

func decodeBools(a *array.Boolean) *catalog.Bools {
	n := a.Len()
	truth := make(catalog.Bitmap, (n+7)/8)
	for i := range n {
		if a.Value(i) {
			truth[i>>3] |= 1 << (i & 7)
		}
	}
	return catalog.NewBools(n, truth, validBits(a))
}

func validBits(a arrow.Array) catalog.Bitmap {
	if a.NullN() == 0 {
		return nil
	}
	if bits := a.NullBitmapBytes(); a.Data().Offset() == 0 && len(bits) >= (a.Len()+7)/8 {
		return catalog.Bitmap(bits)
	}
	valid := make(catalog.Bitmap, (a.Len()+7)/8)
	for i := range a.Len() {
		if a.IsValid(i) {
			valid[i>>3] |= 1 << (i & 7)
		}
	}
	return valid
}
