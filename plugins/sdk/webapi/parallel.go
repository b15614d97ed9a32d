package webapi

import (
	"context"
)

// parallel is a number of pages of an Ascending that are read at the same time.
//
// They are asked for by their numbers, and such pages shift when an item on an earlier one is deleted: the first item of a page moves to
// the end of the page before, and is missed if that page was read already. So the last page is read first, and again at the end. Items
// come by their numbers, and new ones get the highest. If the last item has the same place in the list both times, no item before
// it was deleted and nothing shifted. If not, the numbers between the pages are asked for.
type parallel[T any] struct {
	*Ascending[T]
	session *Session
	base    int64 // the number behind which they begin
	shown   int   // the first page's number, for people
	pages   int
	size    int // of a full page
	each    func(page []T, left int64) error

	covered []span
	moved   bool // something shifted
}

// span is what a page covers: it had all items between these numbers, both included.
type span struct{ first, last int64 }

// read returns how many items follow these pages, at least 1 if the list may have shifted, so that the caller looks. ErrOneByOne
// means that the platform does not support this way of paging.
func (r *parallel[T]) read(ctx context.Context) (left int64, err error) {
	ahead, err := r.part(ctx, r.pages-1)
	if err != nil {
		return 0, err
	}
	place := len(ahead.Items) - 1
	if place < 0 {
		return 0, ErrOneByOne // it was there a moment ago
	}
	full := int64((r.pages - 1) * r.size)
	mark, through := r.last(ahead.Items), full+int64(place)+1 // of the items behind base, so many are not behind the mark
	r.covered = []span{{r.base, r.base}}
	if err := InOrder(ctx, r.session.Client, r.pages-1, r.part, func(i int, page Page[T]) error { return r.take(i, page, through) }); err != nil {
		return 0, err
	}
	end, err := r.part(ctx, r.pages-1)
	if err != nil {
		return 0, err
	}
	if len(end.Items) > 0 {
		if r.first(end.Items) <= r.covered[len(r.covered)-1].last {
			return 0, ErrOneByOne // a page again: deleted items only move a page's beginning on
		}
		r.covered = append(r.covered, span{r.first(end.Items), r.last(end.Items)})
	}
	left = max(r.total(end)-full-int64(len(end.Items)), 0)
	if r.moved || r.total(end) < through || len(end.Items) <= place || r.Number(&end.Items[place]) != mark {
		if err := r.gaps(ctx); err != nil {
			return 0, err
		}
		left = max(left, 1) // what was on the last page may have moved to one that was read before: look behind it
	}
	r.After = r.covered[len(r.covered)-1].last
	return left, r.each(end.Items, left)
}

// take takes in page i of those before the last.
func (r *parallel[T]) take(i int, page Page[T], through int64) error {
	if len(page.Items) == 0 || i == 0 && len(page.Items) != r.size {
		return ErrOneByOne
	}
	s := span{r.first(page.Items), r.last(page.Items)}
	if s.last <= r.covered[len(r.covered)-1].last {
		return ErrOneByOne // the same page again
	}
	r.moved = r.moved || len(page.Items) != r.size || r.total(page) < through
	r.covered = append(r.covered, s)
	return r.each(page.Items, max(r.total(page)-int64((i+1)*r.size), 0))
}

// gaps reads the items whose numbers lie between the pages that were read.
func (r *parallel[T]) gaps(ctx context.Context) error {
	r.session.Tell(r.What + " changed while it was read; looking for what may have been missed")
	var between []int64
	for i, s := range r.covered[1:] {
		from := r.covered[i].last + 1
		if s.first-from > int64(r.Few) {
			if err := r.gap(ctx, r.covered[i].last, s.first); err != nil {
				return err
			}
			continue
		}
		for number := from; number < s.first; number++ {
			between = append(between, number)
		}
	}
	found, err := r.Single(ctx, between)
	if err != nil || len(found) == 0 {
		return err
	}
	return r.each(found, 0)
}

// gap reads the items whose numbers are greater than after and less than before.
func (r *parallel[T]) gap(ctx context.Context, after, before int64) error {
	for shown := 1; after < before; shown++ {
		page, err := r.ask(ctx, Behind{after, 1, shown, false})
		if err != nil {
			return err
		}
		if len(page.Items) == 0 {
			return nil
		}
		after = r.last(page.Items)
		inside := page.Items
		for len(inside) > 0 && r.last(inside) >= before {
			inside = inside[:len(inside)-1]
		}
		if len(inside) > 0 {
			if err := r.each(inside, 0); err != nil {
				return err
			}
		}
	}
	return nil
}

// part asks for page i of them, counted from 0.
func (r *parallel[T]) part(ctx context.Context, i int) (Page[T], error) {
	return r.ask(ctx, Behind{r.base, i + 1, r.shown + i, false})
}

// ask asks for a page that several goroutines ask for at once.
func (r *parallel[T]) ask(ctx context.Context, at Behind) (Page[T], error) {
	page, err := r.Ask(ctx, r.session, at)
	if Refused(err) || TooLarge(err) || err == nil && !r.ascendsFrom(page.Items, at.Number) {
		return page, ErrOneByOne
	}
	return page, err
}
