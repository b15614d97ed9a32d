package engine

import (
	"sync"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/row"
	"github.com/reconcilehq/reconcile/engine/spool"
)

// listing yields what is kept, in order, as items of the report.
type listing struct {
	spool    *spool.Spool
	layout   *row.Layout
	outcomes []*report.Outcome
	unmade   catalog.Batch // stands for a batch that is not made yet
}

func (s *shared) listing() *listing {
	l := &listing{spool: s.spool, layout: s.layout}
	for _, o := range s.outcomes.list {
		l.outcomes = append(l.outcomes, o.Outcome)
	}
	return l
}

// listed is how many items are read back at a time.
const listed = 512

// items implements report.Result.Items. It can be called any number of times. While some items are looked at the next are
// read back.
func (l *listing) items(yield func(*report.Item, error) bool) {
	parts, stop := make(chan part, 2), make(chan struct{})
	var reading sync.WaitGroup
	reading.Go(func() {
		defer close(parts)
		l.read(func(p part) bool {
			select {
			case parts <- p:
				return true
			case <-stop:
				return false
			}
		})
	})
	defer reading.Wait()
	defer close(stop)
	for p := range parts {
		for i := range p.items {
			if !yield(&p.items[i], nil) {
				return
			}
		}
		if p.err != nil {
			yield(nil, p.err)
			return
		}
	}
}

// part is some of the items, and why there are no more, if that is an error.
type part struct {
	items []report.Item
	err   error
}

// read reads all items back and hands them on, as long as hand returns true.
func (l *listing) read(hand func(part) bool) {
	items, err := l.spool.Read()
	decoders := [2]*row.Decoder{l.layout.Sides[0].NewDecoder(), l.layout.Sides[1].NewDecoder()}
	for err == nil && items.More() {
		list := make([]report.Item, 0, listed)
		for len(list) < listed && items.More() && err == nil {
			list = append(list, l.item(items.Item(), decoders))
			err = items.Advance()
		}
		batches := [2]*catalog.Batch{decoders[0].Batch(), decoders[1].Batch()}
		for i := range list {
			it := &list[i]
			if it.Pos.Batch != nil {
				it.Pos.Batch = batches[0]
			}
			if it.Store.Batch != nil {
				it.Store.Batch = batches[1]
			}
		}
		if !hand(part{list, nil}) {
			return
		}
	}
	if err != nil {
		hand(part{nil, err})
	}
}

// item reads an item back. Its rows lie in batches that are still to be made.
func (l *listing) item(kept spool.Item, decoders [2]*row.Decoder) report.Item {
	it := report.Item{Status: kept.Status}
	if kept.Outcome >= 0 {
		it.Outcome = l.outcomes[kept.Outcome]
	}
	for side, to := range [2]*report.Row{&it.Pos, &it.Store} {
		switch {
		case kept.Unreadable[side]:
			it.Unreadable[side] = unreadableOf(kept.Rows[side])
		case kept.Rows[side] != nil:
			*to = report.Row{Batch: &l.unmade, I: decoders[side].Len(), Place: int64(kept.Ordinals[side])}
			decoders[side].Add(kept.Rows[side])
		}
	}
	return it
}
