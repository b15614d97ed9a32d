package engine

import (
	"container/heap"
	"errors"
	"io"
	"sync"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/match"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/row"
	"github.com/reconcilehq/reconcile/engine/spill"
)

// listing yields what is kept, in order, as items of the report.
type listing struct {
	kept     *kept
	layout   *row.Layout
	outcomes []*report.Outcome
	unmade   catalog.Batch // stands for a batch that is not made yet
}

func (s *shared) listing() *listing {
	l := &listing{kept: s.kept, layout: s.layout}
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
	merge, err := mergeOf(l.kept.runs)
	decoders := [2]*row.Decoder{l.layout.Sides[0].NewDecoder(), l.layout.Sides[1].NewDecoder()}
	for err == nil && len(*merge) > 0 {
		list := make([]report.Item, 0, listed)
		for len(list) < listed && len(*merge) > 0 && err == nil {
			list = append(list, l.item((*merge)[0].next, decoders))
			err = merge.advance()
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
func (l *listing) item(b []byte, decoders [2]*row.Decoder) report.Item {
	var kept keptItem
	kept.get(b)
	it := report.Item{Status: kept.status}
	if kept.outcome >= 0 {
		it.Outcome = l.outcomes[kept.outcome]
	}
	for side, to := range [2]*report.Row{&it.Pos, &it.Store} {
		if kept.rows[side] != nil {
			*to = report.Row{Batch: &l.unmade, I: decoders[side].Len(), Place: int64(kept.ordinals[side])}
			decoders[side].Add(kept.rows[side])
		}
	}
	return it
}

// mergeOf begins to read runs.
func mergeOf(runs []*keptRun) (*merge, error) {
	m := &merge{}
	for _, r := range runs {
		c := &cursor{run: r}
		if r.file != nil {
			var err error
			if c.file, err = r.file.Read(keptBuffer); err != nil {
				return m, err
			}
		}
		more, err := c.advance()
		if err != nil {
			return m, err
		}
		if more {
			*m = append(*m, c)
		}
	}
	heap.Init(m)
	return m, nil
}

// cursor is how far a run has been read.
type cursor struct {
	run   *keptRun
	at    int
	file  *spill.Reader
	next  []byte // the item to come
	order uint64 // its

	touched byte
}

// ahead is how many items before its turn an item in memory is looked at: they lie in no order, and the processor fetches
// what it does not wait for beside what it works on.
const ahead = 16

// advance moves to the next item and reports whether there is one.
func (c *cursor) advance() (bool, error) {
	if c.file == nil {
		if c.at == len(c.run.index) {
			return false, nil
		}
		if further := c.at + ahead; further < len(c.run.index) {
			b := c.run.item(c.run.index[further])
			c.touched += match.Touch(b, len(b))
		}
		p := c.run.index[c.at]
		c.at++
		c.next, c.order = c.run.item(p), p.order
		return true, nil
	}
	b, err := c.file.Next()
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	var it keptItem
	it.get(b)
	c.next, c.order = b, it.order()
	return true, nil
}

// merge is the runs that have items left, as a heap: the one with the first item is the first.
type merge []*cursor

func (m merge) Len() int           { return len(m) }
func (m merge) Less(i, j int) bool { return m[i].order < m[j].order }
func (m merge) Swap(i, j int)      { m[i], m[j] = m[j], m[i] }
func (m *merge) Push(x any)        { *m = append(*m, x.(*cursor)) }
func (m *merge) Pop() any {
	last := (*m)[len(*m)-1]
	*m = (*m)[:len(*m)-1]
	return last
}

// advance moves past the first item.
func (m *merge) advance() error {
	more, err := (*m)[0].advance()
	switch {
	case err != nil:
		return err
	case more:
		heap.Fix(m, 0)
	default:
		heap.Pop(m)
	}
	return nil
}
