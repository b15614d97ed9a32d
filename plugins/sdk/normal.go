package sdk

import (
	"encoding/binary"
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
	if isASCII(whole) {
		return c, nil
	}
	normal := true
	for i := range c.Len() {
		if s := c.At(i); !isASCII(s) {
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

// isASCII reports whether a text is ASCII, and so in NFC.
func isASCII(s string) bool {
	const high = 0x8080808080808080
	b := unsafe.Slice(unsafe.StringData(s), len(s))
	for len(b) >= 32 {
		all := binary.LittleEndian.Uint64(b) | binary.LittleEndian.Uint64(b[8:]) |
			binary.LittleEndian.Uint64(b[16:]) | binary.LittleEndian.Uint64(b[24:])
		if all&high != 0 {
			return false
		}
		b = b[32:]
	}
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
