package match

import "encoding/binary"

// arena holds records one behind the other in chunks. A record is named by a place: its chunk in the upper half, and how
// many units into it in the lower. No record has place 0.
type arena struct {
	pool   *Pool
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
			size = min(2*cap(a.chunks[last]), ChunkSize)
		}
		size = max(size, n+unit)
		a.size += int64(size)
		if size == ChunkSize {
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
	a.pool.Put(a.chunks)
	*a = arena{pool: a.pool}
}

// at returns the memory from a place on.
func (a *arena) at(place uint32) []byte {
	return a.chunks[place>>16][place&0xffff*unit:]
}

// A record begins with its length. One that holds a whole item goes on with a head; one that holds what an item has that
// its partner lacks (see row.Codec.AppendRest) has none.
const (
	restFlag   = 1 << 31 // in the length
	restHead   = 4
	itemHead   = 24
	atOrdinal  = 4
	atPartner  = 8  // the ordinal of the item of the other side that it is paired with
	atRest     = 12 // the place of that item's rest; 0: it has none, and all twins are equal
	atTests    = 16
	atState    = 20 // flags, and above them the verdict plus one
	stateBits  = 8
	sideFlag   = 1 << 0
	pairedFlag = 1 << 1
	twiceFlag  = 1 << 2 // its key is there twice on a side
	noKeyFlag  = 1 << 3
)

// record is a whole item with its head.
type record []byte

func (r record) word(at int) uint32       { return binary.LittleEndian.Uint32(r[at:]) }
func (r record) setWord(at int, w uint32) { binary.LittleEndian.PutUint32(r[at:], w) }
func (r record) item() []byte             { return r[itemHead : itemHead+r.word(0)] }
func (r record) is(flag uint32) bool      { return r.word(atState)&flag != 0 }
func (r record) set(flags uint32)         { r.setWord(atState, r.word(atState)|flags) }
func (r record) rest() (at uint32) {
	if r.is(pairedFlag) {
		at = r.word(atRest)
	}
	return at
}
func (r record) side() int          { return int(r.word(atState) & sideFlag) }
func (r record) verdict() int32     { return int32(r.word(atState)>>stateBits) - 1 }
func (r record) setVerdict(v int32) { r.set(uint32(v+1) << stateBits) }

// records calls do with each whole item, in the order in which they were kept.
func (a *arena) records(do func(record) error) error {
	for i, chunk := range a.chunks {
		at := 0
		if i == 0 {
			at = unit
		}
		for at < len(chunk) {
			n := binary.LittleEndian.Uint32(chunk[at:])
			size := restHead + int(n&^restFlag)
			if n&restFlag == 0 {
				size = itemHead + int(n)
				if err := do(record(chunk[at : at+size])); err != nil {
					return err
				}
			}
			at += (size + unit - 1) &^ (unit - 1)
		}
	}
	return nil
}
