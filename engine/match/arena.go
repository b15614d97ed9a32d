package match

import (
	"encoding/binary"

	"github.com/reconcilehq/reconcile/engine/chunk"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// arena holds records, one behind the other, in chunks. A ref leads to a record: its upper half is the chunk's number, its
// lower half the offset in the chunk, in units. No record has ref 0.
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

// alloc returns memory for a record of n bytes, and its ref. ok is false if there are no more refs.
func (a *arena) alloc(n int) (at uint32, b []byte, ok bool) {
	n = (n + unit - 1) &^ (unit - 1)
	last := len(a.chunks) - 1
	if last < 0 || len(a.chunks[last])+n > cap(a.chunks[last]) {
		if last+1 == mostChunks {
			return 0, nil, false
		}
		size := leastChunk
		if last >= 0 {
			size = chunk.Size
		}
		size = max(size, n+unit)
		a.size += int64(size)
		if size == chunk.Size {
			a.chunks = append(a.chunks, a.pool.Get())
		} else {
			a.chunks = append(a.chunks, make([]byte, 0, size))
		}
		if last++; last == 0 {
			a.chunks[0] = a.chunks[0][:unit] // so that no record has ref 0
		}
	}
	chunk := a.chunks[last]
	from := len(chunk)
	a.chunks[last] = chunk[:from+n]
	return uint32(last)<<16 | uint32(from/unit), a.chunks[last][from : from+n], true
}

// release gives back the memory of all records.
func (a *arena) release() {
	a.pool.Put(a.chunks...)
	*a = arena{pool: a.pool}
}

// at returns the memory that begins at a ref.
func (a *arena) at(ref uint32) []byte {
	return a.chunks[ref>>16][ref&0xffff*unit:]
}

// A record begins with a word for its length and flags. There are two kinds. A whole item has the words below, then its
// bytes. A rest has the outlook of its pair, then what the item has and its partner lacks: see row.Codec.AppendRest.
const (
	lengthBits    = 27
	mostLength    = 1<<lengthBits - 1
	restFlag      = 1 << 31 // in the first word: the record is the rest of an item
	sideFlag      = 1 << 30
	pairedFlag    = 1 << 29
	duplicateFlag = 1 << 28 // its key is there twice on a side
	moreFlag      = 1 << 27 // it is paired with an item of which there is a rest

	restHead  = 8
	itemHead  = 16
	atOrdinal = 4
	atPartner = 8  // the ordinal of the item of the other side that it is paired with; before that, its tests
	atMore    = 12 // the ref of that item's rest, or if it has none (all twins are equal), the pair's outlook
	atOutlook = 4  // in a rest

	// An outlook is stored plus one. If one of the two items could not be read, there is no outlook, but these flags.
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

// more returns the ref of the partner's rest, or 0 if there is none.
func (r record) more() uint32 {
	if !r.is(moreFlag) {
		return 0
	}
	return r.word(atMore)
}

// unreadable reports whether a record's own item, and its partner, could not be read.
func (a *arena) unreadable(r record) (own, partner bool) {
	if !r.is(pairedFlag) {
		return r.word(atMore) == unreadable, false
	}
	more := r.more()
	if more == 0 {
		return false, false
	}
	word := record(a.at(more)).word(atOutlook)
	pair := word&unreadablePair != 0
	return pair && word&firstUnreadable != 0, pair && word&partnerUnreadable != 0
}

// outlook returns the outlook of a pair, both items of which could be read. r is the first item's record.
func (a *arena) outlook(r record) int32 {
	word := r.word(atMore)
	if more := r.more(); more != 0 {
		word = record(a.at(more)).word(atOutlook)
	}
	return int32(word) - 1
}
