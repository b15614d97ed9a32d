// Package match pairs the items of two sides by their keys.
//
// It knows keys and row numbers only; what an item is, and what becomes of a pair, is the engine's business.
package match

import (
	"hash/maphash"

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

// Pairing is the result of Join.
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

const noKey = -1

// entry is one key that occurs on a side or both.
type entry struct {
	hash       uint64
	key        string
	store      Row  // the first row of the store side with the key
	pos, stock int8 // how many rows have it: 0, 1, or 2 for more
}

func (e *entry) outcome() Outcome {
	switch {
	case e.pos > 1 || e.stock > 1:
		return Duplicate
	case e.pos == 1 && e.stock == 1:
		return Paired
	}
	return Single
}

// side holds, for each row of each batch, the place of its key in entries, or noKey.
type side struct{ entryOf [][]int32 }

// Join pairs two sides. Each is given as the keys of its batches; an empty key is no key. The pairing keeps the keys.
func Join(pos, store []*catalog.Strings) *Pairing {
	p := &Pairing{}
	t := newTable(p, count(pos)+count(store))
	p.store = t.add(store, func(e *entry, r Row) {
		if e.stock == 0 {
			e.store = r
		}
		e.stock = min(e.stock+1, 2)
	})
	p.pos = t.add(pos, func(e *entry, _ Row) { e.pos = min(e.pos+1, 2) })
	return p
}

func count(batches []*catalog.Strings) int {
	n := 0
	for _, b := range batches {
		n += b.Len()
	}
	return n
}

// table is an open-addressing hash table of places in Pairing.entries.
type table struct {
	pairing *Pairing
	seed    maphash.Seed
	slots   []int32 // places in entries plus one; 0: free
	mask    uint64
}

// newTable returns a table for at most n keys: it never grows.
func newTable(p *Pairing, n int) *table {
	size := 16
	for size < 2*n {
		size *= 2
	}
	return &table{pairing: p, seed: maphash.MakeSeed(), slots: make([]int32, size), mask: uint64(size - 1)}
}

func (t *table) add(batches []*catalog.Strings, seen func(*entry, Row)) side {
	s := side{entryOf: make([][]int32, len(batches))}
	for b, keys := range batches {
		places := make([]int32, keys.Len())
		for i := range places {
			key := keys.At(i)
			if key == "" {
				places[i] = noKey
				continue
			}
			places[i] = t.find(key)
			seen(&t.pairing.entries[places[i]], Row{int32(b), int32(i)})
		}
		s.entryOf[b] = places
	}
	return s
}

// find returns the place of the key's entry, which it makes if there is none.
func (t *table) find(key string) int32 {
	hash := maphash.String(t.seed, key)
	for slot := hash & t.mask; ; slot = (slot + 1) & t.mask {
		at := t.slots[slot]
		if at == 0 {
			t.pairing.entries = append(t.pairing.entries, entry{hash: hash, key: key})
			t.slots[slot] = int32(len(t.pairing.entries))
			return int32(len(t.pairing.entries) - 1)
		}
		if e := &t.pairing.entries[at-1]; e.hash == hash && e.key == key {
			return at - 1
		}
	}
}
