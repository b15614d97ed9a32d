// Package match pairs the items of two sides by their keys.
//
// It knows keys, and items as rows of bytes. What an item means, and what becomes of a pair, is up to the engine. Both sides
// are read at once, in any order. No item is dropped, and none is paired, before both sides have ended: until then its key can come
// a second time, and make it a duplicate.
//
// The keys are divided into parts by their hashes. While the sides are read, each puts its items on the shelf of their part, one
// behind the other. In the end the parts are paired one after the other, each by one processor: a part is small enough for the
// processor's cache, where looking for partners among all items would wait for memory each time. A part whose items come in the order of
// their keys on both sides is gone along; the others go through a table.
//
// When the memory limit is reached, whole parts are moved to disk.
package match

import (
	"context"
	"encoding/binary"
	"fmt"
	"hash/maphash"
	"math"
	"sync"
	"sync/atomic"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/chunk"
	"github.com/reconcilehq/reconcile/engine/row"
	"github.com/reconcilehq/reconcile/engine/spill"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// Judge returns a number from 0 up that stands for k, which is what is known of a pair: the pair's outlook. It returns Undecided where there
// is none. With an outlook, visit says that the visitor needs the pair itself. Otherwise it is only counted.
type Judge func(k *verdict.Known) (outlook int32, visit bool)

// Undecided is the outlook of pairs of which nothing is known.
const Undecided = -1

// Entry is an item without a partner, or a pair, or two items with the same key of which one could not be read.
type Entry struct {
	Status  verdict.Status
	Ordinal [2]uint32 // the items' positions in their sources, from 0
	Item    [2][]byte // as the layout's codecs write them; nil for a side without one. Valid during the call
	Outlook int32     // of a pair

	Unreadable [2]bool // by side: the item could not be read; Item has what AddUnreadable was given

	// Rest is, of a pair, what the item of one side has and that of the other, which is in Item, lacks: see row.Codec.AppendRest. Whole
	// puts both into Item.
	Rest []byte

	visit *visit
}

// Whole makes sure that both items of a pair are in Item. Rest is nil then.
func (e *Entry) Whole() {
	if e.Rest == nil {
		return
	}
	of := e.Side().Other()
	e.visit.partner = e.visit.matcher.layout.Sides[of].Restore(e.visit.partner[:0], e.Rest, e.Item[of.Other()])
	e.Item[of], e.Rest = e.visit.partner, nil
}

// Side returns the side of an item that has no partner.
func (e *Entry) Side() verdict.Side {
	if e.Item[verdict.Pos] != nil {
		return verdict.Pos
	}
	return verdict.Store
}

// Visitor receives the results of pairing. It is for one goroutine.
type Visitor interface {
	// Decided receives the number of pairs with an outlook that are only counted. It returns whether Visit is to be called with each
	// of these pairs, too; the answer must be the same for all outlooks.
	Decided(outlook int32, pairs int) bool
	// Visit receives all other entries, in no particular order.
	Visit(e *Entry) error
}

// Options bound what a Matcher holds.
type Options struct {
	Memory int64       // bytes that items may take in memory; 0: no limit
	Pool   *chunk.Pool // where that memory comes from
	// Folder returns the folder for what does not fit in memory. It is called when that is needed, from several goroutines.
	Folder func() (*spill.Folder, error)
}

// Matcher pairs items. Two feeders, one for each side, fill it. Then Finish visits the results.
type Matcher struct {
	layout  *row.Layout
	options Options
	seed    maphash.Seed
	parts   [partitions]part
	used    atomic.Int64 // bytes that all shelves take
	making  sync.Mutex   // room

	mu      sync.Mutex
	feeders [2][]*Feeder // by side
}

// The parts of the keys.
const (
	partitionBits = 6
	partitions    = 1 << partitionBits
)

// New returns an empty matcher of items that are encoded by the layout.
func New(layout *row.Layout, options Options) *Matcher {
	return &Matcher{layout: layout, options: options, seed: maphash.MakeSeed()}
}

// Feeder takes items of one side, in their order. It is for one goroutine; feeders work side by side.
type Feeder struct {
	matcher *Matcher
	side    verdict.Side
	next    uint32 // ordinal

	items   row.Items
	hashes  []uint64
	order   []int32 // items by part
	starts  [partitions + 1]int32
	shelves [partitions]shelf
}

// Feeder returns what takes items of a side.
func (m *Matcher) Feeder(side verdict.Side) *Feeder {
	f := &Feeder{matcher: m, side: side}
	for i := range f.shelves {
		f.shelves[i].arena.pool = m.options.Pool
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.feeders[side] = append(m.feeders[side], f)
	return f
}

// Add adds the items of a batch. keys are their keys; a blank one is no key. tests are the results of tests on these items,
// as verdict.Known has them; it may be empty. Add keeps none of its arguments.
func (f *Feeder) Add(ctx context.Context, batch *catalog.Batch, keys *catalog.Strings, tests []uint32) error {
	n := batch.Len()
	if uint64(f.next)+uint64(n) > math.MaxUint32 {
		return fmt.Errorf("a source has more than %d items", uint32(math.MaxUint32))
	}
	m := f.matcher
	encoder := m.layout.Sides[f.side].NewEncoder(batch, keys)
	for from := 0; from < n; from += itemsAtATime {
		to := min(from+itemsAtATime, n)
		encoder.Encode(&f.items, from, to)
		f.partition(keys, from, to)
		for p := range f.shelves {
			group := f.order[f.starts[p]:f.starts[p+1]]
			if len(group) == 0 {
				continue
			}
			if err := f.addGroup(p, group, tests[min(from, len(tests)):]); err != nil {
				return err
			}
		}
		f.next += uint32(to - from)
	}
	return m.makeRoom(ctx)
}

// AddUnreadable adds an item that could not be read. key is not blank; content is what the visitor gets as the item, by
// Content. It keeps neither. The item's ordinal is that of the next item that can be read.
func (f *Feeder) AddUnreadable(ctx context.Context, key string, content []byte) error {
	m := f.matcher
	bytes := binary.AppendUvarint(nil, uint64(len(key)))
	bytes = append(append(bytes, key...), content...)
	hash := m.hashText(key)
	it := item{ordinal: f.next, hash: uint32(hash), bytes: bytes, unreadable: true}
	if err := f.add(int(hash>>(64-partitionBits)), &it); err != nil {
		return err
	}
	return m.makeRoom(ctx)
}

// Content returns the content that AddUnreadable was given, from the item's bytes in Entry.
func Content(item []byte) []byte { return item[keyLength(item):] }

// keyOf returns the key that an item's bytes begin with.
func keyOf(item []byte) []byte {
	n, width := binary.Uvarint(item)
	return item[width : width+int(n)]
}

// keyLength returns how many bytes the key takes, with its length.
func keyLength(item []byte) int {
	n, width := binary.Uvarint(item)
	return width + int(n)
}

// itemsAtATime is how many items of a batch are worked on at a time: few enough to stay in the processor's cache while they
// are added part by part.
const itemsAtATime = 2048

// partition hashes the keys and sorts the items by the parts of their keys. Items without a key go to all parts in turn.
func (f *Feeder) partition(keys *catalog.Strings, from, to int) {
	f.hashes, f.order = f.hashes[:0], append(f.order[:0], make([]int32, to-from)...)
	var counts [partitions]int32
	for i := from; i < to; i++ {
		hash := f.matcher.hashText(keys.At(i))
		if keys.At(i) == "" { // blank ones may all go to one part
			hash = uint64(i) << (64 - partitionBits)
		}
		f.hashes = append(f.hashes, hash)
		counts[hash>>(64-partitionBits)]++
	}
	at := int32(0)
	for p, count := range counts {
		f.starts[p] = at
		at += count
	}
	f.starts[partitions] = at
	next := f.starts
	for i, hash := range f.hashes {
		p := hash >> (64 - partitionBits)
		f.order[next[p]] = int32(i)
		next[p]++
	}
}

func (m *Matcher) hash(key []byte) uint64     { return maphash.Bytes(m.seed, key) }
func (m *Matcher) hashText(key string) uint64 { return maphash.String(m.seed, key) }
