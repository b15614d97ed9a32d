package match

import (
	"context"
	"encoding/binary"
	"sync"

	"github.com/reconcilehq/reconcile/engine/spill"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// A record on disk is an item: its side and whether it could be read, its ordinal, its tests, then its bytes.
const (
	diskHead       = 1 + 4 + 4
	diskUnreadable = 2 // beside the side
	mostDiskFlags  = diskUnreadable | byte(verdict.Store)
)

// part is what a matcher has of a part beside the feeders' shelves.
type part struct {
	mu   sync.Mutex
	file *spill.File // not nil once items were moved there
}

// append writes an item of a side to the part's file. The caller holds the lock.
func (p *part) append(side verdict.Side, it *item) error {
	var head [diskHead]byte
	head[0] = byte(side)
	if it.unreadable {
		head[0] |= diskUnreadable
	}
	binary.LittleEndian.PutUint32(head[1:], it.ordinal)
	binary.LittleEndian.PutUint32(head[5:], it.tests)
	return p.file.Append(head[:], it.bytes)
}

// itemOf reads a record of a file.
func (m *Matcher) itemOf(b []byte) item {
	it := item{side: verdict.Side(b[0] &^ diskUnreadable), unreadable: b[0]&diskUnreadable != 0, ordinal: binary.LittleEndian.Uint32(b[1:]), tests: binary.LittleEndian.Uint32(b[5:]), bytes: b[diskHead:]}
	it.measure(m.layout.Sides[it.side], true)
	return it
}

// moveToDisk writes the items that lie on the shelves of a part to its file.
func (m *Matcher) moveToDisk(number int) error {
	p := &m.parts[number]
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.file == nil {
		folder, err := m.options.Folder()
		if err != nil {
			return err
		}
		if p.file, err = folder.Create(m.fileBuffer()); err != nil {
			return err
		}
	}
	return m.eachShelf(number, func(side verdict.Side, s *shelf) error {
		err := s.each(m.layout.Sides[side], make([]item, 1), func(items []item) error {
			for i := range items {
				if err := p.append(side, &items[i]); err != nil {
					return err
				}
			}
			return nil
		})
		m.used.Add(-s.arena.size)
		s.release()
		return err
	})
}

// eachShelf calls do with the shelves of a part, those of pos first. It holds their locks meanwhile.
func (m *Matcher) eachShelf(number int, do func(verdict.Side, *shelf) error) error {
	m.mu.Lock()
	feeders := m.feeders // which only grow
	m.mu.Unlock()
	for side, list := range feeders {
		for _, f := range list {
			s := &f.shelves[number]
			s.mu.Lock()
			err := do(verdict.Side(side), s)
			s.mu.Unlock()
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// The buffers of files, in bytes: there may be as many as there are parts.
const (
	leastBuffer = 1 << 10
	mostBuffer  = 64 << 10
)

func (m *Matcher) fileBuffer() int {
	return int(max(leastBuffer, min(mostBuffer, m.options.Memory/(4*partitions))))
}

// makeRoom moves parts to disk until the others take less than the memory limit, with some to spare.
func (m *Matcher) makeRoom(ctx context.Context) error {
	if m.options.Memory <= 0 || m.used.Load() <= m.options.Memory {
		return ctx.Err()
	}
	m.making.Lock()
	defer m.making.Unlock()
	for m.used.Load() > m.options.Memory-m.options.Memory/16 {
		if err := ctx.Err(); err != nil {
			return err
		}
		largest := m.largest()
		if largest < 0 {
			return nil
		}
		if err := m.moveToDisk(largest); err != nil {
			return err
		}
	}
	return nil
}

// largest returns the part whose shelves take the most memory; -1 if there is nothing on any. One that is on disk already is taken before
// another, unless there is little to gain: then the others stay in memory as a whole.
func (m *Matcher) largest() int {
	best, most := -1, int64(0)
	onDisk, mostOnDisk := -1, m.options.Memory/(4*partitions)
	for number := range m.parts {
		size := int64(0)
		_ = m.eachShelf(number, func(_ verdict.Side, s *shelf) error {
			size += s.arena.size
			return nil
		})
		if size > most {
			best, most = number, size
		}
		if size > mostOnDisk && m.parts[number].isOnDisk() {
			onDisk, mostOnDisk = number, size
		}
	}
	if onDisk >= 0 {
		return onDisk
	}
	return best
}

func (p *part) isOnDisk() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.file != nil
}
