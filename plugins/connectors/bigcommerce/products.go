package bigcommerce

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce/api"
	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"
)

const (
	productsPath = "/v3/catalog/products"
	variantsPath = "/v3/catalog/variants"
	fewProducts  = 10  // of a page, where products have hundreds of variants
	mostIDs      = 100 // in one address, whose length has a limit
)

// productReader reads products with their variants.
type productReader struct {
	session *webapi.Session
	asked   []string // the fields that are needed, as the API names them
	fields  []string // include_fields: the same; nil for all
	limit   int
	filter  url.Values // beside the paging

	list   webapi.Ascending[product] // how all of them are read; see all
	atOnce int                       // how many identifiers stand in one address; 0: the usual number
}

// include returns the parameters that every request for products has.
func (r *productReader) include() url.Values {
	query := url.Values{"include": {"variants"}, "limit": {strconv.Itoa(r.limit)}}
	if r.fields != nil {
		query.Set("include_fields", strings.Join(r.fields, ","))
	}
	return query
}

// all calls each with page after page of the products, those behind list.After, until there are no more. A product may come twice.
// list.After is 0 where the API does not list products in the order of their identifiers.
func (r *productReader) all(ctx context.Context, each func(page []product, left int64) error) error {
	r.list.What, r.list.Ask = "GET "+productsPath, r.behind
	r.list.Number = func(p *product) int64 { return p.ID }
	r.list.Single, r.list.Few = r.byID, mostIDs
	r.list.OneByOne = len(r.filter) > 0
	if err := r.list.Each(ctx, r.session, each); !errors.Is(err, webapi.ErrUnordered) {
		return err
	}
	r.list.After = 0
	return r.byNumber(ctx, each)
}

// behind asks for a page of the products behind an identifier.
func (r *productReader) behind(ctx context.Context, _ *webapi.Session, at webapi.Behind) (webapi.Page[product], error) {
	query := url.Values{"sort": {"id"}, "direction": {"asc"}}
	if at.Number > 0 {
		query.Set("id:greater", strconv.FormatInt(at.Number, 10))
	}
	if at.Page > 1 {
		query.Set("page", strconv.Itoa(at.Page))
	}
	ask := r.page
	if !at.Alone {
		ask = r.asIs
	}
	return ask(ctx, at.Shown, query)
}

// byNumber reads the products by page numbers, from an API that supports nothing better.
func (r *productReader) byNumber(ctx context.Context, each func(page []product, left int64) error) error {
	for {
		list := webapi.List[product]{What: "GET " + productsPath, Size: r.limit, Key: func(p product) string { return idKey(p.ID) },
			Ask: func(number string) webapi.Request { return r.request(url.Values{"page": {number}}) }, Read: r.read}
		err := list.ByNumber(1).Each(ctx, r.session, func(page []product) error { return each(page, 0) })
		if !webapi.TooLarge(err) || !r.shrink() {
			return err
		}
	}
}

// shrink makes pages smaller. It returns false if they are as small as they get.
func (r *productReader) shrink() bool {
	before := r.limit
	r.limit = min(r.limit, max(r.limit/5, fewProducts))
	return r.limit < before
}

// page asks for a page of products; number is for messages, which the query. If the answer is too large it asks for smaller
// pages, and if include_fields makes the API leave out the variants, it asks without.
func (r *productReader) page(ctx context.Context, number int, which url.Values) (webapi.Page[product], error) {
	for {
		page, err := r.asIs(ctx, number, which)
		switch {
		case webapi.TooLarge(err) && r.shrink():
		case errors.Is(err, webapi.ErrOneByOne):
			r.fields = nil // an API that takes include_fields to mean that nothing else is included
		default:
			return page, err
		}
	}
}

// asIs asks for a page once, with the fields and the limit that there are. Several goroutines may call it at once. The error is
// webapi.ErrOneByOne if the API leaves out the variants because of include_fields. Without these, it may have them in a list of their own.
func (r *productReader) asIs(ctx context.Context, number int, which url.Values) (page webapi.Page[product], err error) {
	request := r.request(which)
	first := !which.Has("page") || which.Get("page") == "1"
	request.What = fmt.Sprintf("page %d of GET %s", number, productsPath)
	request.Read = func(a *webapi.Answer) (err error) {
		page, err = r.read(a)
		if err == nil && len(page.Items) == 0 && *page.Total > 0 && first {
			err = fmt.Errorf("it announces %d products and has none", *page.Total)
		}
		return err
	}
	err = r.session.Do(ctx, request)
	if err == nil && r.fields != nil && slices.ContainsFunc(page.Items, func(p product) bool { return p.Variants == nil }) {
		err = webapi.ErrOneByOne
	}
	return page, err
}

// request returns a request for products.
func (r *productReader) request(which url.Values) webapi.Request {
	query := r.include()
	maps.Copy(query, r.filter)
	maps.Copy(query, which)
	return webapi.Request{Path: productsPath, Query: query}
}

// read reads a list of products. A product that lacks a field which was asked for makes the whole answer broken: the item
// would have no price, for example.
func (r *productReader) read(a *webapi.Answer) (page webapi.Page[product], err error) {
	answers, err := api.ReadList[productAnswer](a)
	if err != nil {
		return page, err
	}
	page.Items, page.Total = make([]product, len(answers.Items)), answers.Total
	for i := range answers.Items {
		if page.Items[i], err = answers.Items[i].product(r.asked); err != nil {
			return page, err
		}
	}
	return page, nil
}

// byID reads the products with these identifiers. Those that do not exist are not in the result.
func (r *productReader) byID(ctx context.Context, ids []int64) ([]product, error) {
	var found []product
	for chunk := range slices.Chunk(ids, min(r.limit, cmp.Or(r.atOnce, mostIDs))) {
		query := r.include()
		query.Set("id:in", joined(chunk))
		err := r.session.Do(ctx, webapi.Request{What: "GET " + productsPath + " for single products", Path: productsPath, Query: query,
			Read: func(a *webapi.Answer) error {
				page, err := r.read(a)
				if err == nil && *page.Total != int64(len(page.Items)) {
					err = fmt.Errorf("it announces %d products and has %d", *page.Total, len(page.Items))
				}
				for _, p := range page.Items {
					if err == nil && !slices.Contains(chunk, p.ID) {
						err = fmt.Errorf("it has product %d, which was not asked for", p.ID)
					}
				}
				if err == nil {
					found = append(found, page.Items...)
				}
				return err
			}})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

func joined(ids []int64) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = strconv.FormatInt(id, 10)
	}
	return strings.Join(texts, ",")
}
