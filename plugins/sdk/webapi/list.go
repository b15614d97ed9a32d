package webapi

import (
	"context"
	"errors"
	"fmt"
	"maps"
)

// List is a list that a platform gives in pages, with what it takes to read it. Choose how it is paged with ByNumber, ByOffset,
// ByCursor or ByLink, and then read it with Each or All.
//
// What is read is whole, or there is an error:
//
//   - If the answers say how many items there are, so many different ones have to come, and the number has to stand still.
//   - If they do not, the last page has to say that it is the last, or what follows it has to be empty.
//   - An empty page that says where the next one is, or that more follow, is not the end; a hundred of them in a row are an error.
//   - A page that brings nothing new, a cursor that comes again, and an item that comes twice show that the list changes while
//     it is read, or that the platform takes no notice of the paging. Then the list is read again, MostPasses times at most.
//   - Page numbers shift when an item is deleted, and no number proves that none was missed: so a list of several pages is read
//     until two readings in a row have the same items. Offsets shift too, but there each page is asked for with the last item of
//     the page before, which shows it at no cost. Cursors and links are taken to stand still.
//
// So prefer a cursor, a link or an offset to a page number, where a platform has several.
type List[T any] struct {
	// What names the list for people: "GET /products". The request's method and path if it is empty.
	What string
	// Ask returns the request for the page at a place: its number, its offset, or its cursor, which is "" for the first. A list
	// by links is asked for its first page only, with "". Several goroutines may call it at once.
	Ask func(at string) Request
	// Read reads an answer. It returns an error if the answer lacks what each has, such as the member with the items, the
	// one that says how many there are, or the one that says what follows: an absent one must not look like an end.
	Read func(*Answer) (Page[T], error)
	// Key tells items apart: their identifier on the platform. It must not be what people may use twice, such as a SKU.
	Key func(T) string
	// Size is how many items are asked for in a page; 0 if that is not said.
	Size int
	// Once spares the second reading of a list by numbers: the connector proves by other means that nothing is missing.
	Once bool
}

// Page is one page of a list.
type Page[T any] struct {
	Items []T
	Total *int64 // how many items the list has in all; nil if the answer does not say
	Pages int64  // how many pages it has, of a list by numbers; 0 if the answer does not say
	More  *bool  // whether pages follow; nil if the answer does not say
	Next  string // the next page's cursor, or its address; "" if there is none
	// Lacks is where Next was looked for, as messages name it, if the answer has nothing there, not even null; "" otherwise. An error that it
	// explains says so.
	Lacks string
}

// MostPasses is how often a list is read until it has stood still for one reading.
const MostPasses = 3

// Paged is a list, and how it is paged.
type Paged[T any] struct {
	list  *List[T]
	agree bool // where there are several pages, two readings in a row have to have the same items
	pass  func(ctx context.Context, s *Session, p *pass[T]) error
}

// Each reads the list, and calls each with its items, page after page, in their order and in the goroutine of the caller. Each
// item comes once, though the list may have to be read again; one that is deleted meanwhile may come. An error of each ends it.
func (l Paged[T]) Each(ctx context.Context, s *Session, each func(page []T) error) error {
	given := map[string]bool{}
	_, err := l.read(ctx, s, func(key string) bool {
		if given[key] {
			return false
		}
		given[key] = true
		return true
	}, each)
	return err
}

// All reads the list, and returns its items as the last reading had them.
func (l Paged[T]) All(ctx context.Context, s *Session) ([]T, error) {
	p, err := l.read(ctx, s, nil, nil)
	if err != nil {
		return nil, err
	}
	return p.items, nil
}

// irregular says what shows that a reading of a list is worth nothing.
type irregular struct{ text string }

func (i *irregular) Error() string { return i.text }

func irregularf(format string, args ...any) error { return &irregular{fmt.Sprintf(format, args...)} }

