package history

import (
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/row"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// What an item's values begin with. The first two of these bits are for pos; that for store is the next one.
const (
	isThere      = 0x01
	isUnreadable = 0x04
	tellsUnknown = 0x10
)

// twins says, of the rows of both sides, which fields are the same field: by name, with the same type.
type twins struct {
	schemas [2]*catalog.Schema
	pos     []int             // by column of store: the column of pos; -1 if there is none
	own     [2][]int          // by side and column: 1 for the SKU, 2 for the name; 0 for others
	types   [2][]catalog.Type // by side and column
}

func newTwins(schemas [2]*catalog.Schema) *twins {
	t := &twins{schemas: schemas}
	for side, schema := range schemas {
		if schema == nil {
			continue
		}
		t.own[side] = make([]int, schema.Len())
		for _, f := range schema.Fields() {
			t.types[side] = append(t.types[side], f.Type)
		}
		for i, name := range []string{"sku", "name"} {
			if at := schema.Index(name); at >= 0 && schema.Field(at).Type == catalog.String {
				t.own[side][at] = i + 1
			}
		}
	}
	if schemas[verdict.Store] == nil {
		return t
	}
	for _, f := range schemas[verdict.Store].Fields() {
		at := -1
		if pos := schemas[verdict.Pos]; pos != nil {
			if at = pos.Index(f.Name); at >= 0 && pos.Field(at).Type != f.Type {
				at = -1
			}
		}
		t.pos = append(t.pos, at)
	}
	return t
}

// like returns what a field is probably equal to, as bytes; nil if nothing is known. row are the fields of the item's pos row if it has
// one and this is not it; item are its SKU and name.
func (t *twins) like(side verdict.Side, field int, row, item [][]byte) []byte {
	if side == verdict.Store && row != nil && t.pos[field] >= 0 {
		return row[t.pos[field]]
	}
	if own := t.own[side][field]; own > 0 {
		return item[own-1]
	}
	return nil
}

// valuesEncoder writes what is kept of items. It is for one goroutine.
type valuesEncoder struct {
	*twins
	scratch []byte
	item    [2][]byte   // SKU and name
	rows    [2][][]byte // by side: the fields
	dicts   [][]byte    // by number: maps that items share where they are kept; nil for those that have not come up
}

// append appends an item's values.
func (e *valuesEncoder) append(dst []byte, it *report.Item, sku, name string, result *report.Result) []byte {
	flags, at := byte(0), len(dst)
	dst = append(dst, 0)
	e.scratch = e.scratch[:0]
	e.item[0] = e.put(func(b []byte) []byte { return appendText(b, sku) })
	e.item[1] = e.put(func(b []byte) []byte { return appendText(b, name) })
	var pos [][]byte
	for _, side := range verdict.Sides {
		if row := it.Row(side); row.Has() {
			flags |= isThere << side
			dst = e.appendRow(dst, side, row, pos)
			pos = e.rows[verdict.Pos]
		}
	}
	for _, side := range verdict.Sides {
		if u := it.Unreadable[side]; u != nil {
			flags |= isUnreadable << side
			dst = appendText(appendText(dst, u.SKU), u.Reason)
		}
	}
	if it.Outcome != nil && slices.Contains(it.Outcome.Unknown, true) && result.WhyUnknown != nil {
		flags |= tellsUnknown
		dst = appendUnknowns(dst, it, result)
	}
	dst[at] = flags
	return dst
}

// put returns what is written, which stays where it is until the next item.
func (e *valuesEncoder) put(write func([]byte) []byte) []byte {
	from := len(e.scratch)
	e.scratch = write(e.scratch)
	return e.scratch[from:len(e.scratch):len(e.scratch)]
}

func (e *valuesEncoder) appendRow(dst []byte, side verdict.Side, of report.Row, pos [][]byte) []byte {
	n := e.schemas[side].Len()
	dst = binary.AppendUvarint(dst, uint64(of.Place))
	bits := len(dst)
	for range (n + 7) / 8 {
		dst = append(dst, 0)
	}
	fields := e.rows[side][:0]
	for f := range n {
		value := e.field(of, side, f)
		fields = append(fields, value)
		if like := e.like(side, f, pos, e.item[:]); like != nil && string(like) == string(value) {
			dst[bits+f/8] |= 1 << (f % 8)
		} else {
			dst = append(dst, value...)
		}
	}
	e.rows[side] = fields
	return dst
}

// field returns a field's value, which stays where it is until the next item. Most values of rows that lie as the engine keeps them are
// written there as they are here.
func (e *valuesEncoder) field(of report.Row, side verdict.Side, f int) []byte {
	if of.Kept == nil {
		return e.put(func(b []byte) []byte { return appendField(b, of.Batch.Column(f), of.I) })
	}
	kept := of.Kept.Field(f)
	switch e.types[side][f] {
	case catalog.Number:
		if number, wide := row.WideNumber(kept); wide {
			return e.put(func(b []byte) []byte { return appendText(append(b, asText), number.String()) })
		}
	case catalog.Map:
		return e.dict(of.Kept, kept)
	}
	return kept
}

// dict returns the value of a map. Of those that items share each is made once.
func (e *valuesEncoder) dict(of *row.View, kept []byte) []byte {
	number, shared := row.SharedMap(kept)
	if !shared {
		return e.put(func(b []byte) []byte { return appendEntries(b, of.AppendEntries(nil, kept)) })
	}
	for len(e.dicts) <= number {
		e.dicts = append(e.dicts, nil)
	}
	if e.dicts[number] == nil {
		e.dicts[number] = appendEntries(nil, of.AppendEntries(nil, kept))
	}
	return e.dicts[number]
}

func appendEntries(dst []byte, entries []catalog.Entry) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(entries)))
	for _, entry := range entries {
		dst = appendText(appendText(dst, entry.Key), entry.Value)
	}
	return dst
}

