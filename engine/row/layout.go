// Package row encodes single items as bytes, one field after the other. So all fields of an item are next to each other: an
// item takes hardly more memory than its values, comparing two items is one look at memory, and they can be written to disk
// as they are.
//
// The bytes of both sides begin in the same way: with the key, if it is not a plain field, then the twins. Twins are the
// fields that are compared across the sides. Equal values have equal bytes, so most comparisons only compare bytes.
package row

import (
	"encoding/binary"
	"unsafe"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// MaxTwins is the most twins that a layout has.
const MaxTwins = 64

// Layout says how the items of two sides are encoded. Several goroutines may use it.
type Layout struct {
	Sides [2]*Codec
	Twins int
}

// NewLayout returns the layout of items with the given fields. twins are pairs of columns, one of each side, with the same
// type; no column is in two pairs. If keyed, each item begins with its key; otherwise the first twins are the keys.
func NewLayout(schemas [2]*catalog.Schema, twins [][2]int, keyed bool) *Layout {
	l, sharedMaps := &Layout{Twins: len(twins)}, &sharedMaps{}
	for side, schema := range schemas {
		c := &Codec{schema: schema, twins: len(twins), keyed: keyed, sharedMaps: sharedMaps}
		taken := make([]bool, schema.Len())
		add := func(column int) {
			taken[column] = true
			c.order = append(c.order, column)
			c.types = append(c.types, schema.Field(column).Type)
		}
		for _, t := range twins {
			add(t[side])
		}
		for column := range taken {
			if !taken[column] {
				add(column)
			}
		}
		l.Sides[side] = c
	}
	return l
}

// Codec turns the items of one side into bytes and back.
type Codec struct {
	schema     *catalog.Schema
	order      []int          // the columns in the order of their bytes
	types      []catalog.Type // in that order
	twins      int
	keyed      bool
	sharedMaps *sharedMaps // those of both sides
}

// Twins returns how many twins there are.
func (c *Codec) Twins() int { return c.twins }

// OnlyTwins reports whether the items have no field that is not a twin.
func (c *Codec) OnlyTwins() bool { return c.twins == len(c.order) }

// Schema returns the fields of the items.
func (c *Codec) Schema() *catalog.Schema { return c.schema }

// Key returns the key at the beginning of an item's bytes. It shares their memory.
func (c *Codec) Key(item []byte) string {
	n, width := binary.Uvarint(item)
	return view(item[width : width+int(n)])
}

// Text returns the text in a column of an item's bytes. It shares their memory.
func (c *Codec) Text(item []byte, column int) string {
	at := 0
	if c.keyed {
		at = length(item, catalog.String)
	}
	for i, typ := range c.types {
		if c.order[i] == column {
			text, _ := textOf(item[at:])
			return text
		}
		at += length(item[at:], typ)
	}
	return ""
}

// Measure returns the offsets at which the key and the twins end, and the set of twins that are null.
func (c *Codec) Measure(item []byte) (key, twins int, nulls uint64) {
	n, width := binary.Uvarint(item)
	key = width + int(n)
	at := 0
	if c.keyed {
		at = key
	}
	for t, typ := range c.types[:c.twins] {
		if typ.Nullable() && item[at] == null {
			nulls |= 1 << t
		}
		at += length(item[at:], typ)
	}
	return key, at, nulls
}

// Compare compares two items, a of pos and b of store. It returns the set of twins that are equal, of those that are
// equal since both are null, and of those that differ and are not null on either side.
func (l *Layout) Compare(a, b []byte) (equal, nulls, differ uint64) {
	c := l.Sides[0]
	atA, atB := 0, 0
	if c.keyed {
		atA, atB = length(a, catalog.String), length(b, catalog.String)
	}
	for t, typ := range c.types[:c.twins] {
		endA, endB := atA+length(a[atA:], typ), atB+length(b[atB:], typ)
		switch nullable := typ.Nullable(); {
		case string(a[atA:endA]) == string(b[atB:endB]):
			equal |= 1 << t
			if nullable && a[atA] == null {
				nulls |= 1 << t
			}
		case !nullable || a[atA] != null && b[atB] != null:
			differ |= 1 << t
		}
		atA, atB = endA, endB
	}
	return equal, nulls, differ
}

// AppendRest appends what item has and its partner on the other side does not. equal is the set of twins that are equal in
// the two. With the partner and this rest, Restore makes the item again.
func (c *Codec) AppendRest(dst, item []byte, equal uint64) []byte {
	dst = binary.AppendUvarint(dst, equal)
	at := 0
	if c.keyed {
		at = length(item, catalog.String)
	}
	for t, typ := range c.types[:c.twins] {
		end := at + length(item[at:], typ)
		if equal>>t&1 == 0 {
			dst = append(dst, item[at:end]...)
		}
		at = end
	}
	return append(dst, item[at:]...)
}

// Restore appends the item whose rest AppendRest has made. other is its partner on the other side.
func (c *Codec) Restore(dst, rest, other []byte) []byte {
	equal, at := binary.Uvarint(rest)
	atOther := 0
	if c.keyed {
		atOther = length(other, catalog.String)
		dst = append(dst, other[:atOther]...)
	}
	for t, typ := range c.types[:c.twins] {
		endOther := atOther + length(other[atOther:], typ)
		if equal>>t&1 != 0 {
			dst = append(dst, other[atOther:endOther]...)
		} else {
			end := at + length(rest[at:], typ)
			dst = append(dst, rest[at:end]...)
			at = end
		}
		atOther = endOther
	}
	return append(dst, rest[at:]...)
}

// AllEqual is the set of all twins.
func (l *Layout) AllEqual() uint64 { return 1<<l.Twins - 1 }

// length returns how many bytes a field takes.
func length(b []byte, typ catalog.Type) int {
	switch typ {
	case catalog.String:
		return textLength(b)
	case catalog.Number:
		switch b[0] {
		case null:
			return 1
		case wide:
			return 1 + textLength(b[1:])
		}
		at := 1
		for b[at] >= 0x80 {
			at++
		}
		return at + 1
	case catalog.Bool:
		return 1
	}
	n, at := binary.Uvarint(b)
	if typ == catalog.Map && n&1 != 0 {
		return at // n is the number of a map
	}
	for range n { // of a map n is twice the number of its entries
		at += textLength(b[at:])
	}
	return at
}

func textLength(b []byte) int {
	if b[0] < 0x80 {
		return 1 + int(b[0])
	}
	n, width := binary.Uvarint(b)
	return width + int(n)
}

// view returns bytes that do not change as a string.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
