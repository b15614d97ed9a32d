package table

import (
	"slices"
	"unsafe"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/sdk/table/delimited"
)

// stringsColumn holds strings, one behind the other.
type stringsColumn struct {
	at      int
	text    []byte
	offsets []int32 // where they start, and the end
}

func (c *stringsColumn) add(b *delimited.Block, bad []int) []int {
	total := 0
	for i := c.at; i < len(b.Spans); i += b.Width {
		total += int(b.Spans[i].To - b.Spans[i].From)
	}
	n := len(c.text)
	text := slices.Grow(c.text, total+delimited.Tail)[:n+total+delimited.Tail]
	for i := c.at; i < len(b.Spans); i += b.Width {
		s := b.Spans[i]
		from, length := int(s.From), int(s.To-s.From)
		// What is copied too much is copied over by the next, and there is room for it behind both texts.
		if length <= 32 {
			*(*[32]byte)(text[n:]) = *(*[32]byte)(b.Text[from:])
		} else {
			copy(text[n:], b.Text[from:from+length])
		}
		n += length
		c.offsets = append(c.offsets, int32(n))
	}
	c.text = text[:n]
	return bad
}

func (c *stringsColumn) cut(n int) {
	c.offsets = c.offsets[:n+1]
	c.text = c.text[:c.offsets[n]]
}

func (c *stringsColumn) size() int { return len(c.text) + 4*len(c.offsets) }

func (c *stringsColumn) column() catalog.Column { return c.strings() }

func (c *stringsColumn) strings() *catalog.Strings {
	return catalog.NewStrings(unsafe.String(unsafe.SliceData(c.text), len(c.text)), c.offsets)
}

func (c *stringsColumn) reset(kept bool) {
	c.text, c.offsets = again(c.text, kept), append(again(c.offsets, kept), 0)
}

// again returns an empty slice: that of the last batch, or where that is kept, one with room for as much.
func again[E any](last []E, kept bool) []E {
	if !kept {
		return last[:0]
	}
	return make([]E, 0, roomLike(len(last)))
}

// roomLike is how much room to make where the last batch took n: the next will be like it.
func roomLike(n int) int { return n + n/16 + 2*delimited.Tail }

// boolsColumn holds bools.
type boolsColumn struct {
	at           int
	n            int
	truth, valid catalog.Bitmap
	nulls        bool
	spelling     *spelling
}

func (c *boolsColumn) add(b *delimited.Block, bad []int) []int {
	for row := range b.Rows() {
		if c.n&7 == 0 {
			c.truth, c.valid = append(c.truth, 0), append(c.valid, 0)
		}
		truth, ok, err := c.spelling.truth(string(b.Cell(row, c.at)))
		if err != nil {
			bad = append(bad, row)
		}
		if truth {
			c.truth[c.n>>3] |= 1 << (c.n & 7)
		}
		if ok {
			c.valid[c.n>>3] |= 1 << (c.n & 7)
		} else {
			c.nulls = true
		}
		c.n++
	}
	return bad
}

func (c *boolsColumn) cut(n int) {
	c.n = n
	c.truth, c.valid = c.truth[:(n+7)/8], c.valid[:(n+7)/8]
	if n&7 != 0 {
		c.truth[n>>3] &= 1<<(n&7) - 1
		c.valid[n>>3] &= 1<<(n&7) - 1
	}
}

func (c *boolsColumn) size() int { return c.n / 4 }

func (c *boolsColumn) column() catalog.Column {
	valid := c.valid
	if !c.nulls {
		valid = nil
	}
	return catalog.NewBools(c.n, c.truth, valid)
}

func (c *boolsColumn) reset(kept bool) {
	*c = boolsColumn{at: c.at, spelling: c.spelling, truth: again(c.truth, kept), valid: again(c.valid, kept)}
}

// listsColumn holds lists.
type listsColumn struct {
	at      int
	items   stringsColumn
	offsets []int32
	gaps    []int // the rows of the last block whose lists have empty entries between others
}

func (c *listsColumn) add(b *delimited.Block, bad []int) []int {
	c.gaps = c.gaps[:0]
	if c.offsets == nil {
		c.offsets, c.items.offsets = []int32{0}, []int32{0}
	}
	for row := range b.Rows() {
		list, gap := parseList(string(b.Cell(row, c.at)))
		if gap {
			c.gaps = append(c.gaps, row)
		}
		for _, item := range list {
			c.items.text = append(c.items.text, item...)
			c.items.offsets = append(c.items.offsets, int32(len(c.items.text)))
		}
		c.offsets = append(c.offsets, int32(len(c.items.offsets)-1))
	}
	return bad
}

func (c *listsColumn) cut(n int) {
	c.items.cut(int(c.offsets[n]))
	c.offsets = c.offsets[:n+1]
}

func (c *listsColumn) size() int { return c.items.size() + 4*len(c.offsets) }

func (c *listsColumn) column() catalog.Column { return catalog.NewLists(c.items.strings(), c.offsets) }

func (c *listsColumn) reset(kept bool) {
	c.items.reset(kept)
	c.offsets = append(again(c.offsets, kept), 0)
}