func appendUnknowns(dst []byte, it *report.Item, result *report.Result) []byte {
	var list []byte
	count := 0
	for rule, unknown := range it.Outcome.Unknown {
		if !unknown {
			continue
		}
		for _, u := range result.WhyUnknown(it, rule) {
			list = append(binary.AppendUvarint(list, uint64(rule)), byte(u.Side))
			list = appendText(appendText(list, u.Field), u.Reason)
			count++
		}
	}
	return append(binary.AppendUvarint(dst, uint64(count)), list...)
}

// valuesDecoder reads what is kept of items into batches; without builders only into rows. It is for one goroutine.
type valuesDecoder struct {
	*twins
	builders [2]*catalog.Builder
	item     [2][]byte
	rows     [2][][]byte // by side: the fields of the row that was read last
}

func newValuesDecoder(t *twins) *valuesDecoder {
	d := &valuesDecoder{twins: t}
	for side, schema := range t.schemas {
		d.builders[side] = catalog.NewBuilder(schema)
	}
	return d
}

// item reads an item's values. Of the rows of it, places and I are set; their batches are made when all items have been read. sku and
// name are the item's.
func (d *valuesDecoder) read(b []byte, it *report.Item, sku, name string) ([]report.Unknown, error) {
	c := &cursor{b: b}
	flags := c.byte()
	d.item[0] = appendText(d.item[0][:0], sku)
	d.item[1] = appendText(d.item[1][:0], name)
	var pos [][]byte
	for _, side := range verdict.Sides {
		if flags&(isThere<<side) == 0 {
			d.rows[side] = d.rows[side][:0]
			continue
		}
		row := report.Row{}
		if d.builders[side] != nil {
			row.I = d.builders[side].Len()
		}
		row.Place = int64(c.uvarint())
		d.readRow(c, side, pos)
		pos = d.rows[verdict.Pos]
		row.Batch = unmade
		if side == verdict.Store {
			it.Store = row
		} else {
			it.Pos = row
		}
	}
	for _, side := range verdict.Sides {
		if flags&(isUnreadable<<side) != 0 {
			sku := c.text()
			it.Unreadable[side] = &report.Unreadable{SKU: sku, Reason: c.text()}
		}
	}
	var unknown []report.Unknown
	if flags&tellsUnknown != 0 {
		for range c.count() {
			u := report.Unknown{Rule: int(c.uvarint())}
			if c.byte() != 0 {
				u.Side = verdict.Store
			}
			u.Field = c.text()
			u.Reason = c.text()
			unknown = append(unknown, u)
		}
	}
	if c.bad || len(c.b) > 0 {
		return nil, fmt.Errorf("the values of %q are not what their length says", sku)
	}
	return unknown, nil
}

// Placeholders for batches that are not made yet: of rows whose values are kept, and of others.
var unmade, unmadeShort = &catalog.Batch{}, &catalog.Batch{}

func (d *valuesDecoder) readRow(c *cursor, side verdict.Side, pos [][]byte) {
	n := d.schemas[side].Len()
	same, fields := c.bytes((n+7)/8), d.rows[side][:0]
	if c.bad {
		return
	}
	for f := range n {
		typ := d.schemas[side].Field(f).Type
		if same[f/8]&(1<<(f%8)) != 0 {
			like := cursor{b: d.like(side, f, pos, d.item[:])}
			fields = append(fields, like.b)
			like.field(typ, d.builders[side], f)
			c.bad = c.bad || like.bad
			continue
		}
		from := c.b
		c.field(typ, d.builders[side], f)
		fields = append(fields, from[:len(from)-len(c.b)])
	}
	d.rows[side] = fields
	if d.builders[side] != nil {
		d.builders[side].End()
	}
}
