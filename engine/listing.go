package engine

import (
	"runtime"
	"strings"
	"sync"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/fault"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/row"
	"github.com/reconcilehq/reconcile/engine/spool"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules"
)

// listing reads the spooled items back, in order, as items of the report.
type listing struct {
	spool    *spool.Spool
	layout   *row.Layout
	brief    *row.Layout // of items of which little is kept
	outcomes []*report.Outcome
	parents  *parents
	program  *rules.Program // nil: keys are not asked for

	unmade, unmadeBrief catalog.Batch // placeholders for batches that are not made yet
}

func (s *shared) listing() *listing {
	l := &listing{spool: s.spool, layout: s.layout, brief: newBriefLayout(!s.job.Program.KeyIsSKU()), parents: s.parents}
	if s.job.All && !s.job.Program.KeyIsSKU() {
		l.program = s.job.Program
	}
	for _, o := range s.outcomes.list {
		l.outcomes = append(l.outcomes, o.Outcome)
	}
	return l
}

// whyUnknown returns what says, of items of the result, which values were unknown to which rules.
func (s *shared) whyUnknown() func(*report.Item, int) []verdict.Unknown {
	var mu sync.Mutex
	evaluator := s.job.Program.NewEvaluator()
	return func(it *report.Item, rule int) []verdict.Unknown {
		if !it.Outcome.IsUnknown(rule) {
			return nil
		}
		mu.Lock()
		defer mu.Unlock()
		pos, store := inBatch(it.Pos), inBatch(it.Store)
		switch {
		case it.Status == verdict.Matched:
			return evaluator.Unknowns(rule, pos.Batch, pos.I, store.Batch, store.I)
		case it.Side() == verdict.Pos:
			return evaluator.UnknownsOne(rule, verdict.Pos, pos.Batch, pos.I)
		}
		return evaluator.UnknownsOne(rule, verdict.Store, store.Batch, store.I)
	}
}

// inBatch returns a row in a batch. One that lies as it is kept gets a batch of its own.
func inBatch(r report.Row) report.Row {
	if r.Kept == nil {
		return r
	}
	decoder := r.Kept.NewDecoder()
	decoder.Add(r.Kept.Item())
	return report.Row{Batch: decoder.Batch(), Place: r.Place}
}

// pageSize is the number of items that are read back at a time.
const pageSize = 512

// items implements report.Result.Items. It can be called any number of times. Pages of items are read back in several goroutines, while
// the caller looks at the ones before.
func (l *listing) items(yield func(*report.Item, error) bool) {
	workers := runtime.GOMAXPROCS(0)
	inOrder, anyhow := make(chan *page, 2*workers), make(chan *page, 2*workers)
	stop := make(chan struct{})
	var reading sync.WaitGroup
	reading.Go(fault.Caught(func() {
		defer close(inOrder)
		defer close(anyhow)
		l.read(func(kept *spool.Page, err error) bool {
			p := &page{kept, err, make(chan []report.Item, 1)}
			for _, to := range []chan *page{inOrder, anyhow} {
				select {
				case to <- p:
				case <-stop:
					return false
				}
			}
			return true
		})
	}))
	for range workers {
		reading.Go(fault.Caught(func() {
			decoders := l.newDecoders()
			for p := range anyhow {
				p.done <- l.decode(p.kept, decoders)
			}
		}))
	}
	defer reading.Wait()
	defer close(stop)
	for p := range inOrder {
		items := <-p.done
		for i := range items {
			if !yield(&items[i], nil) {
				return
			}
		}
		if p.err != nil {
			yield(nil, p.err)
			return
		}
	}
}

// page is some of the items.
type page struct {
	kept *spool.Page
	err  error              // what ended reading after them
	done chan []report.Item // has room for the items
}

// read reads the spool and passes its pages to yield, as long as yield returns true; with the last one what ended reading early.
func (l *listing) read(yield func(*spool.Page, error) bool) {
	from, err := l.spool.Read()
	if err != nil {
		yield(&spool.Page{}, err)
		return
	}
	for {
		kept, err := from.Page(pageSize)
		if kept.Len() == 0 && err == nil || !yield(kept, err) || err != nil {
			return
		}
	}
}

// decode makes items of the report of those that were kept.
func (l *listing) decode(kept *spool.Page, decoders *decoders) []report.Item {
	list := make([]report.Item, 0, kept.Len())
	for i := range kept.Len() {
		list = append(list, l.item(kept.Item(i), decoders))
	}
	full, brief := [2]*catalog.Batch{decoders.full[0].Batch(), decoders.full[1].Batch()}, decoders.briefBatches()
	batch := func(side verdict.Side, row *report.Row) {
		switch row.Batch {
		case &l.unmade:
			row.Batch = full[side]
		case &l.unmadeBrief:
			row.Batch = brief[side]
		}
	}
	for i := range list {
		batch(verdict.Pos, &list[i].Pos)
		batch(verdict.Store, &list[i].Store)
	}
	return list
}

// about returns an item without its rows.
func (l *listing) about(kept *spool.Item) report.Item {
	it := report.Item{Status: kept.Status}
	if kept.Outcome >= 0 {
		it.Outcome = l.outcomes[kept.Outcome]
	}
	for _, side := range verdict.Sides {
		it.Parent = it.Parent || kept.Status == side.Only() && l.parents.is(side, kept.Ordinals[side])
		if kept.Unreadable[side] {
			it.Unreadable[side] = unreadableOf(kept.Rows[side])
		}
	}
	return it
}

// item adds an item's rows to the decoders, and returns the item. Its batches are placeholders until the decoders make them.
func (l *listing) item(kept spool.Item, decoders *decoders) report.Item {
	it := l.about(&kept)
	if kept.Brief {
		at := decoders.brief.Len()
		decoders.brief.Add(kept.Rows[verdict.Pos])
		it.Pos = report.Row{Batch: &l.unmadeBrief, I: at, Place: int64(kept.Ordinals[verdict.Pos])}
		it.Store = report.Row{Batch: &l.unmadeBrief, I: at, Place: int64(kept.Ordinals[verdict.Store])}
		if l.program != nil {
			it.Key = strings.Clone(l.brief.Sides[0].Key(kept.Rows[verdict.Pos]))
		}
		return it
	}
	for side, rest := range kept.Rest {
		if rest {
			decoders.whole = l.layout.Sides[side].Restore(decoders.whole[:0], kept.Rows[side], kept.Rows[1-side])
			kept.Rows[side] = decoders.whole
		}
	}
	if l.program != nil {
		it.Key = strings.Clone(l.keyOf(&kept))
	}
	for side, to := range [2]*report.Row{&it.Pos, &it.Store} {
		if !kept.Unreadable[side] && kept.Rows[side] != nil {
			*to = report.Row{Batch: &l.unmade, I: decoders.full[side].Len(), Place: int64(kept.Ordinals[side])}
			decoders.full[side].Add(kept.Rows[side])
		}
	}
	return it
}

// keyOf returns what an item was paired by, in the item's memory.
func (l *listing) keyOf(kept *spool.Item) (key string) {
	for side, own := range kept.Rows {
		switch {
		case key != "" || kept.Rest[side]:
		case kept.Unreadable[side]:
			if keys, known := l.program.KeysOf(verdict.Sides[side], []string{unreadableOf(own).SKU}); known {
				key = keys.At(0)
			}
		case own != nil:
			key = l.layout.Sides[side].Key(own)
		}
	}
	return key
}
