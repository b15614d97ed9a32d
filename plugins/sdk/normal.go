package sdk

import (
	"fmt"
	"slices"
	"unicode/utf8"
	"unsafe"

	"golang.org/x/text/unicode/norm"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// normalised returns the column with its text in NFC: the same column where it is. Text that is not UTF-8 is an error.
func normalised(c catalog.Column) (catalog.Column, error) {
	switch c := c.(type) {
	case *catalog.Strings:
		return normalisedStrings(c)
	case *catalog.Lists:
		items, err := normalisedStrings(c.Items())
		if err != nil || items == c.Items() {
			return c, err
		}
		return catalog.NewLists(items, c.Offsets()), nil
	case *catalog.Maps:
		keys, err := normalisedStrings(c.Keys())
		if err != nil {
			return nil, err
		}
		values, err := normalisedStrings(c.Values())
		if err != nil || keys == c.Keys() && values == c.Values() {
			return c, err
		}
		maps := catalog.NewMaps(keys, values, c.Offsets())
		if c.Index() == nil {
			return maps, nil
		}
		return catalog.NewIndexedMaps(c.Index(), maps), nil
	}
	return c, nil
}

func normalisedStrings(c *catalog.Strings) (*catalog.Strings, error) {
	data, offsets := c.Raw()
	if len(offsets) == 0 {
		return c, nil
	}
	whole := data[offsets[0]:offsets[len(offsets)-1]]
	if catalog.IsASCII(whole) {
		return c, nil
	}
	normal := true
	for i := range c.Len() {
		if s := c.At(i); !catalog.IsASCII(s) {
			if !utf8.ValidString(s) {
				return nil, fmt.Errorf("%q is not valid UTF-8", s)
			}
			normal = normal && norm.NFC.IsNormalString(s)
		}
	}
	if normal {
		return c, nil
	}
	text := make([]byte, 0, len(whole)+len(whole)/16)
	ends := make([]int32, 1, len(offsets))
	for i := range c.Len() {
		text = norm.NFC.AppendString(text, c.At(i))
		ends = append(ends, int32(len(text)))
	}
	return catalog.NewStrings(unsafe.String(unsafe.SliceData(text), len(text)), slices.Clip(ends)), nil
}
