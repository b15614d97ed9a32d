package bigcommerce

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"

	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"
)

const ordersPath = "/v2/orders"

// orderReader reads the orders from a number on. It does not filter by status: an order whose status changes meanwhile
// might be missed by both filters.
type orderReader struct {
	session *webapi.Session
	limit   int // of a page
	from    int64
	filter  url.Values // beside the paging
	details bool       // read all that is told of an order: see order.Told

	// V2 does not say how many orders there are, so reading goes on until a page has none. If short is set, a page that is
	// shorter than asked for counts as the last one. The exception is a page that may be cut by a limit of the API: it is
	// longer than any page before (largest), and its length is a round number, as limits are.
	short   bool
	largest int
}

func (r *orderReader) all(ctx context.Context) ([]order, error) {
	list, err := r.byCursor(ctx)
	if errors.Is(err, errUnordered) {
		return r.byNumber(ctx)
	}
	return list, err
}

// last reports whether the page is the last one: see short.
func (r *orderReader) last(page []order) bool {
	n := len(page)
	return n == 0 || r.short && n < r.limit && (n <= r.largest || n%10 != 0)
}

var errUnordered = errors.New("the API does not give orders in the order of their numbers")

// byNumber reads the orders by page numbers, from an API that supports nothing better. A list that shifts shows an order
// twice, or, after a deletion, not at all. So where there are several pages, they are read again until two passes have the
// same orders.
func (r *orderReader) byNumber(ctx context.Context) ([]order, error) {
	var before map[int64]bool
	for range webapi.MostPasses + 1 {
		all, seen, pages, err := r.pass(ctx)
		if err != nil || seen != nil && (pages == 1 || maps.Equal(before, seen)) {
			return all, err
		}
		before = seen
		r.session.Tell("reading the orders again, to see whether they changed while they were read")
	}
	return nil, fmt.Errorf("GET %s: the orders changed in each of %d attempts to read them; try again when the store is quieter", ordersPath, webapi.MostPasses)
}

// pass reads all pages once. seen has the numbers of the orders, and is nil if the list shifted; pages is the number of
// pages that had any.
func (r *orderReader) pass(ctx context.Context) (all []order, seen map[int64]bool, pages int, err error) {
	seen = map[int64]bool{}
	for number := 1; ; number++ {
		page, err := r.page(ctx, number, url.Values{"min_id": {strconv.FormatInt(r.from, 10)}, "page": {strconv.Itoa(number)}})
		if err != nil || len(page) == 0 {
			return all, seen, number - 1, err
		}
		for _, o := range page {
			if seen[o.ID] {
				return nil, nil, number, nil
			}
			seen[o.ID] = true
			if o.ID >= r.from {
				all = append(all, o)
			}
		}
	}
}

// page asks for a page of orders. An empty result means that there are no more.
func (r *orderReader) page(ctx context.Context, number int, which url.Values) ([]order, error) {
	var page []order
	query := url.Values{"limit": {strconv.Itoa(r.limit)}, "include": {"consignments.line_items"}, "consignment_structure": {"object"}}
	maps.Copy(query, r.filter)
	maps.Copy(query, which)
	err := r.session.Do(ctx, webapi.Request{What: fmt.Sprintf("page %d of GET %s", number, ordersPath), Path: ordersPath, Query: query,
		Good: []int{http.StatusNoContent},
		Read: func(a *webapi.Answer) error {
			if page = nil; a.Status == http.StatusNoContent {
				return nil
			}
			var answers []orderAnswer
			if err := webapi.Decode(a.Body, &answers); err != nil {
				return err
			}
			if answers == nil {
				return errors.New("it has no orders, not even none")
			}
			page = make([]order, len(answers))
			for i := range answers {
				var err error
				if page[i], err = answers[i].order(); err != nil {
					return err
				}
			}
			if r.details {
				return addDetails(page, a.Body)
			}
			return nil
		}})
	return page, err
}
