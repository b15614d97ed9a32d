package row

import (
	"encoding/binary"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// Decoder makes batches of encoded items. It is for one goroutine.
type Decoder struct {
	*Codec
	builder *catalog.Builder
	list    []string
	maps    []*mapsDecoder // by field; nil for other fields
}

// NewDecoder returns a decoder of the codec's items.
func (c *Codec) NewDecoder() *Decoder {
	d := &Decoder{Codec: c, builder: catalog.NewBuilder(c.schema), maps: make([]*mapsDecoder, c.schema.Len())}
	for i, f := range c.schema.Fields() {
		if f.Type == catalog.Map {
			d.maps[i] = &mapsDecoder{sharedMaps: c.sharedMaps, builder: catalog.NewBuilder(oneMap)}
		}
	}
	return d
}

// Len returns the number of items that were added since the last Batch.
func (d *Decoder) Len() int { return d.builder.Len() }

// Batch returns the items that were added, and starts anew.
func (d *Decoder) Batch() *catalog.Batch {
	batch, columns := d.builder.Batch(), []catalog.Column(nil)
	for i, maps := range d.maps {
		if maps == nil {
			continue
		}
		if columns == nil {
			columns = make([]catalog.Column, len(d.maps))
			for j := range columns {
				columns[j] = batch.Column(j)
			}
		}
		columns[i] = maps.column()
	}
	if columns == nil {
		return batch
	}
	return catalog.NewBatch(d.schema, batch.Len(), columns)
}

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

// AddView adds an item that a view of the codec is on, with those of its columns alone that are wanted; nil: with all. The others are
// null or empty.
func (d *Decoder) AddView(v *View, wanted []bool) {
	for place, typ := range d.types {
		column := d.order[place]
		switch {
		case wanted == nil || wanted[column]:
			d.set(column, typ, v.At(place))
		case typ == catalog.Map:
			d.maps[column].add(noEntries)
		}
	}
	d.builder.End()
}

// noEntries is a map without any.
var noEntries = []byte{0}

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
	return d.maps[field].add(b)
}

// mapsDecoder makes a column of maps. A shared map is in it once, however many items refer to it.
type mapsDecoder struct {
	sharedMaps *sharedMaps
	builder    *catalog.Builder // of the maps of the column
	index      []int32
	indexOf    []int32  // by number in sharedMaps: the map's index in the column, plus one; 0: it is not there yet
	placed     []uint32 // the numbers of those that are
	entries    []catalog.Entry
}

var oneMap = catalog.MustSchema(catalog.Field{Name: "map", Type: catalog.Map})

// add adds a map, and returns how many bytes it takes.
func (m *mapsDecoder) add(b []byte) int {
	n, at := binary.Uvarint(b)
	if n&1 == 0 {
		m.index = append(m.index, int32(m.builder.Len()))
		return at + m.put(n/2, b[at:])
	}
	id := uint32(n >> 1)
	for int(id) >= len(m.indexOf) {
		m.indexOf = append(m.indexOf, 0)
	}
	if m.indexOf[id] == 0 {
		m.placed, m.indexOf[id] = append(m.placed, id), int32(m.builder.Len()+1)
		written := []byte(m.sharedMaps.at(id))
		entries, width := binary.Uvarint(written)
		m.put(entries/2, written[width:])
	}
	m.index = append(m.index, m.indexOf[id]-1)
	return at
}

// put adds a map with n entries to the column's maps. It returns how many bytes the entries take.
func (m *mapsDecoder) put(n uint64, b []byte) (at int) {
	m.entries = m.entries[:0]
	for range n {
		key, width := textOf(b[at:])
		at += width
		value, width := textOf(b[at:])
		at += width
		m.entries = append(m.entries, catalog.Entry{Key: key, Value: value})
	}
	m.builder.SetMap(0, m.entries)
	m.builder.End()
	return at
}

// column returns the maps that were added, and starts anew.
func (m *mapsDecoder) column() catalog.Column {
	c := catalog.NewIndexedMaps(m.index, m.builder.Batch().Column(0).(*catalog.Maps))
	for _, id := range m.placed {
		m.indexOf[id] = 0
	}
	m.placed, m.index = m.placed[:0], make([]int32, 0, len(m.index))
	return c
}

func (d *Decoder) setNumber(field int, b []byte) int {
	switch b[0] {
	case null:
		return 1
	case wide:
		number, _ := Number(b)
		d.builder.SetNumber(field, number)
		return length(b, catalog.Number)
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
