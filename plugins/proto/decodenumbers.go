package proto

import (
	"fmt"
	"math/big"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

func decodeNumbers(a arrow.Array) (catalog.Column, error) {
	switch d := a.(type) {
	case *array.Decimal128:
		return decodeDecimal128(d)
	case *array.Decimal64:
		return decodeDecimal64(d)
	}
	if a.NullN() == a.Len() {
		return catalog.NewNumbers(make([]int64, a.Len()), 0, make(catalog.Bitmap, (a.Len()+7)/8), nil), nil
	}
	at, err := numberReader(a)
	if err != nil {
		return nil, err
	}
	values := make([]catalog.Decimal, a.Len())
	for i := range values {
		if a.IsNull(i) {
			continue
		}
		if values[i], err = at(i); err != nil {
			return nil, fmt.Errorf("item %d of the batch: %w", i+1, err)
		}
	}
	return catalog.NumbersOf(values, validBits(a)), nil
}

func decodeDecimal128(a *array.Decimal128) (*catalog.Numbers, error) {
	scale := int(a.DataType().(*arrow.Decimal128Type).Scale)
	if scale < -maxDecimal128Digits || scale > maxDecimal128Digits {
		return nil, fmt.Errorf("a decimal128 with scale %d: it is at most %d", scale, maxDecimal128Digits)
	}
	values := a.Values()
	coef := make([]int64, len(values))
	var wide map[int]catalog.Decimal
	for i, v := range values {
		coef[i] = int64(v.LowBits())
		if v.HighBits() != coef[i]>>63 && a.IsValid(i) {
			if wide == nil {
				wide = map[int]catalog.Decimal{}
			}
			wide[i] = catalog.NewWideDecimal(v.BigInt(), scale)
		}
	}
	if scale < 0 {
		for i, c := range coef {
			if wide == nil {
				wide = map[int]catalog.Decimal{}
			}
			if _, ok := wide[i]; !ok {
				wide[i] = catalog.NewDecimal(c, scale)
			}
		}
		scale = 0
	}
	return catalog.NewNumbers(coef, scale, validBits(a), wide), nil
}

// decodeDecimal64 reads decimal64, which has the same form in memory as our column.
func decodeDecimal64(a *array.Decimal64) (catalog.Column, error) {
	scale := int(a.DataType().(*arrow.Decimal64Type).Scale)
	values := a.Values()
	coef := unsafe.Slice((*int64)(unsafe.Pointer(unsafe.SliceData(values))), len(values))
	valid := validBits(a)
	if scale >= 0 && scale <= maxDecimal128Digits {
		return catalog.NewNumbers(coef, scale, valid, nil), nil
	}
	if scale < -maxDecimal128Digits || scale > maxDecimal128Digits {
		return nil, fmt.Errorf("a decimal64 with scale %d: it is at most %d", scale, maxDecimal128Digits)
	}
	numbers := make([]catalog.Decimal, len(coef))
	for i, c := range coef {
		numbers[i] = catalog.NewDecimal(c, scale)
	}
	return catalog.NumbersOf(numbers, valid), nil
}

func numberReader(a arrow.Array) (func(i int) (catalog.Decimal, error), error) {
	switch a := a.(type) {
	case *array.Int8:
		return func(i int) (catalog.Decimal, error) { return catalog.Int(int64(a.Value(i))), nil }, nil
	case *array.Int16:
		return func(i int) (catalog.Decimal, error) { return catalog.Int(int64(a.Value(i))), nil }, nil
	case *array.Int32:
		return func(i int) (catalog.Decimal, error) { return catalog.Int(int64(a.Value(i))), nil }, nil
	case *array.Int64:
		return func(i int) (catalog.Decimal, error) { return catalog.Int(a.Value(i)), nil }, nil
	case *array.Uint8:
		return func(i int) (catalog.Decimal, error) { return catalog.Int(int64(a.Value(i))), nil }, nil
	case *array.Uint16:
		return func(i int) (catalog.Decimal, error) { return catalog.Int(int64(a.Value(i))), nil }, nil
	case *array.Uint32:
		return func(i int) (catalog.Decimal, error) { return catalog.Int(int64(a.Value(i))), nil }, nil
	case *array.Uint64:
		return func(i int) (catalog.Decimal, error) {
			return catalog.NewWideDecimal(new(big.Int).SetUint64(a.Value(i)), 0), nil
		}, nil
	case *array.Float32:
		return func(i int) (catalog.Decimal, error) {
			return catalog.Float32(a.Value(i))
		}, nil
	case *array.Float64:
		return func(i int) (catalog.Decimal, error) { return catalog.Float(a.Value(i)) }, nil
	}
	text, err := textReader(a)
	if err != nil {
		return nil, fmt.Errorf("it has Arrow type %s for a number: send decimal128, an int, a float or utf8", a.DataType())
	}
	return func(i int) (catalog.Decimal, error) {
		d, err := catalog.ParseDecimal(text(i))
		if err != nil {
			return d, fmt.Errorf("%q: %w", text(i), err)
		}
		return d, nil
	}, nil
}
