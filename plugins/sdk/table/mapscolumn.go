package table

import (
	"bytes"
	"encoding/binary"
	"math/bits"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/sdk/table/delimited"
	"github.com/reconcilehq/reconcile/plugins/sdk/table/grid"
)

// mapsColumn holds maps, each of those that differ once: a catalogue has few, and many items.
type mapsColumn struct {
	source     mapSource
	recent     [256]recentMap   // by hash
	known      map[string]int32 // where in remembered, by text
	texts      []string         // of those remembered
	remembered [][]catalog.Entry

	index []int32           // by row, which of maps
	maps  [][]catalog.Entry // those of the rows
	place []int32           // by place in remembered: where in maps, or behind its end
	from  []int32           // by place in maps: where in remembered, or -1
}

type recentMap struct {
	hash uint64
	at   int32 // in remembered, plus one
}

// mapSource is where in a row a map comes from.
type mapSource interface {
	// text returns the row's text that the map depends on; scratch is room for it.
	text(b *delimited.Block, row int, scratch []byte) []byte
	// entries reads that text.
	entries(text string) ([]catalog.Entry, error)
}

func newMapsColumn(source mapSource) *mapsColumn {
	return &mapsColumn{source: source, known: map[string]int32{}}
}

func (c *mapsColumn) add(b *delimited.Block, bad []int) []int {
	var scratch []byte
	for row := range b.Rows() {
		text := c.source.text(b, row, scratch)
		hash := fingerprint(text)
		recent := &c.recent[hash>>56]
		at := recent.at - 1
		if at < 0 || recent.hash != hash || c.texts[at] != string(text) {
			if at = c.find(text); at >= 0 {
				recent.hash, recent.at = hash, at+1
			}
		}
		if at < 0 {
			entries, err := c.source.entries(string(text))
			if err != nil {
				bad = append(bad, row)
			}
			c.index = append(c.index, c.push(entries, -1))
			continue
		}
		place := c.place[at]
		if int(place) >= len(c.maps) || c.from[place] != at {
			place = c.push(c.remembered[at], at)
			c.place[at] = place
		}
		c.index = append(c.index, place)
	}
	return bad
}

// fingerprint returns a number that differs for most texts, by their ends and length.
func fingerprint(text []byte) uint64 {
	n := len(text)
	sum := uint64(n)
	if n >= 8 {
		sum ^= binary.LittleEndian.Uint64(text) ^ bits.RotateLeft64(binary.LittleEndian.Uint64(text[n-8:]), 29)
	} else {
		for _, c := range text {
			sum = sum<<8 ^ uint64(c)
		}
	}
	return sum * 0x9e3779b97f4a7c15
}

// find returns where the map of the text is remembered, which it may be from now on; -1 if it is not.
func (c *mapsColumn) find(text []byte) int32 {
	at, known := c.known[string(text)]
	if known {
		return at
	}
	if len(c.remembered) >= mostMaps {
		return -1
	}
	entries, err := c.source.entries(string(text))
	if err != nil {
		return -1
	}
	at = int32(len(c.remembered))
	c.known[string(text)] = at
	c.texts = append(c.texts, string(text))
	c.remembered = append(c.remembered, entries)
	c.place = append(c.place, 0)
	return at
}

func (c *mapsColumn) push(entries []catalog.Entry, remembered int32) int32 {
	c.maps = append(c.maps, entries)
	c.from = append(c.from, remembered)
	return int32(len(c.maps) - 1)
}

// cut leaves the maps of the rows that it cuts: they may come again.
func (c *mapsColumn) cut(n int) { c.index = c.index[:n] }

func (c *mapsColumn) size() int { return 4 * len(c.index) }

func (c *mapsColumn) column() catalog.Column {
	var keys, values stringsColumn
	keys.offsets, values.offsets = []int32{0}, []int32{0}
	offsets := []int32{0}
	for _, entries := range c.maps {
		for _, e := range entries {
			keys.text, values.text = append(keys.text, e.Key...), append(values.text, e.Value...)
			keys.offsets = append(keys.offsets, int32(len(keys.text)))
			values.offsets = append(values.offsets, int32(len(values.text)))
		}
		offsets = append(offsets, int32(len(keys.offsets)-1))
	}
	return catalog.NewIndexedMaps(c.index, catalog.NewMaps(keys.strings(), values.strings(), offsets))
}

func (c *mapsColumn) reset(kept bool) {
	c.index, c.maps, c.from = again(c.index, kept), c.maps[:0], c.from[:0]
}

// mapCell is a map that stands in one column.
type mapCell int

func (m mapCell) text(b *delimited.Block, row int, _ []byte) []byte { return b.Cell(row, int(m)) }

func (m mapCell) entries(text string) ([]catalog.Entry, error) { return parseMap(text) }

// optionCells are options that stand in a column each.
type optionCells struct {
	options []optionCell
	cells   []grid.Cell
}

// text puts the columns' texts behind one another, each with its length before it: no two rows that differ have the same.
func (o *optionCells) text(b *delimited.Block, row int, scratch []byte) []byte {
	for _, option := range o.options {
		cell := bytes.TrimSpace(b.Cell(row, o.cells[option.cell].Column))
		scratch = binary.LittleEndian.AppendUint32(scratch, uint32(len(cell)))
		scratch = append(scratch, cell...)
	}
	return scratch
}

func (o *optionCells) entries(text string) ([]catalog.Entry, error) {
	var entries []catalog.Entry
	for _, option := range o.options {
		n := binary.LittleEndian.Uint32([]byte(text[:4]))
		value := text[4 : 4+n]
		text = text[4+n:]
		if value != "" {
			entries = append(entries, catalog.Entry{Key: option.name, Value: value})
		}
	}
	return entries, nil
}
