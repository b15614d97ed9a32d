package catalog

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Value is one value of any type, for places where speed does not matter: reports, local names, tests. The zero Value
// is invalid.
type Value struct {
	typ     Type
	null    bool
	truth   bool
	text    string
	number  Decimal
	list    []string
	entries []Entry
}

// Entry is one entry of a map.
type Entry struct{ Key, Value string }

// StringValue returns s as a Value.
func StringValue(s string) Value { return Value{typ: String, text: s} }

// NumberValue returns d as a Value.
func NumberValue(d Decimal) Value { return Value{typ: Number, number: d} }

// BoolValue returns b as a Value.
func BoolValue(b bool) Value { return Value{typ: Bool, truth: b} }

// ListValue returns the list as a Value; it keeps the slice.
func ListValue(list []string) Value { return Value{typ: List, list: list} }

// MapValue returns a map as a Value. The entries are sorted by key; of entries with one key the last counts.
func MapValue(entries []Entry) Value { return Value{typ: Map, entries: sortEntries(entries)} }

// NullValue returns the null of a type: unknown for numbers and bools, otherwise "" or empty.
func NullValue(t Type) Value { return Value{typ: t, null: t.Nullable()} }

// Type returns the value's type.
func (v Value) Type() Type { return v.typ }

// IsNull reports whether the value is unknown. Strings, lists and maps never are.
func (v Value) IsNull() bool { return v.null }

// Str returns the string of a String value.
func (v Value) Str() string { return v.text }

// Number returns the number of a Number value; 0 if it is null.
func (v Value) Number() Decimal { return v.number }

// Bool returns the truth of a Bool value; false if it is null.
func (v Value) Bool() bool { return v.truth }

// List returns the elements of a List value, not to be changed.
func (v Value) List() []string { return v.list }

// Entries returns the entries of a Map value, sorted by key, not to be changed.
func (v Value) Entries() []Entry { return v.entries }

// Equal reports whether two values have the same type and are the same. Two nulls of a type are equal here.
func (v Value) Equal(w Value) bool {
	if v.typ != w.typ || v.null != w.null {
		return false
	}
	switch v.typ {
	case String:
		return v.text == w.text
	case Number:
		return v.number.Equal(w.number)
	case Bool:
		return v.truth == w.truth
	case List:
		return slices.Equal(v.list, w.list)
	case Map:
		return slices.Equal(v.entries, w.entries)
	}
	return true
}

// Text returns the value as people read it in a cell or a column: numbers in their shortest form, null as "", lists
// joined with "|", maps as Name:Value|Name:Value in the order of their names, with \: \| and \\ for the characters
// themselves.
func (v Value) Text() string {
	switch {
	case v.null:
		return ""
	case v.typ == String:
		return v.text
	case v.typ == Number:
		return v.number.String()
	case v.typ == Bool:
		return fmt.Sprint(v.truth)
	case v.typ == List:
		var b strings.Builder
		for i, s := range v.list {
			if i > 0 {
				b.WriteByte('|')
			}
			_, _ = listEscapes.WriteString(&b, s)
		}
		return b.String()
	case v.typ == Map:
		return FormatOptions(v.entries)
	}
	return ""
}

// MarshalJSON writes the value as JSON: null, a string, a number in its shortest form, a bool, an array of strings or
// an object of strings.
func (v Value) MarshalJSON() ([]byte, error) {
	switch {
	case v.null || v.typ == Invalid:
		return []byte("null"), nil
	case v.typ == Number:
		return v.number.Append(nil), nil
	case v.typ == Bool:
		return json.Marshal(v.truth)
	case v.typ == List:
		if len(v.list) == 0 {
			return []byte("[]"), nil
		}
		return marshalPlain(v.list)
	case v.typ == Map:
		object := []byte{'{'}
		for i, e := range v.entries {
			if i > 0 {
				object = append(object, ',')
			}
			key, err := marshalPlain(e.Key)
			if err != nil {
				return nil, err
			}
			value, err := marshalPlain(e.Value)
			if err != nil {
				return nil, err
			}
			object = append(append(append(object, key...), ':'), value...)
		}
		return append(object, '}'), nil
	}
	return marshalPlain(v.text)
}

// marshalPlain writes <, > and & as they are: the result is data for programs, not for a web page.
func marshalPlain(v any) ([]byte, error) {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return []byte(strings.TrimSuffix(b.String(), "\n")), nil
}

func sortEntries(entries []Entry) []Entry {
	byKey := func(a, b Entry) int { return strings.Compare(a.Key, b.Key) }
	if !slices.IsSortedFunc(entries, byKey) {
		entries = slices.Clone(entries)
		slices.SortStableFunc(entries, byKey)
	}
	for i := 1; i < len(entries); i++ {
		if entries[i].Key == entries[i-1].Key {
			return lastOfEach(entries)
		}
	}
	return entries
}

func lastOfEach(sorted []Entry) []Entry {
	var kept []Entry
	for i, e := range sorted {
		if i+1 == len(sorted) || sorted[i+1].Key != e.Key {
			kept = append(kept, e)
		}
	}
	return kept
}
