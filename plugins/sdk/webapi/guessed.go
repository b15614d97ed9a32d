package webapi

import (
	"context"
	"errors"
	"fmt"
)

// All reads the items of a list whose answers do not say how many there are, in their order. Each page begins behind the last item
// received. Where there are many, several pages are asked for at a time, and the number that each begins with is guessed from how dense
// the numbers were so far: a page that begins too late is not used.
//
// over reports whether no page follows one; nil if only an empty page is surely the last. The error is ErrUnordered where a platform
// cannot do it.
func (l *Ascending[T]) All(ctx context.Context, s *Session, over func(page []T) bool) ([]T, error) {
	if over == nil {
		over = func(page []T) bool { return len(page) == 0 }
	}
	g := &guessed[T]{Ascending: l, last: l.After, width: 1}
	for !g.over {
		pages, had := g.parallel(), len(g.all)
		after, shown, stride := g.last, g.read+1, g.stride // taking a page changes them
		err := InOrder(ctx, s.Client, pages, func(ctx context.Context, i int) ([]T, error) {
			page, err := l.Ask(ctx, s, Behind{after + int64(i)*stride, 1, shown + i, pages == 1})
			return page.Items, err
		}, func(i int, page []T) error { return g.take(after+int64(i)*stride, page, over) })
		if err != nil && !errors.Is(err, errTooLate) {
			return nil, err
		}
		if got := len(g.all) - had; got*4 < pages*g.length*3 { // numbers go on as they like
			g.width = max(g.width/2, 1)
		} else {
			g.width++
		}
		s.Tell(fmt.Sprintf("%s, up to %d", l.What, g.last))
	}
	return g.all, nil
}

// guessed is the reading of an Ascending of which nobody says how many items it has.
type guessed[T any] struct {
	*Ascending[T]
	all  []T
	last int64 // the number up to which all items are known
	read int   // pages
	over bool  // there are no more

	full   bool  // the last page was as long as pages get
	length int   // of the last page
	stride int64 // how many numbers a page goes forward, as it seems
	width  int   // how many pages at a time have paid off so far
}

var errTooLate = errors.New("the page begins behind items that are not known yet")

// parallel returns how many pages to ask for at a time: at most a third of the pages so far. How many are left is unknown, and
// requests behind the last item are wasted.
func (g *guessed[T]) parallel() int {
	if !g.full || g.stride < 1 {
		return 1
	}
	return min(max(g.read/3, 1), g.width, MostInFlight)
}

// take takes a page of the items behind a number.
func (g *guessed[T]) take(after int64, page []T, over func(page []T) bool) error {
	if g.over {
		return nil
	}
	if after > g.last {
		g.full = false // guess again, from the next page
		return errTooLate
	}
	if !g.ascendsFrom(page, after) {
		return ErrUnordered
	}
	for i := range page {
		if number := g.Number(&page[i]); number > g.last {
			g.all, g.last = append(g.all, page[i]), number
		}
	}
	g.read++
	if over(page) || len(page) == 0 {
		g.over = true
		return nil
	}
	g.full = len(page) == g.Size || len(page) == g.length
	g.length = len(page)
	if g.stride = g.Ascending.last(page) - after; g.stride > int64(len(page)) {
		g.stride -= g.stride / 16 // numbers are missing here and there: better a little too early than too late
	}
	return nil
}
