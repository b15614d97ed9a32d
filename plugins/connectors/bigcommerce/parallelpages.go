package bigcommerce

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"

	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"
)

const (
	// minParallelPages is the number of pages from which reading them in parallel is worth the one additional request.
	minParallelPages = 4
	// maxParallelPages is how many pages are read in parallel before they are checked. A pull that breaks off has to read
	// so many again.
	maxParallelPages = 64
)

var errNoParallelPages = errors.New("the API does not give pages by number behind an identifier")

// span is what a page covers: it had all products between these identifiers, both included.
type span struct{ first, last int64 }

// readParallel reads the next n pages behind r.after, several at a time; size is the number of products on a full page, and
// number is the first page's number in messages. It makes sure that no product is missed that existed all the time. left is
// how many products follow these pages; it is at least 1 if the list may have shifted, so that the caller looks.
//
// Pages are asked for by number here, and such pages shift when a product on an earlier one is deleted: the first product
// of a page moves to the end of the page before, and is missed if that page was read already. So the last page is read
// first, and again at the end. Products are listed by identifier, and new ones get the highest. If the last product has the
// same position in the list both times, no product before it was deleted and nothing shifted. If not, the identifiers
// between the pages are asked for. errNoParallelPages means that the API does not support this way of paging.
func (r *productReader) readParallel(ctx context.Context, number, n, size int, each func(page []product, left int64) error) (left int64, err error) {
	base := r.after
	part := func(ctx context.Context, i int) (productPage, error) { return r.part(ctx, number+i, base, i+1) }
	ahead, err := part(ctx, n-1)
	if err != nil {
		return 0, err
	}
	place := len(ahead.products) - 1
	if place < 0 {
		return 0, errNoParallelPages // it was there a moment ago
	}
	mark, through := ahead.products[place].ID, int64((n-1)*size+place+1) // of the products behind base, so many are not behind the mark
	covered, moved := []span{{base, base}}, false
	if err := webapi.InOrder(ctx, r.session.Client, n-1, part, func(i int, p productPage) error {
		if len(p.products) == 0 || i == 0 && len(p.products) != size {
			return errNoParallelPages
		}
		s := span{p.products[0].ID, p.products[len(p.products)-1].ID}
		if s.last <= covered[len(covered)-1].last {
			return errNoParallelPages // the same page again
		}
		moved = moved || len(p.products) != size || p.total < through
		covered = append(covered, s)
		return each(p.products, max(p.total-int64((i+1)*size), 0))
	}); err != nil {
		return 0, err
	}
	last, err := part(ctx, n-1)
	if err != nil {
		return 0, err
	}
	if len(last.products) > 0 {
		covered = append(covered, span{last.products[0].ID, last.products[len(last.products)-1].ID})
	}
	left = max(last.total-int64((n-1)*size+len(last.products)), 0)
	if moved || last.total < through || len(last.products) <= place || last.products[place].ID != mark {
		if err := r.readGaps(ctx, covered, each); err != nil {
			return 0, err
		}
		left = max(left, 1) // what was on the last page may have moved to one that was read before: look behind it
	}
	r.after = covered[len(covered)-1].last
	return left, each(last.products, left)
}

// readGaps reads the products whose identifiers lie between the spans. The spans are in order and do not overlap.
func (r *productReader) readGaps(ctx context.Context, covered []span, each func(page []product, left int64) error) error {
	r.session.Tell("the catalogue changed while it was read; looking for what may have been missed")
	var between []int64
	for i, s := range covered[1:] {
		from := covered[i].last + 1
		if s.first-from > mostIDs {
			if err := r.readGap(ctx, covered[i].last, s.first, each); err != nil {
				return err
			}
			continue
		}
		for id := from; id < s.first; id++ {
			between = append(between, id)
		}
	}
	found, err := r.byID(ctx, between)
	if err != nil || len(found) == 0 {
		return err
	}
	return each(found, 0)
}

// readGap reads the products whose identifiers are greater than after and less than before.
func (r *productReader) readGap(ctx context.Context, after, before int64, each func(page []product, left int64) error) error {
	for number := 1; after < before; number++ {
		p, err := r.part(ctx, number, after, 1)
		if err != nil {
			return err
		}
		if len(p.products) == 0 {
			return nil
		}
		after = p.products[len(p.products)-1].ID
		inside := slices.DeleteFunc(p.products, func(p product) bool { return p.ID >= before })
		if len(inside) > 0 {
			if err := each(inside, 0); err != nil {
				return err
			}
		}
	}
	return nil
}

// productPage is a page of products, and how many there are in the list that it is a page of.
type productPage struct {
	products []product
	total    int64
}

// part asks for a page, by its number, of the products with identifiers greater than after. number is the page's number in
// messages. Several goroutines may call it at once.
func (r *productReader) part(ctx context.Context, number int, after int64, page int) (productPage, error) {
	query := url.Values{"sort": {"id"}, "direction": {"asc"}}
	if after > 0 {
		query.Set("id:greater", strconv.FormatInt(after, 10))
	}
	if page > 1 {
		query.Set("page", strconv.Itoa(page))
	}
	maps.Copy(query, r.filter)
	products, meta, err := r.ask(ctx, fmt.Sprintf("page %d of GET %s", number, productsPath), query)
	switch {
	case webapi.Refused(err), webapi.TooLarge(err):
		return productPage{}, errNoParallelPages
	case err != nil:
		return productPage{}, err
	case !ascending(products, after), r.fields != nil && slices.ContainsFunc(products, func(p product) bool { return p.Variants == nil }):
		return productPage{}, errNoParallelPages
	}
	return productPage{products, meta.Total}, nil
}
