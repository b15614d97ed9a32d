package engine

import (
	"runtime"
	"sync"

	"github.com/reconcilehq/reconcile/engine/fault"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/row"
	"github.com/reconcilehq/reconcile/engine/spool"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// lines is a page of items while what a format makes of it is on its way.
type lines struct {
	kept *spool.Page
	err  error       // what ended reading after them
	done chan []byte // has room for what was made
}

// pages implements report.Pages: items are looked at where they were spooled, page by page, in several goroutines.
func (l *listing) pages(fork func() func([]byte, *report.Item) []byte, write func([]byte) error) error {
	workers := runtime.GOMAXPROCS(0)
	inOrder, anyhow := make(chan *lines, 2*workers), make(chan *lines, 2*workers)
	free := make(chan []byte, 3*workers) // memory that was written, for the next ones
	stop := make(chan struct{})
	var working sync.WaitGroup
	for range workers {
		add, views := fork(), l.newViews()
		working.Go(fault.Caught(func() {
			for p := range anyhow {
				var text []byte
				select {
				case text = <-free:
				default:
				}
				p.done <- views.append(text[:0], p.kept, add)
			}
		}))
	}
	working.Go(fault.Caught(func() {
		defer close(inOrder)
		defer close(anyhow)
		l.read(func(kept *spool.Page, err error) bool {
			p := &lines{kept, err, make(chan []byte, 1)}
			for _, to := range []chan *lines{inOrder, anyhow} {
				select {
				case to <- p:
				case <-stop:
					return false
				}
			}
			return true
		})
	}))
	defer working.Wait()
	defer close(stop)
	for p := range inOrder {
		text := <-p.done
		if err := write(text); err != nil {
			return err
		}
		if p.err != nil {
			return p.err
		}
		select {
		case free <- text:
		default:
		}
	}
	return nil
}

// views look at items that were spooled. They are for one goroutine.
type views struct {
	*listing
	sides [2]*row.View
	item  report.Item
}

func (l *listing) newViews() *views {
	return &views{listing: l, sides: [2]*row.View{l.layout.Sides[0].NewView(), l.layout.Sides[1].NewView()}}
}

// append appends what add makes of the items of a page.
func (v *views) append(dst []byte, kept *spool.Page, add func([]byte, *report.Item) []byte) []byte {
	for i := range kept.Len() {
		it := kept.Item(i)
		dst = add(dst, v.look(&it))
	}
	return dst
}

// look returns an item that was spooled, for as long as it is looked at.
func (v *views) look(kept *spool.Item) *report.Item {
	v.item = v.about(kept)
	if kept.Rows[verdict.Pos] != nil && kept.Rows[verdict.Store] != nil && kept.Unreadable == [2]bool{} {
		switch kept.Rest {
		case [2]bool{false, true}:
			row.LookAtRest(v.sides, 0, kept.Rows[0], kept.Rows[1])
		case [2]bool{true, false}:
			row.LookAtRest(v.sides, 1, kept.Rows[1], kept.Rows[0])
		default:
			row.LookAtPair(v.sides, kept.Rows[0], kept.Rows[1])
		}
		v.item.Pos = report.Row{Kept: v.sides[verdict.Pos], Place: int64(kept.Ordinals[verdict.Pos])}
		v.item.Store = report.Row{Kept: v.sides[verdict.Store], Place: int64(kept.Ordinals[verdict.Store])}
		return &v.item
	}
	for side, to := range [2]*report.Row{&v.item.Pos, &v.item.Store} {
		if !kept.Unreadable[side] && kept.Rows[side] != nil {
			v.sides[side].Look(kept.Rows[side])
			*to = report.Row{Kept: v.sides[side], Place: int64(kept.Ordinals[side])}
		}
	}
	return &v.item
}
