package webapi

import (
	"cmp"
	"context"
	"errors"
)

// Ascending is a list that a platform gives in the order of its items' whole numbers, such as identifiers, from behind any of them on.
// That is the surest way to read a list: what is added or deleted meanwhile shifts nothing.
//
// Each reads lists whose answers say how many items follow, All those whose answers do not. Both ask for several pages at a time where
// there are many, and miss no item that was there all the time. Another list, or one of which a platform turns out to know no
// order, is a List.
type Ascending[T any] struct {
	// What names the list for people: "GET /products".
	What string
	// Number returns an item's number, which is more than 0.
	Number func(*T) int64
	// Ask asks for a page. Where not Alone, several goroutines may call it at once, and it returns ErrOneByOne for a page that it
	// cannot use for that reason.
	Ask func(ctx context.Context, s *Session, at Behind) (Page[T], error)
	// Size is how many items a page has, as far as that was asked for. It is for All.
	Size int
	// After is the number behind which to begin. Each sets it to where it has come to: all items up to it were handed on, also while
	// each is called. After ErrUnordered it says nothing.
	After int64

	// Single reads the items with these numbers, as far as there are any, Few at most. It is for Each.
	Single func(ctx context.Context, numbers []int64) ([]T, error)
	Few    int
	// Parallel is how many pages have to follow so that Each asks for several at a time; 4 if it is 0.
	Parallel int
	// OneByOne keeps Each from that.
	OneByOne bool
}

// Behind says which page is asked for.
type Behind struct {
	Number int64 // the items have greater numbers than this; 0 for all
	Page   int   // of these items: 1 for the first
	Shown  int   // the page's number for people
	Alone  bool  // no other page is under way
}

// ErrUnordered says that a platform does not give a list in the order of its items' numbers, or not from behind one on.
var ErrUnordered = errors.New("the API does not give the list in the order of its numbers")

// ErrOneByOne says that a page is of no use, and that it may be if it is asked for alone.
var ErrOneByOne = errors.New("the API does not give pages by number behind an item")

const (
	// usualParallel is the number of pages from which reading them in parallel is worth the one additional request.
	usualParallel = 4
	// mostParallel is how many pages are read in parallel before they are checked. A pull that breaks off has to read so many again.
	mostParallel = 64
)

// Each calls each with page after page of the items, in the goroutine of the caller, until there are no more. left is how many follow,
// about. Where the list changes meanwhile, items may come out of order, and one may come twice. The error is ErrUnordered where a
// platform cannot do it; items may have been handed on by then.
func (l *Ascending[T]) Each(ctx context.Context, s *Session, each func(page []T, left int64) error) error {
	for shown := 1; ; shown++ {
		page, err := l.Ask(ctx, s, Behind{l.After, 1, shown, true})
		switch {
		case Refused(err):
			return ErrUnordered
		case err != nil:
			return err
		}
		size := len(page.Items)
		left := l.total(page) - int64(size)
		if (shown > 1 || left > 0) && !l.ascends(page.Items) {
			return ErrUnordered
		}
		if size > 0 {
			l.After = l.last(page.Items)
		}
		if err := each(page.Items, left); err != nil {
			return err
		}
		if shown, left, err = l.abreast(ctx, s, shown, size, left, each); err != nil {
			return err
		}
		if left <= 0 {
			return nil
		}
	}
}

// abreast reads pages several at a time for as long as that is worth it. size is how many items a full page has. It returns the number of
// the last page that it has read, for people, and how many items follow.
func (l *Ascending[T]) abreast(ctx context.Context, s *Session, shown, size int, left int64, each func(page []T, left int64) error) (int, int64, error) {
	for left > 0 && size > 0 && !l.OneByOne {
		pages := min(int((left+int64(size)-1)/int64(size)), mostParallel)
		if pages < cmp.Or(l.Parallel, usualParallel) {
			break
		}
		run := &parallel[T]{Ascending: l, session: s, base: l.After, shown: shown + 1, pages: pages, size: size, each: each}
		more, err := run.read(ctx)
		if errors.Is(err, ErrOneByOne) {
			l.OneByOne = true
			break
		}
		if err != nil {
			return shown, left, err
		}
		shown, left = shown+pages, more
	}
	return shown, left, nil
}

// ascends reports whether the items' numbers are greater than After, and in ascending order.
func (l *Ascending[T]) ascends(page []T) bool { return l.ascendsFrom(page, l.After) }

func (l *Ascending[T]) ascendsFrom(page []T, last int64) bool {
	for i := range page {
		number := l.Number(&page[i])
		if number <= last {
			return false
		}
		last = number
	}
	return true
}

func (l *Ascending[T]) first(page []T) int64 { return l.Number(&page[0]) }

func (l *Ascending[T]) last(page []T) int64 { return l.Number(&page[len(page)-1]) }

// total is how many items a page's answer says that there are behind the number that it was asked for with.
func (l *Ascending[T]) total(page Page[T]) int64 {
	if page.Total == nil {
		return int64(len(page.Items))
	}
	return *page.Total
}
