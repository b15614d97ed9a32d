package match

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync"

	"github.com/reconcilehq/reconcile/engine/row"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// shelf holds the items of a feeder whose keys belong to one part, one behind the other as they came.
type shelf struct {
	mu    sync.Mutex // whoever makes room takes it, too
	arena arena
	items int
}

// What lies on a shelf begins with a word for its length and flags, its ordinal, and the lower half of its key's hash; if some test has
// a result, those of its tests follow. Then come the item's bytes.
const (
	heldUnreadable = 1 << 31
	heldTests      = 1 << 30
	heldNulls      = 1 << 29 // some twins are null

	heldHead = 12
	atHash   = 8
	atTests  = 12 // where there are any
)

// addGroup puts those items of a batch on the shelf that belong to a part.
func (f *Feeder) addGroup(part int, group []int32, tests []uint32) error {
	var it item
	for len(group) > 0 {
		n := f.shelve(part, func(s *shelf) (n int) {
			for _, i := range group {
				span := &f.items.Spans[i]
				it.ordinal, it.hash, it.bytes, it.nulls = f.next+uint32(i), uint32(f.hashes[i]), f.items.Data[span.From:span.To], span.Nulls
				if len(tests) > 0 {
					it.tests = tests[i]
				}
				if !s.put(&it) {
					break
				}
				n++
			}
			return n
		})
		if group = group[n:]; len(group) > 0 {
			if err := f.makeRoom(part, &it); err != nil {
				return err
			}
		}
	}
	return nil
}

// add puts an item on the shelf of a part.
func (f *Feeder) add(part int, it *item) error {
	put := func(s *shelf) int {
		if s.put(it) {
			return 1
		}
		return 0
	}
	if f.shelve(part, put) == 1 {
		return nil
	}
	if err := f.makeRoom(part, it); err != nil {
		return err
	}
	f.shelve(part, put)
	return nil
}

// shelve calls put with the shelf of a part, and returns what it does.
func (f *Feeder) shelve(part int, put func(*shelf) int) int {
	s := &f.shelves[part]
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.arena.size
	n := put(s)
	if grown := s.arena.size - before; grown > 0 {
		f.matcher.used.Add(grown)
	}
	return n
}

// makeRoom empties the shelf of a part that has no room for an item.
func (f *Feeder) makeRoom(part int, it *item) error {
	if len(it.bytes) > mostItem {
		return fmt.Errorf("item %d of the source has %d MiB, more than can be paired", it.ordinal+1, len(it.bytes)>>20)
	}
	return f.matcher.moveToDisk(part)
}

// mostItem is how many bytes an item has at most: its record, or its rest, is hardly longer.
const mostItem = mostLength - binary.MaxVarintLen64

// put reports false if there is no room, or the item is too large.
func (s *shelf) put(it *item) bool {
	n, head, flags := len(it.bytes), heldHead, uint32(0)
	if n > mostItem {
		return false
	}
	if it.tests != 0 {
		head, flags = head+4, heldTests
	}
	if it.nulls != 0 {
		flags |= heldNulls
	}
	if it.unreadable {
		flags |= heldUnreadable
	}
	_, b, ok := s.arena.alloc(head + n)
	if !ok {
		return false
	}
	r := record(b)
	r.setWord(0, uint32(n)|flags)
	r.setWord(atOrdinal, it.ordinal)
	r.setWord(atHash, it.hash)
	if it.tests != 0 {
		r.setWord(atTests, it.tests)
	}
	copy(b[head:], it.bytes)
	s.items++
	return true
}

// together is how many items are handed on at a time.
const together = 32

// eachPage calls do with what lies on the shelf, in its order, some items at a time.
func (s *shelf) eachPage(do func(page []byte) error) error {
	for i, chunk := range s.arena.chunks {
		if i == 0 {
			chunk = chunk[unit:]
		}
		if err := do(chunk); err != nil {
			return err
		}
	}
	return nil
}

// eachItem calls do with the items of a side that lie one behind the other in a page, some at a time. Their bytes are the page's.
func (v *visit) eachItem(side verdict.Side, page []byte, do func([]item) error) error {
	codec := v.matcher.layout.Sides[side]
	for at := 0; at < len(page); {
		n := 0
		for ; n < len(v.items) && at < len(page); n++ {
			v.items[n].side = side
			at += v.items[n].get(page[at:], codec)
		}
		if err := do(v.items[:n]); err != nil {
			return err
		}
	}
	return nil
}

// get reads an item that lies on a shelf, and returns how many bytes it takes there.
func (it *item) get(b []byte, side *row.Codec) int {
	r := record(b)
	word := r.word(0)
	head, span := headOf(word), heldSpan(b)
	it.ordinal, it.hash, it.tests = r.word(atOrdinal), r.word(atHash), 0
	if word&heldTests != 0 {
		it.tests = r.word(atTests)
	}
	it.bytes, it.unreadable = b[head:head+r.length()], word&heldUnreadable != 0
	it.held = b[:span]
	it.measure(side, word&heldNulls != 0)
	return span
}

// heldSpan returns how many bytes an item takes on a shelf, by its first ones.
func heldSpan(b []byte) int {
	word := record(b).word(0)
	return (headOf(word) + int(word&mostLength) + unit - 1) &^ (unit - 1)
}

// headOf returns how many bytes come before an item's own, by its first word.
func headOf(word uint32) int {
	if word&heldTests != 0 {
		return heldHead + 4
	}
	return heldHead
}

// measure finds out where key and twins end, and if there may be any, which twins are null.
func (it *item) measure(side *row.Codec, nulls bool) {
	switch {
	case it.unreadable:
		it.key = keyLength(it.bytes)
		it.twins, it.nulls = it.key, 0
	case nulls || !side.OnlyTwins():
		it.key, it.twins, it.nulls = side.Measure(it.bytes)
	default:
		it.key, it.twins, it.nulls = keyLength(it.bytes), len(it.bytes), 0
	}
}

func (s *shelf) release() {
	s.arena.release()
	s.items = 0
}

var errArenaFull = errors.New("the part has no room for another record")
