package match

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/reconcilehq/reconcile/engine/chunk"
	"github.com/reconcilehq/reconcile/engine/fault"
	"github.com/reconcilehq/reconcile/engine/spill"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// Worker is one of the workers that share the parts in Finish.
type Worker struct {
	Visitor Visitor
	Judge   Judge // of pairs that were on disk
}

// Finish visits everything that was added. Call it when both sides have ended. Each worker runs in a goroutine of its own.
// The memory of each part is given back when it was visited, so the matcher cannot be used again.
func (m *Matcher) Finish(ctx context.Context, workers []Worker) error {
	var memory, disk []int
	for number := range m.parts {
		if !m.parts[number].isOnDisk() {
			memory = append(memory, number)
			continue
		}
		if err := m.moveToDisk(number); err != nil { // what has come since
			return err
		}
		disk = append(disk, number)
	}
	share := max(m.options.Memory/int64(len(workers)), 1)
	if err := each(ctx, workers, memory, (*visit).shelves, m); err != nil {
		return err
	}
	return each(ctx, workers, disk, func(w *visit, number int) error {
		return w.file(ctx, m.parts[number].file, 1, share)
	}, m)
}

// shelves pairs what lies on the shelves of a part, visits it, and gives back the memory.
func (v *visit) shelves(number int) error {
	if shelves, ordered := v.matcher.inOrder(number); ordered {
		err := v.merge(shelves)
		for _, s := range shelves {
			s.release()
		}
		return err
	}
	t := v.emptyTable()
	err := v.matcher.eachShelf(number, func(side verdict.Side, s *shelf) error {
		t.expect(s.items)
		err := s.eachPage(func(page []byte) error { return v.eachItem(side, page, v.put) })
		s.release()
		return err
	})
	if err != nil {
		return err
	}
	return v.visitTable()
}

// put puts some items into the table.
func (v *visit) put(items []item) error {
	v.touched += v.table.touch(items, &v.scratch)
	for i := range items {
		if err := v.table.put(v.matcher.layout, &items[i], v.Judge, &v.scratch); err != nil {
			return err
		}
	}
	return nil
}

// emptyTable returns the visit's table for another part. What is put into it and has no partner is visited at once.
func (v *visit) emptyTable() *table {
	t := &v.table
	if t.takeSingle == nil {
		t.arena.pool = v.matcher.options.Pool
		t.takeSingle = func(it *item) error {
			if it.noKey() {
				return v.single(verdict.NoKey, it.side, it.ordinal, it.bytes, false)
			}
			return v.single(verdict.Duplicate, it.side, it.ordinal, it.bytes, it.unreadable)
		}
	}
	t.reset()
	return t
}

// each calls do with each part. The workers do that in parallel.
func each(ctx context.Context, workers []Worker, parts []int, do func(*visit, int) error, m *Matcher) error {
	group, ctx := errgroup.WithContext(ctx)
	var mu sync.Mutex
	next := func() (int, bool) {
		mu.Lock()
		defer mu.Unlock()
		if len(parts) == 0 || ctx.Err() != nil {
			return 0, false
		}
		p := parts[0]
		parts = parts[1:]
		return p, true
	}
	for i := range workers {
		group.Go(fault.CaughtError(func() error {
			w := &visit{Worker: workers[i], matcher: m}
			for p, ok := next(); ok; p, ok = next() {
				if err := do(w, p); err != nil {
					return err
				}
			}
			return ctx.Err()
		}))
	}
	return group.Wait()
}

// visit is a worker with what it needs for its work.
type visit struct {
	Worker
	matcher *Matcher
	table   table // of the part that it is at
	partner []byte
	entry   Entry
	items   [together]item
	scratch
}

// visitTable visits what is in the table. Pairs that are only counted are left out, unless the visitor wants them.
func (v *visit) visitTable() error {
	t, each := &v.table, v.eachDecided()
	defer t.arena.release()
	const atATime = 64
	refs := v.candidates[:0]
	for _, s := range t.slots {
		if s == 0 || s&decidedFlag != 0 && !each {
			continue
		}
		if refs = append(refs, refOf(s)); len(refs) == atATime {
			if err := v.records(t, refs); err != nil {
				return err
			}
			refs = refs[:0]
		}
	}
	v.candidates = refs
	return v.records(t, refs)
}

// eachDecided tells the visitor of the pairs that are only counted. It reports whether they are to be visited, too.
func (v *visit) eachDecided() (each bool) {
	for outlook, pairs := range v.table.decided {
		if pairs > 0 && v.Visitor.Decided(int32(outlook), pairs) {
			each = true
		}
	}
	return each
}

// scratch is what a goroutine needs to put items.
type scratch struct {
	candidates []uint32
	touched    byte
	known      verdict.Known // here, so that handing it on by a function value costs nothing
	judged     verdict.Known // what the last verdict was on, if there was any
	last       int32         // its outlook
	visit      bool          // likewise
	any        bool
	rest       []byte
}

