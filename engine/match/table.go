package match

import (
	"bytes"
	"math/bits"
	"unicode/utf8"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/chunk"
	"github.com/reconcilehq/reconcile/engine/row"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// table holds the items of a part in memory, by key. A slot leads to the first item with its key.
type table struct {
	slots   []slot
	keys    int
	arena   arena
	decided []int // the number of pairs that are only counted, by outlook

	takeSingle func(it *item) error // takes items that certainly have no partner
}

// item is an item that is being added.
type item struct {
	side    verdict.Side
	ordinal uint32
	tests   uint32
	hash    uint32 // the lower half
	bytes   []byte
	key     int // where its key ends
	twins   int // and its twins
	nulls   uint64
	held    []byte // as it lay on a shelf, where it comes from one

	unreadable bool // its bytes are its key, and what the engine has of it
}

// slot is an entry of the hash table, or 0 if it is free. The lower half is the ref of the record of the first item with the
// key. Above that are the lower 31 bits of the key's hash. The top bit says that the pair is only counted, so that whoever
// looks for the others need not read the record.
type slot = uint64

const (
	decidedFlag slot   = 1 << 63
	hashBits    uint32 = 1<<31 - 1
)

func slotOf(hash, ref uint32) slot { return slot(hash&hashBits)<<32 | slot(ref) }

func hashOf(s slot) uint32 { return uint32(s>>32) & hashBits }
func refOf(s slot) uint32  { return uint32(s) }

// reset empties the table, and gives back the memory of its records.
func (t *table) reset() {
	t.arena.release()
	t.slots, t.keys = t.slots[:0], 0
	clear(t.decided)
}

// usualLength is about how long most records are.
const usualLength = 128

// touch reads the memory of all keys before put works on any of them. So the processor fetches it for all at once, and put
// does not wait for each in turn.
func (t *table) touch(items []item, s *scratch) (sum byte) {
	if len(t.slots) == 0 {
		return 0
	}
	mask := uint32(len(t.slots) - 1)
	for i := range items { // the loads of one loop do not wait for each other
		sum += byte(t.slots[items[i].hash&mask])
	}
	refs := s.candidates[:0]
	for i := range items {
		hash := items[i].hash & hashBits
		for at := hash & mask; t.slots[at] != 0; at = (at + 1) & mask {
			if s := t.slots[at]; hashOf(s) == hash {
				refs = append(refs, refOf(s))
				break
			}
		}
	}
	for _, ref := range refs {
		sum += chunk.Touch(t.arena.at(ref), usualLength)
	}
	s.candidates = refs
	return sum
}

// put adds an item.
func (t *table) put(layout *row.Layout, it *item, judge Judge, s *scratch) error {
	if it.noKey() {
		return t.takeSingle(it)
	}
	if 4*(t.keys+1) > 3*len(t.slots) {
		t.resize(max(2*len(t.slots), 16))
	}
	mask := uint32(len(t.slots) - 1)
	hash := it.hash & hashBits
	for at := hash & mask; ; at = (at + 1) & mask {
		slot := &t.slots[at]
		if *slot == 0 {
			ref, err := t.keep(it)
			if err != nil {
				return err
			}
			*slot = slotOf(hash, ref)
			t.keys++
			return nil
		}
		if hashOf(*slot) != hash {
			continue
		}
		first := record(t.arena.at(refOf(*slot)))
		switch content := first.item(); {
		case bytes.HasPrefix(content, it.bytes[:it.twins]):
			return t.join(layout, slot, it, true, judge, s)
		case bytes.HasPrefix(content, it.bytes[:it.key]):
			return t.join(layout, slot, it, false, judge, s)
		}
	}
}

// noKey reports whether the key is none.
func (it *item) noKey() bool { return isNoKey(it.bytes) }

// isNoKey reports whether the key that an item begins with is none: it is empty, or nothing of it shows. Where the key is the
// field sku, it is there as it was read, so it is looked at here.
func isNoKey(item []byte) bool {
	if item[0] == 0 {
		return true
	}
	key := keyOf(item)
	if c := key[0]; c > ' ' && c < utf8.RuneSelf-1 {
		return false // as almost all of them are
	}
	return catalog.Blank(string(key))
}

// keep stores the whole item in a record, and returns its ref.
func (t *table) keep(it *item) (ref uint32, err error) {
	ref, b, ok := t.arena.alloc(itemHead + len(it.bytes))
	if !ok {
		return 0, errArenaFull
	}
	flags := uint32(0)
	if it.side == verdict.Store {
		flags = sideFlag
	}
	r := record(b)
	r.setWord(0, uint32(len(it.bytes))|flags)
	r.setWord(atOrdinal, it.ordinal)
	r.setWord(atPartner, it.tests)
	r.setWord(atMore, 0)
	if it.unreadable {
		r.setWord(atMore, unreadable)
	}
	copy(r[itemHead:], it.bytes)
	return ref, nil
}

// join adds an item whose key the part has already, in slot of. alike says that all twins of the two items are equal.
func (t *table) join(layout *row.Layout, of *slot, it *item, alike bool, judge Judge, s *scratch) error {
	first := record(t.arena.at(refOf(*of)))
	if first.side() == it.side || first.is(pairedFlag|duplicateFlag) {
		first.set(duplicateFlag)
		if *of&decidedFlag != 0 {
			*of &^= decidedFlag
			t.decided[t.arena.outlook(first)]--
		}
		return t.takeSingle(it)
	}
	if it.unreadable || first.word(atMore) == unreadable {
		return t.joinUnreadable(first, it)
	}
	outlook, visit := s.outlookOf(layout, first.item(), first.side(), first.tests(), it, alike, judge)
	more := uint32(outlook + 1)
	flags := uint32(pairedFlag)
	if !alike || it.twins < len(it.bytes) {
		s.rest = layout.Sides[it.side].AppendRest(s.rest[:0], it.bytes, s.known.Equal)
		ref, b, ok := t.arena.alloc(restHead + len(s.rest))
		if !ok {
			return errArenaFull
		}
		r := record(b)
		r.setWord(0, uint32(len(s.rest))|restFlag)
		r.setWord(atOutlook, more)
		copy(b[restHead:], s.rest)
		more, flags = ref, flags|moreFlag
	}
	first.setWord(atPartner, it.ordinal)
	first.setWord(atMore, more)
	first.set(flags)
	if outlook != Undecided && !visit {
		*of |= decidedFlag
		t.count(outlook)
	}
	return nil
}

// count counts a pair that is only counted.
func (t *table) count(outlook int32) {
	for len(t.decided) <= int(outlook) {
		t.decided = append(t.decided, 0)
	}
	t.decided[outlook]++
}

// joinUnreadable adds an item whose key the part has from the other side, where one of the two could not be read. They are
// not a pair, but the visitor gets both in one entry.
func (t *table) joinUnreadable(first record, it *item) error {
	word := uint32(unreadablePair)
	if first.word(atMore) == unreadable {
		word |= firstUnreadable
	}
	if it.unreadable {
		word |= partnerUnreadable
	}
	ref, b, ok := t.arena.alloc(restHead + len(it.bytes))
	if !ok {
		return errArenaFull
	}
	r := record(b)
	r.setWord(0, uint32(len(it.bytes))|restFlag)
	r.setWord(atOutlook, word)
	copy(b[restHead:], it.bytes)
	first.setWord(atPartner, it.ordinal)
	first.setWord(atMore, ref)
	first.set(pairedFlag | moreFlag)
	return nil
}

// outlookOf notes what is known of a pair of items, and returns what judge says of it. first is the other item, with the results of its tests;
// alike says that all twins are equal.
func (s *scratch) outlookOf(layout *row.Layout, first []byte, side verdict.Side, tests uint32, it *item, alike bool, judge Judge) (outlook int32, visit bool) {
	k := &s.known
	k.Equal, k.Null, k.Differ = layout.AllEqual(), it.nulls, 0
	if !alike {
		k.Equal, k.Null, k.Differ = layout.Compare(first, it.bytes)
	}
	k.Tests[it.side], k.Tests[side] = it.tests, tests
	return s.outlook(judge)
}

// outlook calls judge with what is known of a pair. It remembers the last answer: most pairs are like the one before.
func (s *scratch) outlook(judge Judge) (outlook int32, visit bool) {
	if s.known != s.judged || !s.any {
		s.judged, s.any = s.known, true
		s.last, s.visit = judge(&s.known)
	}
	return s.last, s.visit
}

// partner appends the bytes of the item that the record first is paired with.
func (t *table) partner(layout *row.Layout, first record, dst []byte) []byte {
	codec := layout.Sides[1-first.side()]
	ref := first.more()
	if ref == 0 { // all twins are equal, and it has nothing else
		_, twins, _ := layout.Sides[first.side()].Measure(first.item())
		return append(dst, first.item()[:twins]...)
	}
	b := record(t.arena.at(ref))
	if b.word(atOutlook)&unreadablePair != 0 {
		return append(dst, b[restHead:restHead+b.length()]...)
	}
	return codec.Restore(dst, b[restHead:restHead+b.length()], first.item())
}

// expect makes room for so many keys.
func (t *table) expect(keys int) {
	if n := 4*keys/3 + 1; n > len(t.slots) {
		t.resize(1 << bits.Len(uint(n)))
	}
}

// resize makes n slots, a power of 2: in the memory of the last part, where there are none yet.
func (t *table) resize(n int) {
	slots := t.slots
	if len(slots) == 0 && cap(slots) >= n {
		t.slots = slots[:n]
		clear(t.slots)
		return
	}
	t.slots = make([]slot, n)
	mask := uint32(n - 1)
	for _, s := range slots {
		if s == 0 {
			continue
		}
		at := hashOf(s) & mask
		for t.slots[at] != 0 {
			at = (at + 1) & mask
		}
		t.slots[at] = s
	}
}
