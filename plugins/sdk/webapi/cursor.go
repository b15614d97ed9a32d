package webapi

import (
	"context"
	"fmt"
)

// ByCursor reads the list page by page: each answer tells the cursor of the next page.
func (l *List[T]) ByCursor() Paged[T] {
	return Paged[T]{l, false, func(ctx context.Context, s *Session, p *pass[T]) error {
		return l.follow(ctx, s, p, l.Ask, func(Page[T]) error { return nil })
	}}
}

// ByLink reads the list page by page: each answer tells the address of the next page. NextLink finds it in the header Link.
func (l *List[T]) ByLink() Paged[T] {
	return Paged[T]{l, false, func(ctx context.Context, s *Session, p *pass[T]) error {
		first := l.Ask("")
		return l.follow(ctx, s, p, func(at string) Request {
			if at == "" {
				return first
			}
			r := first
			r.Path, r.Query, r.Address = "", nil, at
			return r
		}, l.silent)
	}}
}

// mostEmpty is how many pages without an item may follow each other.
const mostEmpty = 100

// silent is an error if a first page is full, and the answer says nothing of what follows. That is no end: a proxy may have taken the
// link away.
func (l *List[T]) silent(first Page[T]) error {
	if first.Next != "" || first.More != nil || first.Total != nil || l.Size == 0 || len(first.Items) < l.Size {
		return nil
	}
	return fmt.Errorf("%s: its first page is full, and says neither how many items there are nor what follows; ask for pages of another size", l.what())
}

// follow reads the pages one after the other. It stops at a first page of which only returns an error.
func (l *List[T]) follow(ctx context.Context, s *Session, p *pass[T], ask func(at string) Request, only func(first Page[T]) error) error {
	been := map[string]bool{}
	at, empty := "", 0
	for number := 1; ; number++ {
		page, err := l.ask(ctx, s, ask(at), number)
		if err != nil {
			return err
		}
		if err := p.add(page, 0); err != nil {
			return err
		}
		if empty++; len(page.Items) > 0 {
			empty = 0
		}
		if number == 1 && page.Next == "" {
			p.lacks = page.Lacks
		}
		switch {
		case page.Next == "" && page.More != nil && *page.More:
			return irregularf("page %d says that more follow, but not where", number)
		case page.Next == "" && number == 1:
			return only(page)
		case page.Next == "", page.More != nil && !*page.More:
			return nil
		case been[page.Next] || page.Next == at:
			return irregularf("page %d leads back to a page that was read before", number)
		case empty > mostEmpty:
			return irregularf("%d pages in a row are empty", empty)
		case number >= mostPages:
			return fmt.Errorf("%s: it has no end", l.what())
		}
		been[page.Next] = true
		at = page.Next
	}
}
