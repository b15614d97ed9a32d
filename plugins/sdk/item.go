package sdk

import (
	"encoding/json"
	"fmt"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// Item is one item: its fields by name. A value is
//
//   - for a string: string
//   - for a number: Decimal or a pointer to one (nil is null), any int or uint, json.Number, a string that ParseDecimal can read, or a float64 whose absolute
//     value is below 2^53 (a larger one may be rounded; of a float64 the shortest decimal text counts); nil and "" are null
//   - for a bool: bool or a pointer to one; nil is null
//   - for a list: []string
//   - for a map: map[string]string
//
// A field that is left out is null, "" or empty. A field that was not asked for is ignored. A field that Schema does not
// offer is an error: otherwise a misspelt field would look as if no item had it.
type Item map[string]any

// Variation returns the value of the field variation, which all variants of a product have: how the options of the product are structured. It takes
// the options of each variant, as the field options has them, all of them also where some are hidden or sold out. Each source has it made here, so
// that two sources with the same variants have the same.
func Variation(variants []map[string]string) []string {
	var b catalog.VariationBuilder
	for _, options := range variants {
		entries := make([]Entry, 0, len(options))
		for name, value := range options {
			entries = append(entries, Entry{Key: name, Value: value})
		}
		b.Add(entries)
	}
	return b.List()
}

func valueOf(t Type, v any) (catalog.Value, error) {
	if v == nil {
		return catalog.NullValue(t), nil
	}
	switch t {
	case String:
		if s, ok := v.(string); ok {
			return catalog.StringValue(s), nil
		}
	case Bool:
		switch b := v.(type) {
		case bool:
			return catalog.BoolValue(b), nil
		case *bool:
			if b == nil {
				return catalog.NullValue(Bool), nil
			}
			return catalog.BoolValue(*b), nil
		}
	case List:
		if l, ok := v.([]string); ok {
			return catalog.ListValue(l), nil
		}
	case Map:
		if m, ok := v.(map[string]string); ok {
			entries := make([]Entry, 0, len(m))
			for key, value := range m {
				entries = append(entries, Entry{Key: key, Value: value})
			}
			return catalog.MapValue(entries), nil
		}
	case Number:
		return numberOf(v)
	}
	return catalog.Value{}, misuse("%s does not fit a %s", aGo(v), t)
}

// aGo writes the type of a Go value with its article: an int.
func aGo(v any) string { return catalog.WithArticle(fmt.Sprintf("%T", v)) }

func numberOf(v any) (catalog.Value, error) {
	var d Decimal
	var err error
	switch v := v.(type) {
	case Decimal:
		d = v
	case *Decimal:
		if v == nil {
			return catalog.NullValue(Number), nil
		}
		d = *v
	case int:
		d = catalog.Int(int64(v))
	case int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64:
		d, err = ParseDecimal(fmt.Sprint(v))
	case float64:
		if d, err = catalog.Float(v); err != nil {
			err = &misuseError{err}
		}
	case float32:
		if d, err = catalog.Float32(v); err != nil {
			err = &misuseError{err}
		}
	case json.Number:
		d, err = ParseDecimal(v.String())
	case string:
		if v == "" {
			return catalog.NullValue(Number), nil
		}
		if d, err = ParseDecimal(v); err != nil {
			err = fmt.Errorf("%q is %w", v, err)
		}
	default:
		return catalog.Value{}, misuse("%s does not fit a number", aGo(v))
	}
	return catalog.NumberValue(d), err
}
