// Package match pairs the items of two sides by their keys.
//
// It knows keys and row numbers only; what an item is, and what becomes of a pair, is the engine's business.
package match

import (
	"hash/maphash"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// Outcome is what became of a row.
type Outcome uint8

// The outcomes.
const (
	Single    Outcome = iota // the other side has no row with its key
	Paired                   // exactly one row on each side has its key
	Duplicate                // its key occurs more than once on a side: such rows are never paired
	NoKey                    // its key is empty
)

// Row is a row of one side: a batch, in the order in which batches were added, and a place in it.
type Row struct{ Batch, I int32 }

// Pairing says what became of each row.
type Pairing struct {
	pos, store side
	entries    []entry
}

// Pos returns what became of a row of the pos side, and the row that it is paired with if it is Paired.
func (p *Pairing) Pos(r Row) (Outcome, Row) {
	at := p.pos.entryOf[r.Batch][r.I]
	if at == noKey {
		return NoKey, Row{}
	}
	e := &p.entries[at]
	return e.outcome(), e.store
}

// Store returns what became of a row of the store side.
func (p *Pairing) Store(r Row) Outcome {
	at := p.store.entryOf[r.Batch][r.I]
	if at == noKey {
		return NoKey
	}
	return p.entries[at].outcome()
}

const (
	noKey   = -1
	unknown = -2
)

// entry is one key that occurs on a side or both.
type entry struct {
	hash   uint64
	key    string
	store  Row          // the first row of the store side with the key
	stores int32        // how many rows of the store side have it
	pos    atomic.Int32 // and of the pos side
}

func (e *entry) outcome() Outcome {
	switch pos := e.pos.Load(); {
	case pos > 1 || e.stores > 1:
		return Duplicate
	case pos == 1 && e.stores == 1:
		return Paired
	}
	return Single
}

// side holds, for each row of each batch, the place of its key in entries, or noKey.
type side struct{ entryOf [][]int32 }

// Index holds the keys of the store side. It is for one goroutine.
type Index struct {
	pairing *Pairing
	seed    maphash.Seed
	slots   []int32 // places in entries plus one, open addressing; 0: free
	mask    uint64
}

// NewIndex returns an empty index.
func NewIndex() *Index {
	const slots = 1 << 12
	return &Index{pairing: &Pairing{}, seed: maphash.MakeSeed(), slots: make([]int32, slots), mask: slots - 1}
}

// AddStore takes the keys of the next batch of the store side; an empty key is no key. The index keeps them.
func (x *Index) AddStore(keys *catalog.Strings) {
	p := x.pairing
	places := make([]int32, keys.Len())
	for i := range places {
		key := keys.At(i)
		if key == "" {
			places[i] = noKey
			continue
		}
		places[i] = x.place(key, maphash.String(x.seed, key))
		e := &p.entries[places[i]]
		if e.stores == 0 {
			e.store = Row{int32(len(p.store.entryOf)), int32(i)}
		}
		e.stores++
	}
	p.store.entryOf = append(p.store.entryOf, places)
}

// Pair pairs the store side with the pos side, given as the keys of its batches, and returns the pairing, which keeps
// them. The index is used up.
func (x *Index) Pair(pos []*catalog.Strings) *Pairing {
	p := x.pairing
	p.pos.entryOf = make([][]int32, len(pos))
	// Most keys are in the index, which nobody changes while all processors look them up.
	next := make(chan int)
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(pos)) {
		workers.Go(func() {
			for b := range next {
				p.pos.entryOf[b] = x.lookUp(pos[b])
			}
		})
	}
	for b := range pos {
		next <- b
	}
	close(next)
	workers.Wait()
	// The others are added one by one: one of them may be there twice.
	for b, places := range p.pos.entryOf {
		for i, at := range places {
			if at == unknown {
				key := pos[b].At(i)
				places[i] = x.place(key, maphash.String(x.seed, key))
				p.entries[places[i]].pos.Add(1)
			}
		}
	}
	return p
}

// lookUp returns the places of keys, and counts them there.
func (x *Index) lookUp(keys *catalog.Strings) []int32 {
	places := make([]int32, keys.Len())
	for i := range places {
		key := keys.At(i)
		if key == "" {
			places[i] = noKey
			continue
		}
		slot, found := x.find(key, maphash.String(x.seed, key))
		if !found {
			places[i] = unknown
			continue
		}
		places[i] = x.slots[slot] - 1
		x.pairing.entries[places[i]].pos.Add(1)
	}
	return places
}

// find returns the slot of the key, or the free one where it belongs.
func (x *Index) find(key string, hash uint64) (slot uint64, found bool) {
	for slot = hash & x.mask; ; slot = (slot + 1) & x.mask {
		at := x.slots[slot]
		if at == 0 {
			return slot, false
		}
		if e := &x.pairing.entries[at-1]; e.hash == hash && e.key == key {
			return slot, true
		}
	}
}

// place returns the place of the key's entry, which it makes if there is none.
func (x *Index) place(key string, hash uint64) int32 {
	slot, found := x.find(key, hash)
	if found {
		return x.slots[slot] - 1
	}
	entries := &x.pairing.entries
	if 2*len(*entries) >= len(x.slots) {
		x.grow()
		slot, _ = x.find(key, hash)
	}
	*entries = append(*entries, entry{hash: hash, key: key})
	x.slots[slot] = int32(len(*entries))
	return int32(len(*entries) - 1)
}

// grow doubles the table.
func (x *Index) grow() {
	x.slots = make([]int32, 2*len(x.slots))
	x.mask = uint64(len(x.slots) - 1)
	for i := range x.pairing.entries {
		slot := x.pairing.entries[i].hash & x.mask
		for x.slots[slot] != 0 {
			slot = (slot + 1) & x.mask
		}
		x.slots[slot] = int32(i + 1)
	}
}
