package match

import (
	"bytes"
	"encoding/binary"

	"github.com/reconcilehq/reconcile/engine/verdict"
)

// Exports are often sorted by SKU. Where the items of a part come in the order of their keys on both sides, none of these keys is there
// twice on a side, and partners are found by going along both shelves: there is no table to fill.

// cursor goes along the items of a shelf.
type cursor struct {
	chunks [][]byte // behind the one that it is in
	left   []byte   // of that, behind the item that it is at
	held   []byte   // that item, as it lies there; nil behind the last
	key    []byte
}

// along returns a cursor before the first item.
func (s *shelf) along() (c cursor) {
	if len(s.arena.chunks) > 0 {
		c.left, c.chunks = s.arena.chunks[0][unit:], s.arena.chunks[1:]
	}
	return c
}

// next goes on to the next item. It returns false where there is none.
func (c *cursor) next() bool {
	for len(c.left) == 0 {
		if len(c.chunks) == 0 {
			c.held, c.key = nil, nil
			return false
		}
		c.left, c.chunks = c.chunks[0], c.chunks[1:]
	}
	span := heldSpan(c.left)
	c.held, c.left = c.left[:span], c.left[span:]
	c.key = keyOf(c.bytes())
	return true
}

// bytes returns the item's own bytes, and maybe some behind them.
func (c *cursor) bytes() []byte { return c.held[headOf(record(c.held).word(0)):] }

// readable reports whether the item could be read, and has a key.
func (c *cursor) readable() bool {
	return record(c.held).word(0)&heldUnreadable == 0 && !isNoKey(c.bytes())
}

// inOrder returns the shelves of a part, by side, if all of their items can be read and each has a greater key than the one before. It
// returns false at the first one that has not: where a side is in another order, that is one of the first.
func (m *Matcher) inOrder(number int) (shelves [2]*shelf, ordered bool) {
	ordered = true
	_ = m.eachShelf(number, func(side verdict.Side, s *shelf) error {
		if shelves[side] == nil || shelves[side].items == 0 {
			shelves[side] = s
		} else if s.items > 0 {
			ordered = false // one side has several
		}
		return nil
	})
	if !ordered || shelves[verdict.Pos] == nil || shelves[verdict.Store] == nil {
		return shelves, false
	}
	var cursors [2]cursor
	for side, s := range shelves {
		cursors[side] = s.along()
	}
	for more := true; more; {
		more = false
		for side := range cursors {
			c := &cursors[side]
			for range together {
				last := c.key
				if !c.next() {
					break
				}
				if more = true; !c.readable() || last != nil && bytes.Compare(last, c.key) >= 0 {
					return shelves, false
				}
			}
		}
	}
	return shelves, true
}

// merge pairs and visits what lies on shelves that are in order.
func (v *visit) merge(shelves [2]*shelf) error {
	v.emptyTable()
	if err := v.goAlong(shelves, v.meet); err != nil {
		return err
	}
	if v.eachDecided() {
		return v.goAlong(shelves, func(pos, store *item) error {
			if pos == nil || store == nil {
				return nil
			}
			alike := pos.startsWith(store)
			outlook, visit := v.outlookOf(v.matcher.layout, pos.bytes, pos.side, pos.tests, store, alike, v.Judge)
			if outlook == Undecided || visit {
				return nil
			}
			return v.pair(pos, store, alike, outlook)
		})
	}
	return nil
}

// goAlong calls do with each pair of items with the same key, and with each item that has no partner.
func (v *visit) goAlong(shelves [2]*shelf, do func(pos, store *item) error) error {
	a, b := shelves[verdict.Pos].along(), shelves[verdict.Store].along()
	pos, store := &v.items[0], &v.items[1]
	take := func(it *item, side verdict.Side, c *cursor) *item {
		it.side = side
		it.get(c.held, v.matcher.layout.Sides[side])
		c.next()
		return it
	}
	a.next()
	b.next()
	for a.held != nil || b.held != nil {
		order := 0
		switch {
		case a.held == nil:
			order = 1
		case b.held == nil:
			order = -1
		default:
			order = bytes.Compare(a.key, b.key)
		}
		var left, right *item
		if order <= 0 {
			left = take(pos, verdict.Pos, &a)
		}
		if order >= 0 {
			right = take(store, verdict.Store, &b)
		}
		if err := do(left, right); err != nil {
			return err
		}
	}
	return nil
}

// meet visits a pair that is not only counted, or an item that has no partner.
func (v *visit) meet(pos, store *item) error {
	switch {
	case store == nil:
		return v.single(verdict.PosOnly, pos.side, pos.ordinal, pos.bytes, false)
	case pos == nil:
		return v.single(verdict.StoreOnly, store.side, store.ordinal, store.bytes, false)
	}
	alike := pos.startsWith(store)
	outlook, visit := v.outlookOf(v.matcher.layout, pos.bytes, pos.side, pos.tests, store, alike, v.Judge)
	if outlook != Undecided && !visit {
		v.table.count(outlook)
		return nil
	}
	return v.pair(pos, store, alike, outlook)
}

// startsWith reports whether an item has the key and the twins of another one.
func (it *item) startsWith(other *item) bool {
	return bytes.HasPrefix(it.bytes, other.bytes[:other.twins])
}

// pair visits a pair of which outlookOf was asked last.
func (v *visit) pair(pos, store *item, alike bool, outlook int32) error {
	if alike && store.twins == len(store.bytes) {
		v.scratch.rest = binary.AppendUvarint(v.scratch.rest[:0], v.matcher.layout.AllEqual())
	} else {
		v.scratch.rest = v.matcher.layout.Sides[verdict.Store].AppendRest(v.scratch.rest[:0], store.bytes, v.known.Equal)
	}
	v.entry = Entry{Status: verdict.Matched, Outlook: outlook, Ordinal: [2]uint32{pos.ordinal, store.ordinal}, Item: [2][]byte{pos.bytes, nil}, Rest: v.scratch.rest, visit: v}
	return v.Visitor.Visit(&v.entry)
}
