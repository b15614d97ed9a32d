package engine

import (
	"context"
	"encoding/binary"
	"strings"
	"sync"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/match"
	"github.com/reconcilehq/reconcile/engine/row"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules"
)

// parents finds, among the items of one side, those that are parents of matched variants: the other side has them as their
// variants, so they are not missing there. Whether a variant is matched is known when all items were paired, and neither the
// candidates nor the names of parents need fit in memory. So the two are paired in their turn, by the keys of the parents.
type parents struct {
	ctx     context.Context
	program *rules.Program
	layout  *row.Layout
	columns [2]int // by side: the column with the SKU of an item's parent; -1: there is none
	join    *match.Matcher

	mu    sync.Mutex
	marks [2][]uint64 // by side: the set of the ordinals of parents
}

// newParents returns nil where no side names parents.
func newParents(ctx context.Context, s *shared, options match.Options) *parents {
	columns := s.job.Program.ParentColumns()
	if columns[0] < 0 && columns[1] < 0 {
		return nil
	}
	return &parents{ctx: ctx, program: s.job.Program, layout: s.layout, columns: columns, join: match.New(s.layout, options)}
}

// parentFinder is a worker's part in finding parents.
type parentFinder struct {
	*parents
	candidates, named *match.Feeder
	seen              map[string]struct{} // SKUs of parents that were named lately
	skus              []string            // of these, those whose keys are not made yet
}

// mostSeen bounds what a finder remembers. What it forgets is named again, which does no harm.
const mostSeen = 1 << 14

// finder returns nil where there is nothing to find.
func (p *parents) finder() *parentFinder {
	if p == nil {
		return nil
	}
	// Sides mean something else here. They say what waits for what.
	return &parentFinder{parents: p, candidates: p.join.Feeder(verdict.Pos), named: p.join.Feeder(verdict.Store), seen: map[string]struct{}{}}
}

// pair takes note of the parents that the two items of a pair name.
func (f *parentFinder) pair(rows [2][]byte) error {
	if f == nil {
		return nil
	}
	for side, column := range f.columns {
		if column < 0 {
			continue
		}
		sku := f.layout.Sides[side].Text(rows[side], column)
		if _, seen := f.seen[sku]; seen || sku == "" {
			continue
		}
		if len(f.seen) == mostSeen {
			if err := f.flush(); err != nil {
				return err
			}
			clear(f.seen)
		}
		sku = strings.Clone(sku)
		f.seen[sku] = struct{}{}
		f.skus = append(f.skus, sku)
	}
	return nil
}

// flush hands on the parents that were named.
func (f *parentFinder) flush() error {
	if f == nil || len(f.skus) == 0 {
		return nil
	}
	keys, _ := f.program.KeysOf(verdict.Pos, f.skus)
	for i := range f.skus {
		if key := keys.At(i); !catalog.Blank(key) {
			if err := f.named.AddUnreadable(f.ctx, key, nil); err != nil {
				return err
			}
		}
	}
	f.skus = f.skus[:0]
	return nil
}

// candidate takes note of an item of one side.
func (f *parentFinder) candidate(side verdict.Side, key string, ordinal uint32) error {
	if f == nil {
		return nil
	}
	return f.candidates.AddUnreadable(f.ctx, key, binary.LittleEndian.AppendUint32([]byte{byte(side)}, ordinal))
}

// find finds the parents when all workers have handed on what they noted. It returns how many there are on each side.
func (p *parents) find(workers int) (found [2]int, err error) {
	if p == nil {
		return found, nil
	}
	visitors := make([]match.Worker, workers)
	for i := range visitors {
		visitors[i] = match.Worker{Visitor: parentVisitor{p}}
	}
	err = p.join.Finish(p.ctx, visitors)
	for side, marks := range p.marks {
		for _, word := range marks {
			for ; word != 0; word &= word - 1 {
				found[side]++
			}
		}
	}
	return found, err
}

// parentVisitor marks the candidates that were named. A parent of several variants is named several times.
type parentVisitor struct{ *parents }

// Decided implements match.Visitor. Nothing is ever decided.
func (parentVisitor) Decided(int32, int) bool { return false }

// Visit implements match.Visitor.
func (v parentVisitor) Visit(e *match.Entry) error {
	candidate := e.Item[verdict.Pos]
	if candidate == nil || e.Item[verdict.Store] == nil && e.Status != verdict.Duplicate {
		return nil
	}
	noted := match.Content(candidate)
	side, ordinal := noted[0], binary.LittleEndian.Uint32(noted[1:])
	v.mu.Lock()
	defer v.mu.Unlock()
	for len(v.marks[side]) <= int(ordinal/64) {
		v.marks[side] = append(v.marks[side], 0)
	}
	v.marks[side][ordinal/64] |= 1 << (ordinal % 64)
	return nil
}

// is reports whether the item at that place of a side is a parent.
func (p *parents) is(side verdict.Side, ordinal uint32) bool {
	return p != nil && int(ordinal/64) < len(p.marks[side]) && p.marks[side][ordinal/64]>>(ordinal%64)&1 != 0
}
