package proto

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/big"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

const (
	maxDecimal128Digits = 38 // digits that a decimal128 holds
	maxDecimal64Digits  = 18 // digits that a decimal64 holds
)

var (
	mapType        = arrow.MapOf(arrow.BinaryTypes.String, arrow.BinaryTypes.String)
	indexedMapType = &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: mapType}
)

// EncodeBatch writes a batch as an Arrow IPC stream: the schema, then one record batch.
func EncodeBatch(b *catalog.Batch) ([]byte, error) {
	e, err := Encode(b)
	if err != nil {
		return nil, err
	}
	return e.Bytes(), nil
}

// Encode is EncodeBatch without copying: the result refers to the memory of the batch's columns.
func Encode(b *catalog.Batch) (*Encoded, error) {
	fields := make([]arrow.Field, b.Schema().Len())
	columns := make([]arrow.Array, len(fields))
	for i := range fields {
		data := encodeColumn(b.Column(i))
		fields[i] = arrow.Field{Name: b.Schema().Field(i).Name, Type: data.DataType(), Nullable: true}
		columns[i] = array.MakeFromData(data)
	}
	schema := arrow.NewSchema(fields, nil)
	record := array.NewRecordBatch(schema, columns, int64(b.Len()))
	defer record.Release()
	out := &Encoded{}
	w := ipc.NewWriter(out, ipc.WithSchema(schema))
	if err := w.Write(record); err != nil {
		return nil, fmt.Errorf("write a batch of %d items as Arrow: %w", b.Len(), err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("write a batch of %d items as Arrow: %w", b.Len(), err)
	}
	return out, nil
}

func encodeColumn(c catalog.Column) arrow.ArrayData {
	switch c := c.(type) {
	case *catalog.Strings:
		return encodeStrings(c)
	case *catalog.Numbers:
		return encodeNumbers(c)
	case *catalog.Bools:
		return encodeBools(c)
	case *catalog.Lists:
		return array.NewData(arrow.ListOf(arrow.BinaryTypes.String), c.Len(),
			[]*memory.Buffer{nil, offsetsBuffer(c.Offsets())}, []arrow.ArrayData{encodeStrings(c.Items())}, 0, 0)
	case *catalog.Maps:
		if c.Index() != nil {
			return encodeDictionary(c)
		}
		entries := array.NewData(mapType.Elem(), c.Keys().Len(), []*memory.Buffer{nil},
			[]arrow.ArrayData{encodeStrings(c.Keys()), encodeStrings(c.Values())}, 0, 0)
		return array.NewData(mapType, c.Len(), []*memory.Buffer{nil, offsetsBuffer(c.Offsets())},
			[]arrow.ArrayData{entries}, 0, 0)
	}
	panic(fmt.Sprintf("proto: no encoding for a column of type %T", c))
}

func encodeStrings(c *catalog.Strings) arrow.ArrayData {
	text, offsets := c.Raw()
	return array.NewData(arrow.BinaryTypes.String, c.Len(),
		[]*memory.Buffer{nil, offsetsBuffer(offsets), memory.NewBufferBytes(unsafe.Slice(unsafe.StringData(text), len(text)))}, nil, 0, 0)
}

func offsetsBuffer(offsets []int32) *memory.Buffer {
	if len(offsets) == 0 {
		offsets = []int32{0}
	}
	return memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(offsets))
}

func encodeBools(c *catalog.Bools) arrow.ArrayData {
	truth, valid := c.Raw()
	if truth == nil {
		truth = allOnes(c.Len())
	}
	return array.NewData(arrow.FixedWidthTypes.Boolean, c.Len(),
		[]*memory.Buffer{validBuffer(valid), memory.NewBufferBytes(truth)}, nil, nulls(valid, c.Len()), 0)
}

