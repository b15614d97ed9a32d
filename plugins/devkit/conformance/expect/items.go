package expect

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// Items are the items of a file, in the order in which they have to come. Only the fields that an item has in the file are
// compared, so that it can leave out what is another each time, such as the platform's ids.
type Items struct {
	Name string // the file's, as the configuration has it
	list []item
}

type item struct {
	line   int
	values map[string]json.RawMessage
}

// parse reads objects, one behind the other.
func parse(text []byte) ([]item, error) {
	var list []item
	for d := json.NewDecoder(bytes.NewReader(text)); ; {
		skipped := len(text[d.InputOffset():]) - len(bytes.TrimLeft(text[d.InputOffset():], " \t\r\n"))
		line := 1 + bytes.Count(text[:int(d.InputOffset())+skipped], []byte("\n"))
		it := item{line: line}
		err := d.Decode(&it.values)
		switch {
		case errors.Is(err, io.EOF):
			return list, nil
		case err != nil:
			return nil, fmt.Errorf("line %d: %w", line, err)
		case it.values == nil:
			return nil, fmt.Errorf("line %d: null is no item", line)
		}
		list = append(list, it)
	}
}

// Len returns how many items there are.
func (i *Items) Len() int { return len(i.list) }

// Differs says how what was read differs from the file; "" if it does not. number is how many items were read, value returns
// one value of them.
func (i *Items) Differs(schema *catalog.Schema, number int, value func(field string, item int) catalog.Value) string {
	for n, want := range i.list {
		at := fmt.Sprintf("%s, line %d", i.Name, want.line)
		if n >= number {
			return fmt.Sprintf("%s: no item came for it: the file has %d, and %d came", at, len(i.list), number)
		}
		for _, field := range slices.Sorted(maps.Keys(want.values)) {
			if schema.Index(field) < 0 {
				return fmt.Sprintf("%s: Schema lists no field %q.%s", at, field, catalog.DidYouMean(field, schema.Names()))
			}
			got := value(field, n)
			same, err := equal(got, want.values[field])
			if err != nil {
				return fmt.Sprintf("%s, field %q: %v", at, field, err)
			}
			if !same {
				text, err := got.MarshalJSON()
				if err != nil {
					text = []byte(err.Error())
				}
				return fmt.Sprintf("item %d, field %q: %s came, and %s has %s", n+1, field, text, at, want.values[field])
			}
		}
	}
	if number > len(i.list) {
		return fmt.Sprintf("%d items came, and %s has %d", number, i.Name, len(i.list))
	}
	return ""
}

// equal holds a value against what a file says of it. An error means that the file has another type than the field.
func equal(got catalog.Value, text json.RawMessage) (bool, error) {
	var want any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&want); err != nil {
		return false, err
	}
	value, ok := valueOf(got.Type(), want)
	if !ok {
		return false, fmt.Errorf("%s is no %s", text, got.Type())
	}
	return got.Equal(value), nil
}

func valueOf(t catalog.Type, v any) (catalog.Value, bool) {
	if v == nil {
		return catalog.NullValue(t), true
	}
	switch v := v.(type) {
	case string:
		return catalog.StringValue(catalog.NormalText(v)), t == catalog.String
	case bool:
		return catalog.BoolValue(v), t == catalog.Bool
	case json.Number:
		d, err := catalog.ParseDecimal(v.String())
		return catalog.NumberValue(d), t == catalog.Number && err == nil
	case []any:
		var list []string
		for _, e := range v {
			s, ok := e.(string)
			if !ok {
				return catalog.Value{}, false
			}
			list = append(list, catalog.NormalText(s))
		}
		return catalog.ListValue(list), t == catalog.List
	case map[string]any:
		var entries []catalog.Entry
		for _, key := range slices.Sorted(maps.Keys(v)) {
			s, ok := v[key].(string)
			if !ok {
				return catalog.Value{}, false
			}
			entries = append(entries, catalog.Entry{Key: catalog.NormalText(key), Value: catalog.NormalText(s)})
		}
		return catalog.MapValue(entries), t == catalog.Map
	}
	return catalog.Value{}, false
}
