package history

import (
	"encoding/binary"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// What a field's value begins with, if it is a number or a bool.
const (
	null   = 0
	asText = 1 // a number that is too large for the usual form
	scaled = 2 // plus the scale
	truth  = 1
	untrue = 2

	mostScale = 250
)

// appendField appends row i's value of a column.
func appendField(dst []byte, column catalog.Column, i int) []byte {
	switch c := column.(type) {
	case *catalog.Strings:
		return appendText(dst, c.At(i))
	case *catalog.Numbers:
		d, ok := c.At(i)
		if !ok {
			return append(dst, null)
		}
		coef, scale, fits := d.Reduce().Int64()
		if !fits || scale < 0 || scale > mostScale {
			return appendText(append(dst, asText), d.String())
		}
		return binary.AppendVarint(append(dst, byte(scaled+scale)), coef)
	case *catalog.Bools:
		switch is, ok := c.At(i); {
		case !ok:
			return append(dst, null)
		case is:
			return append(dst, truth)
		}
		return append(dst, untrue)
	case *catalog.Lists:
		from, to := c.Span(i)
		dst = binary.AppendUvarint(dst, uint64(to-from))
		for at := from; at < to; at++ {
			dst = appendText(dst, c.Items().At(at))
		}
	case *catalog.Maps:
		from, to := c.Span(i)
		dst = binary.AppendUvarint(dst, uint64(to-from))
		for at := from; at < to; at++ {
			dst = appendText(appendText(dst, c.Keys().At(at)), c.Values().At(at))
		}
	}
	return dst
}

func appendText(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

// cursor reads what was written with the functions above. What is not there, or cannot be, makes it bad: then all it returns is empty.
type cursor struct {
	b   []byte
	bad bool
}

func (c *cursor) fail() { c.b, c.bad = nil, true }

func (c *cursor) byte() byte {
	if len(c.b) == 0 {
		c.fail()
		return 0
	}
	first := c.b[0]
	c.b = c.b[1:]
	return first
}

func (c *cursor) uvarint() uint64 {
	if len(c.b) > 0 && c.b[0] < 0x80 {
		n := c.b[0]
		c.b = c.b[1:]
		return uint64(n)
	}
	n, width := binary.Uvarint(c.b)
	if width <= 0 {
		c.fail()
		return 0
	}
	c.b = c.b[width:]
	return n
}

// count reads a number of things that take a byte each at least.
func (c *cursor) count() int {
	n := c.uvarint()
	if n > uint64(len(c.b)) {
		c.fail()
		return 0
	}
	return int(n)
}

// bytes returns the next n bytes.
func (c *cursor) bytes(n int) []byte {
	if n < 0 || n > len(c.b) {
		c.fail()
		return nil
	}
	part := c.b[:n]
	c.b = c.b[n:]
	return part
}

func (c *cursor) text() string { return string(c.bytes(c.count())) }

// field reads a value and, if to is not nil, sets it as the field of the builder's item.
func (c *cursor) field(typ catalog.Type, to *catalog.Builder, field int) {
	switch typ {
	case catalog.String:
		if text := c.bytes(c.count()); to != nil && !c.bad {
			to.SetString(field, string(text))
		}
	case catalog.Number:
		if d, ok := c.number(); ok && to != nil && !c.bad {
			to.SetNumber(field, d)
		}
	case catalog.Bool:
		switch b := c.byte(); {
		case b > untrue:
			c.fail()
		case b != null && to != nil:
			to.SetBool(field, b == truth)
		}
	case catalog.List:
		list := make([]string, c.count())
		for i := range list {
			list[i] = c.text()
		}
		if to != nil && !c.bad {
			to.SetList(field, list)
		}
	case catalog.Map:
		entries := make([]catalog.Entry, c.count())
		for i := range entries {
			entries[i].Key = c.text()
			entries[i].Value = c.text()
		}
		if to != nil && !c.bad {
			to.SetMap(field, entries)
		}
	default:
		c.fail()
	}
}

func (c *cursor) number() (catalog.Decimal, bool) {
	first := c.byte()
	switch first {
	case null:
		return catalog.Decimal{}, false
	case asText:
		d, err := catalog.ParseDecimal(c.text())
		if err != nil {
			c.fail()
		}
		return d, err == nil
	}
	coef, width := binary.Varint(c.b)
	if width <= 0 {
		c.fail()
		return catalog.Decimal{}, false
	}
	c.b = c.b[width:]
	return catalog.NewDecimal(coef, int(first-scaled)), true
}
