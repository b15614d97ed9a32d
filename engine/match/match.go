// Package match pairs the items of two sides by their keys.
//
// It knows keys, and items as rows of bytes; what an item is, and what becomes of a pair, is the engine's business. Both
// sides are taken at once, in any order: an item waits for its partner, and when that comes only what the two do not have
// in common is kept of it. So whichever side is read faster, no more is held in memory than about one item of each pair.
// Nothing is let go before both sides have ended, since a key can come up a second time as late as that.
//
// What does not fit the memory that is allowed is kept on disk, by parts of the keys, and paired part by part in the end.
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

// Judge says of a pair of which k is known whether that says enough: a number from 0 up, under which the pair is counted,
// or Open.
type Judge func(k *verdict.Known) int32

// Open is the verdict on pairs that are to be looked at.
const Open = -1

// Entry is an item that is not paired, or a pair, or two of one key of which one could not be read.
type Entry struct {
	Status  verdict.Status
	Ordinal [2]uint32 // the items' places in their sources, from 0
	Item    [2][]byte // as the layout's codecs write them; nil for a side without one. Valid during the call
	Verdict int32     // of a pair

	Unreadable [2]bool // by side: the item could not be read; Item has what AddUnreadable was given
}

// Side returns the side that an item lies on that is not paired.
func (e *Entry) Side() verdict.Side {
	if e.Item[verdict.Pos] != nil {
		return verdict.Pos
	}
	return verdict.Store
}

// Visitor takes what came of pairing. It is for one goroutine.
type Visitor interface {
	// Settled takes a number of pairs on which there is a verdict, and returns whether Visit is to be called with each of
	// those as well: the same for all verdicts.
	Settled(verdict int32, pairs int) bool
	// Visit takes all other entries, in no particular order.
	Visit(e *Entry) error
}

// Options bound what a Matcher holds.
type Options struct {
	Memory int64       // bytes that items may take in memory; 0: any number
	Pool   *chunk.Pool // where it comes from
	// Folder returns the folder for what does not fit. It is called when it is needed, from several goroutines.
	Folder func() (*spill.Folder, error)
}

// Matcher pairs items. Feeders fill it, one a side; then Finish visits what came of it.
type Matcher struct {
	layout  *row.Layout
	options Options
	seed    maphash.Seed
	parts   [partitions]partition
	used    atomic.Int64 // bytes that all parts take
	making  sync.Mutex   // room
}

// The parts of the keys. A part is the unit of locking, and of what is kept on disk.
const (
	partitionBits = 6
	partitions    = 1 << partitionBits
)

// New returns an empty matcher of items that are laid out so.
func New(layout *row.Layout, options Options) *Matcher {
	m := &Matcher{layout: layout, options: options, seed: maphash.MakeSeed()}
	for i := range m.parts {
		m.parts[i].arena.pool = options.Pool
	}
	return m
}

// Feeder takes the items of one side, in their order. It is for one goroutine; the two sides' feeders work side by side.
type Feeder struct {
	matcher *Matcher
	side    verdict.Side
	judge   Judge
	next    uint32 // ordinal

	items  row.Items
	hashes []uint64
	order  []int32 // items by part
	starts [partitions + 1]int32
	scratch
}

// scratch is what a goroutine needs to put items.
type scratch struct {
	candidates []uint32
	touched    byte
	item       item          // here, so that handing it on by a function value costs nothing
	known      verdict.Known // likewise
	judged     verdict.Known // what the last verdict was on, if there was any
	last       int32
	any        bool
	rest       []byte
}

// Feeder returns what takes the items of a side.
func (m *Matcher) Feeder(side verdict.Side, judge Judge) *Feeder {
	return &Feeder{matcher: m, side: side, judge: judge}
}

// Add takes the items of a batch: their keys, of which an empty one is no key, and what tests on their side came to, as
// they are to stand in Known; no tests are as good as zeros. It keeps neither of them.
func (f *Feeder) Add(ctx context.Context, batch *catalog.Batch, keys *catalog.Strings, tests []uint32) error {
	n := batch.Len()
	if uint64(f.next)+uint64(n) > math.MaxUint32 {
		return fmt.Errorf("a source has more than %d items", uint32(math.MaxUint32))
	}
	m := f.matcher
	encoder := m.layout.Sides[f.side].NewEncoder(batch, keys)
	for from := 0; from < n; from += stretch {
		to := min(from+stretch, n)
		encoder.Encode(&f.items, from, to)
		f.partition(keys, from, to)
		for p := range m.parts {
			group := f.order[f.starts[p]:f.starts[p+1]]
			if len(group) == 0 {
				continue
			}
			if err := m.parts[p].addGroup(f, group, tests[min(from, len(tests)):]); err != nil {
				return err
			}
		}
		f.next += uint32(to - from)
	}
	return m.makeRoom(ctx)
}

// AddUnreadable takes an item that could not be read: its key, which is not empty, and what the visitor is to be given of it.
// It keeps neither. Its ordinal is that of the next item which can be read.
func (f *Feeder) AddUnreadable(ctx context.Context, key string, content []byte) error {
	m := f.matcher
	bytes := binary.AppendUvarint(nil, uint64(len(key)))
	bytes = append(append(bytes, key...), content...)
	hash := m.hashText(key)
	f.item = item{side: f.side, ordinal: f.next, hash: uint32(hash), bytes: bytes, unreadable: true}
	f.item.key = keyLength(bytes)
	f.item.twins = f.item.key
	p := &m.parts[hash>>(64-partitionBits)]
	p.mu.Lock()
	before := p.size()
	err := p.add(f, &f.item)
	m.used.Add(p.size() - before)
	p.mu.Unlock()
	if err != nil {
		return err
	}
	return m.makeRoom(ctx)
}

// Content returns what AddUnreadable was given of an item, from the bytes that Entry has.
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

// stretch is how many items of a batch are worked on at a time: few enough that they stay in the processor's cache while
// they are taken part by part.
const stretch = 2048

// partition hashes the keys and sorts the items by the part that their keys belong to. Those without a key are spread.
func (f *Feeder) partition(keys *catalog.Strings, from, to int) {
	f.hashes, f.order = f.hashes[:0], append(f.order[:0], make([]int32, to-from)...)
	var counts [partitions]int32
	for i := from; i < to; i++ {
		hash := f.matcher.hashText(keys.At(i))
		if keys.At(i) == "" {
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