// records visits the items of some records, and their partners. It touches all of them first: see partition.touch.
func (v *visit) records(t *table, refs []uint32) error {
	for _, ref := range refs {
		v.touched += chunk.Touch(t.arena.at(ref), usualLength)
	}
	for _, ref := range refs {
		if rest := record(t.arena.at(ref)).more(); rest != 0 {
			v.touched += t.arena.at(rest)[0]
		}
	}
	for _, ref := range refs {
		if err := v.record(t, ref); err != nil {
			return err
		}
	}
	return nil
}

// record visits the item of a record, and its partner.
func (v *visit) record(t *table, ref uint32) error {
	r := record(t.arena.at(ref))
	side := r.side()
	switch {
	case r.is(duplicateFlag):
		own, other := t.arena.unreadable(r)
		if err := v.single(verdict.Duplicate, side, r.word(atOrdinal), r.item(), own); err != nil || !r.is(pairedFlag) {
			return err
		}
		v.partner = t.partner(v.matcher.layout, r, v.partner[:0])
		return v.single(verdict.Duplicate, side.Other(), r.word(atPartner), v.partner, other)
	case !r.is(pairedFlag):
		if own, _ := t.arena.unreadable(r); own {
			return v.single(verdict.Unreadable, side, r.word(atOrdinal), r.item(), true)
		}
		return v.single(side.Only(), side, r.word(atOrdinal), r.item(), false)
	}
	e := &v.entry
	e.visit, e.Rest = v, nil
	own, other := t.arena.unreadable(r)
	e.Unreadable[side], e.Unreadable[side.Other()] = own, other
	e.Item[side], e.Item[side.Other()] = r.item(), nil
	if e.Status, e.Outlook = verdict.Unreadable, Undecided; own || other {
		v.partner = t.partner(v.matcher.layout, r, v.partner[:0])
		e.Item[side.Other()] = v.partner
	} else {
		e.Status, e.Outlook = verdict.Matched, t.arena.outlook(r)
		e.Rest = v.rest(t, r)
	}
	e.Ordinal[side], e.Ordinal[side.Other()] = r.word(atOrdinal), r.word(atPartner)
	return v.Visitor.Visit(e)
}

// rest returns what the partner of a record's item has and this lacks.
func (v *visit) rest(t *table, r record) []byte {
	ref := r.more()
	if ref == 0 { // nothing
		v.scratch.rest = binary.AppendUvarint(v.scratch.rest[:0], v.matcher.layout.AllEqual())
		return v.scratch.rest
	}
	b := record(t.arena.at(ref))
	return b[restHead : restHead+b.length()]
}

func (v *visit) single(status verdict.Status, side verdict.Side, ordinal uint32, item []byte, unreadable bool) error {
	e := &v.entry
	*e = Entry{Status: status, Outlook: Undecided}
	e.Item[side], e.Ordinal[side], e.Unreadable[side] = item, ordinal, unreadable
	return v.Visitor.Visit(e)
}

// maxLevel is how often a part on disk is divided at most: then all bits of the hash were used. By then a part has few keys,
// and of a key that comes many times only one item is held in memory.
const maxLevel = 5

// file visits a part that is on disk, and removes it. level is the number of times the keys were divided to make the part;
// memory is how many bytes it may take.
func (v *visit) file(ctx context.Context, file *spill.File, level int, memory int64) error {
	if file.Size() > memory-memory/4 && level < maxLevel {
		return v.divide(ctx, file, level, memory)
	}
	v.emptyTable()
	if err := v.read(ctx, file, v.put); err != nil {
		return err
	}
	if err := v.visitTable(); err != nil {
		return err
	}
	return file.Remove()
}

// divide divides a part that is too large for memory, by the next bits of the keys' hashes, and visits the new parts.
func (v *visit) divide(ctx context.Context, file *spill.File, level int, memory int64) error {
	folder, err := v.matcher.options.Folder()
	if err != nil {
		return err
	}
	var parts [partitions]*spill.File
	err = v.read(ctx, file, func(items []item) error {
		for i := range items {
			it := &items[i]
			if it.noKey() {
				if err := v.single(verdict.NoKey, it.side, it.ordinal, it.bytes, false); err != nil {
					return err
				}
				continue
			}
			p := v.matcher.hash(keyOf(it.bytes)) >> (64 - partitionBits*(level+1)) & (partitions - 1)
			if parts[p] == nil {
				if parts[p], err = folder.Create(v.matcher.fileBuffer()); err != nil {
					return err
				}
			}
			if err := appendPage(parts[p], it.side, it.held); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := file.Remove(); err != nil {
		return err
	}
	for _, part := range parts {
		if part == nil {
			continue
		}
		if err := v.file(ctx, part, level+1, memory); err != nil {
			return err
		}
	}
	return nil
}

// read calls do with the items of a file, some at a time.
func (v *visit) read(ctx context.Context, file *spill.File, do func([]item) error) error {
	records, err := file.Read(4 * v.matcher.fileBuffer())
	if err != nil {
		return err
	}
	for n := 0; ; n++ {
		if n&0xff == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		record, err := records.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		side, page, err := pageOf(record)
		if err != nil {
			return err
		}
		if err := v.eachItem(side, page, do); err != nil {
			return err
		}
	}
}
