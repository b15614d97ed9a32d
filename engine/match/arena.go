package match

import (
	"github.com/reconcilehq/reconcile/engine/chunk"
	"github.com/reconcilehq/reconcile/engine/verdict"
)
import "encoding/binary"

// arena holds records one behind the other in chunks. A record is named by a place: its chunk in the upper half, and how
// many units into it in the lower. No record has place 0.
type arena struct {
	pool   *chunk.Pool
	chunks [][]byte // each as long as it is filled
	size   int64    // bytes of all chunks, filled or not
}

const (
	unit       = 4
	leastChunk = 4 << 10
	mostChunks = 1 << 16
)

// alloc returns room for a record of n bytes, and its place. ok is false if there are no more places.
func (a *arena) alloc(n int) (at uint32, b []byte, ok bool) {
	n = (n + unit - 1) &^ (unit - 1)
	last := len(a.chunks) - 1
	if last < 0 || len(a.chunks[last])+n > cap(a.chunks[last]) {
		if last+1 == mostChunks {
			return 0, nil, false
		}
		size := leastChunk
		if last >= 0 {
			size = min(2*cap(a.chunks[last]), chunk.Size)
		}
		size = max(size, n+unit)
		a.size += int64(size)
		if size == chunk.Size {
			a.chunks = append(a.chunks, a.pool.Get())
		} else {
			a.chunks = append(a.chunks, make([]byte, 0, size))
		}
		if last++; last == 0 {
			a.chunks[0] = a.chunks[0][:unit] // so that no record has place 0
		}
	}
	chunk := a.chunks[last]
	from := len(chunk)
	a.chunks[last] = chunk[:from+n]
	return uint32(last)<<16 | uint32(from/unit), a.chunks[last][from : from+n], true
}

// release lets go of all records.
func (a *arena) release() {
	a.pool.Put(a.chunks...)
	*a = arena{pool: a.pool}
}

// at returns the memory from a place on.
func (a *arena) at(place uint32) []byte {
	return a.chunks[place>>16][place&0xffff*unit:]
}

// A record begins with its length and flags. One that holds a whole item goes on with a head of the words below; one that
// holds what an item has that its partner lacks (see row.Codec.AppendRest), with the verdict on the two.
const (
	lengthBits = 27
	mostLength = 1<<lengthBits - 1
	restFlag   = 1 << 31 // in the first word: the record is the rest of an item
	sideFlag   = 1 << 30
	pairedFlag = 1 << 29
	twiceFlag  = 1 << 28 // its key is there twice on a side
	moreFlag   = 1 << 27 // it is paired with an item of which there is a rest

	restHead  = 8
	itemHead  = 16
	atOrdinal = 4
	atPartner = 8  // the ordinal of the item of the other side that it is paired with; before that, its tests
	atMore    = 12 // the place of that item's rest, or if it has none (all twins are equal), the verdict
	atVerdict = 4  // in a rest

	// Verdicts are written plus one. In their place stands, of two of which one could not be read, what follows.
	unreadablePair    = 1 << 31
	firstUnreadable   = 1 << 0
	partnerUnreadable = 1 << 1

	unreadable = 1 // in atMore of an item that is not paired: it could not be read
)

// record is a whole item with its head.
type record []byte

func (r record) word(at int) uint32       { return binary.LittleEndian.Uint32(r[at:]) }
func (r record) setWord(at int, w uint32) { binary.LittleEndian.PutUint32(r[at:], w) }
func (r record) length() int              { return int(r.word(0) & mostLength) }
func (r record) item() []byte             { return r[itemHead : itemHead+r.length()] }
func (r record) is(flag uint32) bool      { return r.word(0)&flag != 0 }
func (r record) set(flags uint32)         { r.setWord(0, r.word(0)|flags) }
func (r record) noKey() bool              { return r[itemHead] == 0 } // the length of its key
func (r record) tests() uint32 {
	if r.is(pairedFlag) {
		return 0
	}
	return r.word(atPartner)
}

func (r record) side() verdict.Side {
	if r.is(sideFlag) {
		return verdict.Store
	}
	return verdict.Pos
}

// more returns the place of its partner's rest; 0 if it has none.
func (r record) more() uint32 {
	if !r.is(moreFlag) {
		return 0
	}
	return r.word(atMore)
}

// unreadable reports whether the item of a record, and the one that it is paired with, could not be read.
func (a *arena) unreadable(r record) (own, partner bool) {
	if !r.is(pairedFlag) {
		return r.word(atMore) == unreadable, false
	}
	more := r.more()
	if more == 0 {
		return false, false
	}
	word := record(a.at(more)).word(atVerdict)
	pair := word&unreadablePair != 0
	return pair && word&firstUnreadable != 0, pair && word&partnerUnreadable != 0
}

// verdict returns the verdict on a paired record, both items of which were read.
func (a *arena) verdict(r record) int32 {
	word := r.word(atMore)
	if more := r.more(); more != 0 {
		word = record(a.at(more)).word(atVerdict)
	}
	return int32(word) - 1
}

// records calls do with each whole item, in the order in which they were kept.
func (a *arena) records(do func(record) error) error {
	for i, chunk := range a.chunks {
		at := 0
		if i == 0 {
			at = unit
		}
		for at < len(chunk) {
			r := record(chunk[at:])
			size := restHead + r.length()
			if !r.is(restFlag) {
				size = itemHead + r.length()
				if err := do(record(chunk[at : at+size])); err != nil {
					return err
				}
			}
			at += (size + unit - 1) &^ (unit - 1)
		}
	}
	return nil
}
