package webapi

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
)

// ByNumber reads the list by the numbers of its pages. first is that of the first page: 1, as a rule. If the answers say how many items
// or pages there are, several pages are asked for at a time.
func (l *List[T]) ByNumber(first int) Paged[T] {
	return Paged[T]{l, !l.Once, func(ctx context.Context, s *Session, p *pass[T]) error {
		return (&placed[T]{list: l, session: s, pass: p, numbered: true, place: func(page, _ int) int { return first + page }}).read(ctx)
	}}
}

// ByOffset reads the list by how many items to leave out. If the answers say how many items there are, several pages are asked for
// at a time. Each page but the first begins with the last item of the page before: if that is another one, the list has shifted.
func (l *List[T]) ByOffset() Paged[T] {
	return Paged[T]{l, false, func(ctx context.Context, s *Session, p *pass[T]) error {
		return (&placed[T]{list: l, session: s, pass: p, overlap: 1, place: func(_, offset int) int { return offset }}).read(ctx)
	}}
}

// placed is one reading of a list whose pages have a place that can be worked out.
type placed[T any] struct {
	list     *List[T]
	session  *Session
	pass     *pass[T]
	numbered bool
	overlap  int                        // how many items of the page before a page begins with
	place    func(page, offset int) int // of a page, counted from 0, that begins at an offset

	told  int64  // how many pages there are; 0 if nobody says
	last  string // the key of the last item
	empty bool   // the last page had no items, and did not say that more were to come
	gaps  int    // how many pages without items that said so came last
}

// mostPages is how many pages a list has at most.
const mostPages = 1 << 20

func (r *placed[T]) read(ctx context.Context) error {
	first, err := r.fetch(ctx, 0, 0)
	if err != nil {
		return err
	}
	if err := r.take(first); err != nil {
		return err
	}
	size := len(first.Items) // a page that is not the last one is full
	if over, err := r.over(first, size); err != nil {
		return err
	} else if over {
		r.pass.single = true
		return r.behind(ctx, first)
	}
	if r.overlap > 0 && size <= r.overlap { // such pages cannot overlap
		r.overlap, r.pass.unproven = 0, true
	}
	pages := r.told
	if size > 0 && first.Total != nil {
		step := int64(size - r.overlap)
		pages = (*first.Total-int64(size)+step-1)/step + 1
	}
	switch {
	case pages > mostPages:
		return fmt.Errorf("%s: %d pages are more than can be read", r.list.what(), pages)
	case pages == 0:
		return r.onward(ctx, size)
	}
	var last Page[T]
	err = InOrder(ctx, r.session.Client, int(pages-1), func(ctx context.Context, i int) (Page[T], error) {
		return r.fetch(ctx, i+1, (i+1)*(size-r.overlap))
	}, func(_ int, page Page[T]) error {
		last = page
		return r.take(page)
	})
	if err == nil && last.More != nil && *last.More {
		err = irregularf("page %d has the last of the items that were announced, and says that more follow", r.pass.pages)
	}
	return err
}

// behind makes sure that nothing follows a first page that has all items that it announces: what it announces may be its own number
// and not the list's. A platform that has no such page may say so.
func (r *placed[T]) behind(ctx context.Context, first Page[T]) error {
	if r.list.Once || first.Total == nil || first.More != nil || len(first.Items) == 0 {
		return nil
	}
	next, err := r.fetch(ctx, 1, len(first.Items))
	switch status := Status(err); {
	case status == http.StatusNotFound || status == http.StatusBadRequest || status == http.StatusUnprocessableEntity:
		return nil
	case err != nil:
		return err
	}
	for _, item := range next.Items { // some platforms give their last page once more
		if !r.pass.keys[r.list.Key(item)] {
			return irregularf("page 1 announces the %d entries that it has, and page 2 has more", len(first.Items))
		}
	}
	return nil
}

// onward reads the pages behind the first, of size items, where nobody says how many there are.
func (r *placed[T]) onward(ctx context.Context, size int) error {
	offset := size - min(r.overlap, size)
	for number := 1; ; number++ {
		if number > mostPages {
			return fmt.Errorf("%s: it has no end", r.list.what())
		}
		page, err := r.fetch(ctx, number, offset)
		if err != nil {
			return err
		}
		empty := r.empty
		if err := r.take(page); err != nil {
			return err
		}
		over, err := r.over(page, len(r.pass.keys))
		if over || err != nil {
			return err
		}
		switch n := len(page.Items); {
		case n == 0 && r.gaps > 0: // by numbers, the next page is where it is
		case n == 0 && (empty || size == 0):
			return nil // one empty page may be a mishap, and a page behind it have items
		case n == 0:
			offset++ // no place for a shift to hide: see take
		case n == r.overlap:
			return nil // the last item is still where it was, and nothing follows
		default:
			offset += n - r.overlap
		}
	}
}

// over reports whether no page follows one, after which n items are known.
func (r *placed[T]) over(page Page[T], n int) (bool, error) {
	switch {
	case page.More != nil && *page.More && len(page.Items) == 0 && (!r.numbered || page.Total != nil):
		return false, irregularf("page %d is empty and says that more follow", r.pass.pages)
	case r.gaps > mostEmpty:
		return false, irregularf("%d pages in a row are empty", r.gaps)
	case page.Total != nil:
		if len(page.Items) == 0 && *page.Total > 0 && r.pass.pages == 1 {
			return false, irregularf("it announces %d entries and has none", *page.Total)
		}
		over := int64(n) >= *page.Total
		if over && page.More != nil && *page.More {
			return false, irregularf("page %d has all items that are announced, and says that more follow", r.pass.pages)
		}
		return over, nil
	case page.More != nil:
		return !*page.More, nil
	}
	return r.told > 0 && int64(r.pass.pages) >= r.told, nil
}

func (r *placed[T]) fetch(ctx context.Context, page, offset int) (Page[T], error) {
	return r.list.fetch(ctx, r.session, strconv.Itoa(r.place(page, offset)), page+1)
}

// take takes in a page. One that begins with another item than it has to shows that the list has shifted.
func (r *placed[T]) take(page Page[T]) error {
	overlap := 0
	if r.numbered {
		switch {
		case r.pass.pages == 0:
			r.told = page.Pages
		case page.Pages != r.told:
			return irregularf("it had %d pages, and then %d", r.told, page.Pages)
		case r.told > 0 && len(page.Items) == 0:
			return irregularf("page %d of %d is empty", r.pass.pages+1, r.told)
		}
	}
	if r.pass.pages > 0 && r.overlap > 0 {
		if len(page.Items) == 0 {
			return irregularf("page %d is empty, though it was to begin with the last item of the page before", r.pass.pages+1)
		}
		if overlap = r.overlap; r.list.Key(page.Items[0]) != r.last {
			return irregularf("page %d does not begin with the last item of the page before", r.pass.pages+1)
		}
	}
	if r.empty && len(page.Items) > 0 {
		return irregularf("page %d is empty, and page %d is not", r.pass.pages, r.pass.pages+1)
	}
	more := page.More != nil && *page.More
	switch r.empty = len(page.Items) == 0 && !more; {
	case len(page.Items) > 0:
		r.last, r.gaps = r.list.Key(page.Items[len(page.Items)-1]), 0
	case more:
		r.gaps++
	default:
		r.gaps = 0
	}
	return r.pass.add(page, overlap)
}
