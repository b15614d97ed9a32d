package bigcommerce

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
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

// all reads all of them.
func (r *orderReader) all(ctx context.Context) ([]order, error) {
	list, err := r.byCursor(ctx)
	if errors.Is(err, webapi.ErrUnordered) {
		return r.byNumber(ctx)
	}
	return list, err
}

// byCursor reads the orders in the order of their numbers.
func (r *orderReader) byCursor(ctx context.Context) ([]order, error) {
	list := webapi.Ascending[order]{What: "GET " + ordersPath, Size: r.limit, After: r.from - 1, Number: func(o *order) int64 { return o.ID },
		Ask: func(ctx context.Context, _ *webapi.Session, at webapi.Behind) (page webapi.Page[order], err error) {
			page.Items, err = r.page(ctx, at.Shown, url.Values{"min_id": {strconv.FormatInt(at.Number+1, 10)}})
			return page, err
		}}
	return list.All(ctx, r.session, r.last)
}

// last reports whether the page is the last one: see short.
func (r *orderReader) last(page []order) bool {
	n := len(page)
	if n == 0 || r.short && n < r.limit && (n <= r.largest || n%10 != 0) {
		return true
	}
	r.largest = max(r.largest, n)
	return false
}

// byNumber reads the orders by page numbers, from an API that supports nothing better.
func (r *orderReader) byNumber(ctx context.Context) ([]order, error) {
	list := webapi.List[order]{What: "GET " + ordersPath, Size: r.limit, Key: func(o order) string { return idKey(o.ID) },
		Ask: func(number string) webapi.Request {
			return r.request(url.Values{"min_id": {strconv.FormatInt(r.from, 10)}, "page": {number}})
		},
		Read: func(a *webapi.Answer) (page webapi.Page[order], err error) {
			page.Items, err = r.read(a)
			return page, err
		}}
	all, err := list.ByNumber(1).All(ctx, r.session)
	return slices.DeleteFunc(all, func(o order) bool { return o.ID < r.from }), err
}

// page asks for a page of orders. An empty result means that there are no more.
func (r *orderReader) page(ctx context.Context, number int, which url.Values) (page []order, err error) {
	request := r.request(which)
	request.What = fmt.Sprintf("page %d of GET %s", number, ordersPath)
	request.Read = func(a *webapi.Answer) (err error) {
		page, err = r.read(a)
		return err
	}
	err = r.session.Do(ctx, request)
	return page, err
}

// request returns a request for orders.
func (r *orderReader) request(which url.Values) webapi.Request {
	query := url.Values{"limit": {strconv.Itoa(r.limit)}, "include": {"consignments.line_items"}, "consignment_structure": {"object"}}
	maps.Copy(query, r.filter)
	maps.Copy(query, which)
	return webapi.Request{Path: ordersPath, Query: query, Good: []int{http.StatusNoContent}}
}

// read reads a page of orders.
func (r *orderReader) read(a *webapi.Answer) ([]order, error) {
	if a.Status == http.StatusNoContent {
		return nil, nil
	}
	var answers []orderAnswer
	if err := webapi.Decode(a.Body, &answers); err != nil {
		return nil, err
	}
	if answers == nil {
		return nil, errors.New("it has no orders, not even none")
	}
	page := make([]order, len(answers))
	for i := range answers {
		var err error
		if page[i], err = answers[i].order(); err != nil {
			return nil, err
		}
	}
	if r.details {
		return page, addDetails(page, a.Body)
	}
	return page, nil
}
