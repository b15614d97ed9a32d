package match

import (
	"context"
	"encoding/binary"

	"github.com/reconcilehq/reconcile/engine/verdict"
)

// A record on disk is an item: its side and whether it could be read, its ordinal, its tests, then its bytes.
const (
	diskHead       = 1 + 4 + 4
	diskUnreadable = 2 // beside the side
	mostDiskFlags  = diskUnreadable | byte(verdict.Store)
)

// append writes an item to the file of a part that is on disk.
func (p *partition) append(it *item) error {
	var head [diskHead]byte
	head[0] = byte(it.side)
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
	if it.unreadable {
		it.key = keyLength(it.bytes)
		it.twins = it.key
		return it
	}
	it.key, it.twins, it.nulls = m.layout.Sides[it.side].Measure(it.bytes)
	return it
}

// moveToDisk writes the items that a part holds in memory to a file. Further items of the part go there, too. What is known
// of its pairs is dropped, and found out again in the end. The caller holds the part's lock.
func (p *partition) moveToDisk(m *Matcher) error {
	folder, err := m.options.Folder()
	if err != nil {
		return err
	}
	if p.file, err = folder.Create(m.fileBuffer()); err != nil {
		return err
	}
	var partner []byte
	err = p.arena.records(func(r record) error {
		own, other := p.arena.unreadable(r)
		it := item{side: r.side(), unreadable: own, ordinal: r.word(atOrdinal), tests: r.tests(), bytes: r.item()}
		if err := p.append(&it); err != nil || !r.is(pairedFlag) {
			return err
		}
		partner = p.partner(m.layout, r, partner[:0])
		// The results of its tests were not kept. Nothing is decided by them then.
		return p.append(&item{side: it.side.Other(), unreadable: other, ordinal: r.word(atPartner), bytes: partner})
	})
	p.table.release()
	return err
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
		if largest == nil {
			return nil
		}
		largest.mu.Lock()
		before := largest.size()
		err := largest.moveToDisk(m)
		m.used.Add(-before)
		largest.mu.Unlock()
		if err != nil {
			return err
		}
	}
	return nil
}

// largest returns the part that takes the most memory, or nil if all are on disk.
func (m *Matcher) largest() *partition {
	var largest *partition
	most := int64(0)
	for i := range m.parts {
		p := &m.parts[i]
		p.mu.Lock()
		if size := p.size(); p.file == nil && size > most {
			largest, most = p, size
		}
		p.mu.Unlock()
	}
	return largest
}
