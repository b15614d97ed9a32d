package row

import (
	"encoding/binary"
	"math/big"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// Decoder makes batches of items that were laid out by a Codec. It is for one goroutine.
type Decoder struct {
	*Codec
	builder *catalog.Builder
	list    []string
	entries []catalog.Entry
}

// NewDecoder returns a decoder of the codec's items.
func (c *Codec) NewDecoder() *Decoder {
	return &Decoder{Codec: c, builder: catalog.NewBuilder(c.schema)}
}

// Len returns the number of items that were added since the last Batch.
func (d *Decoder) Len() int { return d.builder.Len() }

// Batch returns the items that were added, and starts anew.
func (d *Decoder) Batch() *catalog.Batch { return d.builder.Batch() }

// Add adds an item. It keeps no reference to its bytes.
func (d *Decoder) Add(item []byte) {
	at := 0
	if d.keyed {
		at = length(item, catalog.String)
	}
	for i, typ := range d.types {
		at += d.set(d.order[i], typ, item[at:])
	}
	d.builder.End()
}

// set sets a field, and returns how many bytes it takes.
func (d *Decoder) set(field int, typ catalog.Type, b []byte) int {
	switch typ {
	case catalog.String:
		text, n := textOf(b)
		d.builder.SetString(field, text)
		return n
	case catalog.Number:
		return d.setNumber(field, b)
	case catalog.Bool:
		if b[0] != null {
			d.builder.SetBool(field, b[0] == truth)
		}
		return 1
	case catalog.List:
		n, at := binary.Uvarint(b)
		d.list = d.list[:0]
		for range n {
			text, width := textOf(b[at:])
			d.list = append(d.list, text)
			at += width
		}
		d.builder.SetList(field, d.list)
		return at
	}
	n, at := binary.Uvarint(b)
	d.entries = d.entries[:0]
	for range n {
		key, width := textOf(b[at:])
		at += width
		value, width := textOf(b[at:])
		at += width
		d.entries = append(d.entries, catalog.Entry{Key: key, Value: value})
	}
	d.builder.SetMap(field, d.entries)
	return at
}

func (d *Decoder) setNumber(field int, b []byte) int {
	switch b[0] {
	case null:
		return 1
	case wide:
		text, n := textOf(b[1:])
		coef := new(big.Int).SetBytes([]byte(text[5:]))
		if text[4] == 0 {
			coef.Neg(coef)
		}
		d.builder.SetNumber(field, catalog.NewWideDecimal(coef, int(binary.LittleEndian.Uint32([]byte(text[:4])))))
		return 1 + n
	}
	coef, n := binary.Varint(b[1:])
	d.builder.SetNumber(field, catalog.NewDecimal(coef, int(b[0]-scaled)))
	return 1 + n
}

// textOf returns the text at the beginning of b, which shares its memory, and how many bytes it takes.
func textOf(b []byte) (string, int) {
	n, width := binary.Uvarint(b)
	end := width + int(n)
	return view(b[width:end]), end
}