// encodeNumbers writes a column as decimal64, which is the column's own form. If a number has too many digits for that, it
// writes decimal128; if it has too many for that as well, utf8.
func encodeNumbers(c *catalog.Numbers) arrow.ArrayData {
	coef, scale, valid, wide := c.Raw()
	if wide == nil && scale <= maxDecimal64Digits && fitDecimal64(coef) {
		return array.NewData(&arrow.Decimal64Type{Precision: maxDecimal64Digits, Scale: int32(scale)}, len(coef),
			[]*memory.Buffer{validBuffer(valid), memory.NewBufferBytes(arrow.Int64Traits.CastToBytes(coef))}, nil, nulls(valid, len(coef)), 0)
	}
	for _, d := range wide {
		_, s := d.Reduce().Big()
		scale = max(scale, s)
	}
	_, own, _, _ := c.Raw()
	raised := scale - own
	if scale > maxDecimal128Digits || raised > 18 {
		return encodeNumbersAsText(c)
	}
	values := make([]byte, 16*len(coef))
	for i, n := range coef {
		at := values[16*i:]
		if d, ok := wide[i]; ok {
			n128, fits := toDecimal128(d, scale)
			if !fits {
				return encodeNumbersAsText(c)
			}
			binary.LittleEndian.PutUint64(at, n128.LowBits())
			binary.LittleEndian.PutUint64(at[8:], uint64(n128.HighBits()))
			continue
		}
		if raised > 0 {
			n128, fits := toDecimal128(catalog.NewDecimal(n, own), scale)
			if !fits {
				return encodeNumbersAsText(c)
			}
			binary.LittleEndian.PutUint64(at, n128.LowBits())
			binary.LittleEndian.PutUint64(at[8:], uint64(n128.HighBits()))
			continue
		}
		binary.LittleEndian.PutUint64(at, uint64(n))
		binary.LittleEndian.PutUint64(at[8:], uint64(n>>63))
	}
	return array.NewData(&arrow.Decimal128Type{Precision: maxDecimal128Digits, Scale: int32(scale)}, len(coef),
		[]*memory.Buffer{validBuffer(valid), memory.NewBufferBytes(values)}, nil, nulls(valid, len(coef)), 0)
}

func fitDecimal64(coef []int64) bool {
	const most = 999_999_999_999_999_999
	for _, n := range coef {
		if n > most || n < -most {
			return false
		}
	}
	return true
}

func toDecimal128(d catalog.Decimal, scale int) (decimal128.Num, bool) {
	coef, own := d.Reduce().Big()
	coef.Mul(coef, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale-own)), nil))
	if len(new(big.Int).Abs(coef).Text(10)) > maxDecimal128Digits {
		return decimal128.Num{}, false
	}
	return decimal128.FromBigInt(coef), true
}

func encodeNumbersAsText(c *catalog.Numbers) arrow.ArrayData {
	b := array.NewStringBuilder(memory.DefaultAllocator)
	defer b.Release()
	for i := range c.Len() {
		if d, ok := c.At(i); ok {
			b.Append(d.String())
		} else {
			b.AppendNull()
		}
	}
	return b.NewStringArray().Data()
}

func validBuffer(valid catalog.Bitmap) *memory.Buffer {
	if valid == nil {
		return nil
	}
	return memory.NewBufferBytes(valid)
}

func nulls(valid catalog.Bitmap, n int) int {
	if valid == nil {
		return 0
	}
	return array.UnknownNullCount
}

func allOnes(n int) catalog.Bitmap { return bytes.Repeat([]byte{0xff}, (n+7)/8) }

// encodeDictionary writes a column of maps as a dictionary: each different map once, and for each value the map's index.
func encodeDictionary(c *catalog.Maps) arrow.ArrayData {
	index := memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(c.Index()))
	return array.NewDataWithDictionary(indexedMapType, c.Len(), []*memory.Buffer{nil, index}, 0, 0,
		encodeColumn(c.Plain()).(*array.Data))
}

// SizeOf returns the approximate size of columns in a message, in bytes.
func SizeOf(columns []catalog.Column) int {
	size := 0
	for _, c := range columns {
		switch c := c.(type) {
		case *catalog.Strings:
			size += sizeOfStrings(c)
		case *catalog.Numbers:
			size += 16 * c.Len()
		case *catalog.Bools:
			size += c.Len() / 4
		case *catalog.Lists:
			size += sizeOfStrings(c.Items()) + 4*c.Len()
		case *catalog.Maps:
			size += sizeOfStrings(c.Keys()) + sizeOfStrings(c.Values()) + 4*c.Len()
		}
	}
	return size
}

func sizeOfStrings(c *catalog.Strings) int {
	text, _ := c.Raw()
	return len(text) + 4*c.Len()
}
