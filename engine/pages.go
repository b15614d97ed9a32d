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

// lines is a page of items while what is made of it is on its way.
type lines struct {
	kept *spool.Page
	err  error         // what ended reading after them
	done chan [][]byte // has room for what was made, for each writer
}

// pages implements report.Pages: items are looked at where they were spooled, page by page, in several goroutines.
func (l *listing) pages(to ...report.PageWriter) error {
	workers := runtime.GOMAXPROCS(0)
	inOrder, anyhow := make(chan *lines, 2*workers), make(chan *lines, 2*workers)
	free := make(chan [][]byte, 3*workers) // memory that was written, for the next ones
	stop := make(chan struct{})
	var working sync.WaitGroup
	for range workers {
		var add []report.Appender
		for _, w := range to {
			add = append(add, w.Fork())
		}
		views := l.newViews()
		working.Go(fault.Caught(func() {
			for p := range anyhow {
				var made [][]byte
				select {
				case made = <-free:
				default:
					made = make([][]byte, len(add))
				}
				views.append(made, p.kept, add)
				p.done <- made
			}
		}))
	}
	working.Go(fault.Caught(func() {
		defer close(inOrder)
		defer close(anyhow)
		l.read(func(kept *spool.Page, err error) bool {
			p := &lines{kept, err, make(chan [][]byte, 1)}
			for _, queue := range []chan *lines{inOrder, anyhow} {
				select {
				case queue <- p:
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
		made := <-p.done
		for i, w := range to {
			if err := w.Write(made[i]); err != nil {
				return err
			}
		}
		if p.err != nil {
			return p.err
		}
		select {
		case free <- made:
		default:
		}
	}
	return nil
}

// views look at items that were spooled. They are for one goroutine.
type views struct {
	*listing
	sides, brief [2]*row.View
	item         report.Item
}

func (l *listing) newViews() *views {
	return &views{listing: l, sides: newViewsOf(l.layout), brief: newViewsOf(l.brief)}
}

func newViewsOf(l *row.Layout) [2]*row.View {
	return [2]*row.View{l.Sides[0].NewView(), l.Sides[1].NewView()}
}

// append replaces each of made by what the appender in its place makes of the items of a page.
func (v *views) append(made [][]byte, kept *spool.Page, add []report.Appender) {
	for i := range made {
		made[i] = made[i][:0]
	}
	for i := range kept.Len() {
		it := kept.Item(i)
		looked := v.look(&it)
		for i, add := range add {
			made[i] = add(made[i], looked)
		}
	}
}

// look returns an item that was spooled, for as long as it is looked at.
func (v *views) look(kept *spool.Item) *report.Item {
	v.item = v.about(kept)
	if kept.Brief {
		row.LookAtRest(v.brief, 0, kept.Rows[0], allOfBrief)
		v.item.Pos = report.Row{Kept: v.brief[verdict.Pos], Place: int64(kept.Ordinals[verdict.Pos])}
		v.item.Store = report.Row{Kept: v.brief[verdict.Store], Place: int64(kept.Ordinals[verdict.Store])}
		if v.program != nil {
			v.item.Key = v.listing.brief.Sides[0].Key(kept.Rows[0])
		}
		return &v.item
	}
	if v.program != nil {
		v.item.Key = v.keyOf(kept)
	}
	if kept.Rows[verdict.Pos] != nil && kept.Rows[verdict.Store] != nil && kept.Unreadable == [2]bool{} {
		lookAt(v.sides, kept)
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
