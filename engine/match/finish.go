package match

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/reconcilehq/reconcile/engine/chunk"
	"github.com/reconcilehq/reconcile/engine/spill"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// Worker is one of those that Finish hands the parts to.
type Worker struct {
	Visitor Visitor
	Judge   Judge // of pairs that were on disk
}

// Finish visits everything that was added, once both sides have ended. Each worker has a goroutine of its own. The parts
// are let go one after the other as they have been visited, so the matcher is used up.
func (m *Matcher) Finish(ctx context.Context, workers []Worker) error {
	var memory, disk []int
	for p := range m.parts {
		if m.parts[p].file == nil {
			memory = append(memory, p)
		} else {
			disk = append(disk, p)
		}
	}
	share := max(m.options.Memory/int64(len(workers)), 1)
	err := each(ctx, workers, memory, func(w *visit, p int) error {
		t := &m.parts[p].table
		defer t.release()
		return w.table(t)
	}, m)
	if err != nil {
		return err
	}
	return each(ctx, workers, disk, func(w *visit, p int) error {
		return w.file(ctx, m.parts[p].file, 1, share)
	}, m)
}

// each calls do with each part, as many at a time as there are workers.
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
		group.Go(func() error {
			w := &visit{Worker: workers[i], matcher: m}
			for p, ok := next(); ok; p, ok = next() {
				if err := do(w, p); err != nil {
					return err
				}
			}
			return ctx.Err()
		})
	}
	return group.Wait()
}

// visit is a worker at work.
type visit struct {
	Worker
	matcher *Matcher
	partner []byte
	entry   Entry
	scratch
}

// table visits what a part holds in memory. Pairs on which there is a verdict are counted, and their records not looked at
// unless the visitor wants that.
func (v *visit) table(t *table) error {
	each := false
	for verdict, pairs := range t.settled {
		if pairs > 0 && v.Visitor.Settled(int32(verdict), pairs) {
			each = true
		}
	}
	if err := v.records(t, t.single); err != nil {
		return err
	}
	const atATime = 64
	places := v.candidates[:0]
	for _, s := range t.slots {
		if s == 0 || s&settledFlag != 0 && !each {
			continue
		}
		if places = append(places, placeOf(s)); len(places) == atATime {
			if err := v.records(t, places); err != nil {
				return err
			}
			places = places[:0]
		}
	}
	v.candidates = places
	return v.records(t, places)
}

// usual is about how long most records are.
const usual = 128

// records visits the items of some records, and their partners. All are looked at before any is worked on: see touch.
func (v *visit) records(t *table, places []uint32) error {
	for _, place := range places {
		v.touched += chunk.Touch(t.arena.at(place), usual)
	}
	for _, place := range places {
		if rest := record(t.arena.at(place)).more(); rest != 0 {
			v.touched += t.arena.at(rest)[0]
		}
	}
	for _, place := range places {
		if err := v.record(t, place); err != nil {
			return err
		}
	}
	return nil
}

// record visits the item of a record, and its partner.
func (v *visit) record(t *table, place uint32) error {
	r := record(t.arena.at(place))
	side := r.side()
	switch {
	case r.noKey():
		return v.single(verdict.NoKey, side, r.word(atOrdinal), r.item(), false)
	case r.is(twiceFlag):
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
	v.partner = t.partner(v.matcher.layout, r, v.partner[:0])
	e := &v.entry
	own, other := t.arena.unreadable(r)
	e.Unreadable[side], e.Unreadable[side.Other()] = own, other
	if e.Status, e.Verdict = verdict.Unreadable, Open; !own && !other {
		e.Status, e.Verdict = verdict.Matched, t.arena.verdict(r)
	}
	e.Item[side], e.Item[side.Other()] = r.item(), v.partner
	e.Ordinal[side], e.Ordinal[side.Other()] = r.word(atOrdinal), r.word(atPartner)
	return v.Visitor.Visit(e)
}

func (v *visit) single(status verdict.Status, side verdict.Side, ordinal uint32, item []byte, unreadable bool) error {
	e := &v.entry
	*e = Entry{Status: status, Verdict: Open}
	e.Item[side], e.Ordinal[side], e.Unreadable[side] = item, ordinal, unreadable
	return v.Visitor.Visit(e)
}

// deepest is how often a part on disk is divided at most: after that the hash has no bits left that tell keys apart. By
// then a part has few keys, and of a key that is there many times one item is held in memory.
const deepest = 5

// file visits a part that lies on disk, and removes it. level says how often the keys have been divided to make it.
func (v *visit) file(ctx context.Context, file *spill.File, level int, memory int64) error {
	if file.Size() > memory-memory/4 && level < deepest {
		return v.divide(ctx, file, level, memory)
	}
	t := table{arena: arena{pool: v.matcher.options.Pool}}
	defer t.release()
	t.takeSingle = func(it *item) error {
		if it.noKey() {
			return v.single(verdict.NoKey, it.side, it.ordinal, it.bytes, false)
		}
		return v.single(verdict.Duplicate, it.side, it.ordinal, it.bytes, it.unreadable)
	}
	err := v.read(ctx, file, func(it *item, hash uint64, _ []byte) error {
		it.hash = uint32(hash)
		return t.put(v.matcher.layout, it, v.Judge, &v.scratch)
	})
	if err != nil {
		return err
	}
	if err := v.table(&t); err != nil {
		return err
	}
	return file.Remove()
}

// divide divides a part that is too large for memory by the next bits of the keys' hashes, and visits its parts.
func (v *visit) divide(ctx context.Context, file *spill.File, level int, memory int64) error {
	folder, err := v.matcher.options.Folder()
	if err != nil {
		return err
	}
	var parts [partitions]*spill.File
	err = v.read(ctx, file, func(it *item, hash uint64, record []byte) error {
		if it.noKey() {
			return v.single(verdict.NoKey, it.side, it.ordinal, it.bytes, false)
		}
		p := hash >> (64 - partitionBits*(level+1)) & (partitions - 1)
		if parts[p] == nil {
			if parts[p], err = folder.Create(v.matcher.fileBuffer()); err != nil {
				return err
			}
		}
		return parts[p].Append(record)
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

// read reads the items of a file.
func (v *visit) read(ctx context.Context, file *spill.File, do func(it *item, hash uint64, record []byte) error) error {
	records, err := file.Read(4 * v.matcher.fileBuffer())
	if err != nil {
		return err
	}
	for n := 0; ; n++ {
		if n&0xfff == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		b, err := records.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if len(b) <= asideHead || b[0] > mostAside {
			return fmt.Errorf("read what was kept on disk: no such record (%d bytes)", len(b))
		}
		it := &v.item
		*it = v.matcher.itemOf(b)
		if err := do(it, v.matcher.hash(keyOf(it.bytes)), b); err != nil {
			return err
		}
	}
}
