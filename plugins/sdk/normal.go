package sdk

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
	"unsafe"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// normaliseColumn applies catalog.NormalText to all text of a column. It returns the same column if nothing changes. Text
// that is not UTF-8 is an error, and so are two different keys of a map that become equal.
func normaliseColumn(c catalog.Column) (catalog.Column, error) {
	switch c := c.(type) {
	case *catalog.Strings:
		return normaliseStrings(c)
	case *catalog.Lists:
		items, err := normaliseStrings(c.Items())
		if err != nil || items == c.Items() {
			return c, err
		}
		return catalog.NewLists(items, c.Offsets()), nil
	case *catalog.Maps:
		keys, err := normaliseStrings(c.Keys())
		if err != nil {
			return nil, err
		}
		values, err := normaliseStrings(c.Values())
		if err != nil || keys == c.Keys() && values == c.Values() {
			return c, err
		}
		if keys != c.Keys() {
			if err := checkKeysDistinct(c.Keys(), keys, c.Offsets()); err != nil {
				return nil, err
			}
		}
		maps := catalog.NewMaps(keys, values, c.Offsets())
		if c.Index() == nil {
			return maps, nil
		}
		return catalog.NewIndexedMaps(c.Index(), maps), nil
	}
	return c, nil
}

// normaliseStrings normalises each value separately: if a value begins with a combining mark, the mark must not join the
// value before it.
func normaliseStrings(c *catalog.Strings) (*catalog.Strings, error) {
	data, offsets := c.Raw()
	if len(offsets) == 0 {
		return c, nil
	}
	whole := data[offsets[0]:offsets[len(offsets)-1]]
	normal := strings.IndexByte(whole, '\r') < 0
	if normal && catalog.IsASCII(whole) {
		return c, nil
	}
	for i := range c.Len() {
		if s := c.At(i); !catalog.IsASCII(s) {
			if !utf8.ValidString(s) {
				return nil, misuse("%q is not valid UTF-8", s)
			}
			normal = normal && catalog.IsNormalText(s)
		}
	}
	if normal {
		return c, nil
	}
	text := make([]byte, 0, len(whole)+len(whole)/16)
	ends := make([]int32, 1, len(offsets))
	for i := range c.Len() {
		text = catalog.AppendNormalText(text, c.At(i))
		ends = append(ends, int32(len(text)))
	}
	return catalog.NewStrings(unsafe.String(unsafe.SliceData(text), len(text)), slices.Clip(ends)), nil
}

// checkKeysDistinct returns an error if two different keys of a map have become equal: nobody can say which value counts.
// Map i has the keys from offsets[i] to offsets[i+1].
func checkKeysDistinct(were, are *catalog.Strings, offsets []int32) error {
	seen := map[string]string{}
	for i := range len(offsets) - 1 {
		clear(seen)
		for at := int(offsets[i]); at < int(offsets[i+1]); at++ {
			if err := checkKeyDistinct(seen, were.At(at), are.At(at)); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkKeyDistinct returns an error if an earlier, different key has become the same text as this one. seen holds the
// earlier keys of the map: the original by the new text.
func checkKeyDistinct(seen map[string]string, was, is string) error {
	if other, ok := seen[is]; ok && other != was {
		return fmt.Errorf("the map has the keys %+q and %+q, which are the same text: give each key once", min(was, other), max(was, other))
	}
	seen[is] = was
	return nil
}