// read reads the list until a reading has nothing that speaks against it. each gets the items that wanted is true for; if it is
// nil, the items are kept.
func (l Paged[T]) read(ctx context.Context, s *Session, wanted func(key string) bool, each func([]T) error) (*pass[T], error) {
	if l.list.Key == nil {
		return nil, fmt.Errorf("%s: the list has no Key, without which nobody knows whether it is whole", l.list.what())
	}
	var before map[string]bool
	var why error
	advice := ""
	passes, agree := MostPasses, l.agree
	for n := 0; n < passes; n++ {
		if why != nil {
			s.Tell(fmt.Sprintf("reading %s again, as %v", l.list.what(), why))
		}
		p := &pass[T]{list: l.list, keys: map[string]bool{}, wanted: wanted, each: each}
		err := l.pass(ctx, s, p)
		if err == nil {
			err = p.check()
		}
		if agree = agree || p.unproven; agree {
			passes = MostPasses + 1 // the last one may have to agree with another
		}
		var odd *irregular
		switch {
		case errors.As(err, &odd):
			before, why, advice = nil, odd, p.advice()
			continue
		case err != nil:
			return nil, err
		case !agree, p.single, before != nil && maps.Equal(before, p.keys):
			return p, nil
		case before != nil:
			why = irregularf("no two readings in a row have the same items")
		default:
			why = irregularf("it may have changed meanwhile")
		}
		before, advice = p.keys, p.advice()
	}
	return nil, fmt.Errorf("%s: %w, in each of %d attempts; %s", l.list.what(), why, passes, advice)
}

// pass is one reading of a list.
type pass[T any] struct {
	list   *List[T]
	wanted func(key string) bool
	each   func([]T) error

	items    []T
	keys     map[string]bool
	pages    int
	total    *int64
	lacks    string // where the first page's Next was looked for, if nothing is there
	twice    string // a key that came twice
	single   bool   // all of it was on one page, which said so
	unproven bool   // nothing shows that the list stood still
}

// add takes in a page. Of overlap items it is known that the page before had them.
func (p *pass[T]) add(page Page[T], overlap int) error {
	p.pages++
	switch {
	case p.pages == 1:
		p.total = page.Total
	case (p.total == nil) != (page.Total == nil):
		return irregularf("not each of its pages says how many items there are")
	case p.total != nil && *p.total != *page.Total:
		return irregularf("it had %d items, and then %d", *p.total, *page.Total)
	}
	var fresh []T
	had := len(p.keys)
	for i, item := range page.Items {
		key := p.list.Key(item)
		if p.keys[key] {
			if i >= overlap {
				p.twice = key
			}
			continue
		}
		p.keys[key] = true
		if p.wanted == nil || p.wanted(key) {
			fresh = append(fresh, item)
		}
	}
	if len(page.Items) > overlap && len(p.keys) == had {
		return irregularf("page %d has nothing that did not come before", p.pages)
	}
	switch {
	case p.each == nil:
		p.items = append(p.items, fresh...)
	case len(fresh) > 0:
		if err := p.each(fresh); err != nil {
			return err
		}
	}
	return wellRead(p.list.what(), page.Items, p.list.Key)
}

// advice says what to do about a list whose readings are all worth nothing.
func (p *pass[T]) advice() string {
	if p.lacks != "" {
		return fmt.Sprintf("its first page has nothing at %s, where the place of the next page is looked for: see where an answer has it", p.lacks)
	}
	return "try again when the store is quieter"
}

// check checks the whole reading.
func (p *pass[T]) check() error {
	switch n := int64(len(p.keys)); {
	case p.total != nil && n != *p.total:
		return irregularf("the API says there are %d entries but gave %d different ones", *p.total, n)
	case p.total == nil && p.twice != "":
		return irregularf("item %q came twice", p.twice)
	}
	return nil
}

// what names the list for people.
func (l *List[T]) what() string {
	if l.What == "" {
		first := l.Ask("")
		return first.what()
	}
	return l.What
}

// fetch asks for the page at a place; number is its number for people.
func (l *List[T]) fetch(ctx context.Context, s *Session, at string, number int) (Page[T], error) {
	return l.ask(ctx, s, l.Ask(at), number)
}

func (l *List[T]) ask(ctx context.Context, s *Session, r Request, number int) (page Page[T], err error) {
	r.What = fmt.Sprintf("page %d of %s", number, l.what())
	r.Read = func(a *Answer) (err error) {
		page, err = l.Read(a)
		if err == nil && page.Total != nil && *page.Total < 0 {
			err = fmt.Errorf("it says that there are %d entries", *page.Total)
		}
		return err
	}
	err = s.Do(ctx, r)
	return page, err
}
