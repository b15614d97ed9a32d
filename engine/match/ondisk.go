package match

import (
	"context"
	"fmt"
	"sync"

	"github.com/reconcilehq/reconcile/engine/spill"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// part is what a matcher has of a part beside the feeders' shelves.
type part struct {
	mu   sync.Mutex
	file *spill.File // not nil once items were moved there
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
		err := s.eachPage(func(page []byte) error { return appendPage(p.file, side, page) })
		m.used.Add(-s.arena.size)
		s.release()
		return err
	})
}

// appendPage appends items of a side to a file, as they lie on a shelf: a record is a byte for the side, then the items.
func appendPage(file *spill.File, side verdict.Side, page []byte) error {
	return file.Append([]byte{byte(side)}, page)
}

// pageOf reads a record of a file. It looks whether the items in it are whole.
func pageOf(record []byte) (verdict.Side, []byte, error) {
	if len(record) <= 1 || record[0] > byte(verdict.Store) {
		return 0, nil, fmt.Errorf("read what was kept on disk: no such record (%d bytes)", len(record))
	}
	page := record[1:]
	for at := 0; at < len(page); {
		if left := page[at:]; len(left) < heldHead || len(left) < heldSpan(left) {
			return 0, nil, fmt.Errorf("read what was kept on disk: an item is not whole (%d of %d bytes)", at, len(page))
		}
		at += heldSpan(page[at:])
	}
	return verdict.Side(record[0]), page, nil
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

// makeRoom moves parts to disk until the others take less than the memory limit, with some to spare. It begins before the limit is reached: until
// then whoever else has items to put goes on meanwhile.
func (m *Matcher) makeRoom(ctx context.Context) error {
	limit := m.options.Memory
	switch used := m.used.Load(); {
	case limit <= 0 || used <= limit-limit/16:
		return ctx.Err()
	case used > limit:
		m.making.Lock()
	case !m.making.TryLock():
		return ctx.Err()
	}
	defer m.making.Unlock()
	for m.used.Load() > limit-limit/8 {
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
