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

	// after is the identifier behind which reading goes on. All products up to it were passed on, also while each is called.
	// It is 0 where the API does not list products in the order of their identifiers.
	after int64

	parallel int  // from how many pages on they are read at the same time; 0: the usual number
	oneByOne bool // the API cannot give them so
	atOnce   int  // how many identifiers stand in one address; 0: the usual number
}

// include returns the parameters that every request for products has.
func (r *productReader) include() url.Values {
	query := url.Values{"include": {"variants"}, "limit": {strconv.Itoa(r.limit)}}
	if r.fields != nil {
		query.Set("include_fields", strings.Join(r.fields, ","))
	}
	return query
}

// all calls each with page after page of the products until there are no more. A product may come twice.
func (r *productReader) all(ctx context.Context, each func(page []product, left int64) error) error {
	if err := r.byCursor(ctx, each); !errors.Is(err, errNoCursor) {
		return err
	}
	r.after = 0
	return r.byNumber(ctx, each)
}

var errNoCursor = errors.New("the API does not give products in the order of their identifiers")

// byCursor reads the products in the order of their identifiers. Each page begins behind the last product received, not at a
// page number, so that products added or deleted meanwhile shift nothing. Where there are many pages, readParallel reads
// some of them at a time.
func (r *productReader) byCursor(ctx context.Context, each func(page []product, left int64) error) error {
	for number := 1; ; number++ {
		query := url.Values{"sort": {"id"}, "direction": {"asc"}}
		if r.after > 0 {
			query.Set("id:greater", strconv.FormatInt(r.after, 10))
		}
		page, meta, err := r.page(ctx, number, query)
		switch {
		case webapi.Refused(err):
			return errNoCursor
		case err != nil:
			return err
		}
		left := meta.Total - int64(len(page))
		if (number > 1 || left > 0) && !ascending(page, r.after) {
			return errNoCursor
		}
		if len(page) > 0 {
			r.after = page[len(page)-1].ID
		}
		if err := each(page, left); err != nil {
			return err
		}
		for size := len(page); left > 0 && size > 0; {
			pages := min(int((left+int64(size)-1)/int64(size)), maxParallelPages)
			if pages < cmp.Or(r.parallel, minParallelPages) || r.oneByOne || len(r.filter) > 0 {
				break
			}
			more, err := r.readParallel(ctx, number+1, pages, size, each)
			if errors.Is(err, errNoParallelPages) {
				r.oneByOne = true
				break
			}
			if err != nil {
				return err
			}
			number, left = number+pages, more
		}
		if left <= 0 {
			return nil
		}
	}
}

// ascending reports whether the products' identifiers are greater than last, and in ascending order.
func ascending(page []product, last int64) bool {
	for _, p := range page {
		if p.ID <= last {
			return false
		}
		last = p.ID
	}
	return true
}

// byNumber reads the products by page numbers, from an API that supports nothing better. Where there are several pages, it
// reads all of them again until two passes have the same products, and as many as the store counts. The number alone proves
// nothing: a pass may miss a product that shifted to an earlier page, and still hold one that was deleted meanwhile.
func (r *productReader) byNumber(ctx context.Context, each func(page []product, left int64) error) error {
	var before map[int64]bool
	for range webapi.MostPasses + 1 {
		seen, pages, err := r.pass(ctx, each)
		if err != nil || seen != nil && (pages == 1 || maps.Equal(before, seen)) {
			return err
		}
		before = seen
		r.session.Tell("reading the products again, to see whether they changed while they were read")
	}
	return fmt.Errorf("GET %s: the catalogue changed in each of %d attempts to read it; try again when the store is quieter", productsPath, webapi.MostPasses)
}

// pass reads all pages once. seen has the identifiers of the products, and is nil if the list shifted.
func (r *productReader) pass(ctx context.Context, each func(page []product, left int64) error) (seen map[int64]bool, pages int, err error) {
	seen = map[int64]bool{}
	total, limit := int64(-1), r.limit
	for number := 1; ; number++ {
		page, meta, err := r.page(ctx, number, url.Values{"page": {strconv.Itoa(number)}})
		if err != nil {
			return nil, 0, err
		}
		if number > 1 && meta.Total != total || r.limit != limit {
			return nil, number, nil
		}
		total = meta.Total
		for _, p := range page {
			seen[p.ID] = true
		}
		if err := each(page, max(total-int64(len(seen)), 0)); err != nil {
			return nil, 0, err
		}
		if size := max(meta.PerPage, int64(len(page))); len(page) == 0 || int64(number)*size >= total {
			if int64(len(seen)) != total {
				seen = nil
			}
			return seen, number, nil
		}
	}
}

// page asks for a page of products; number is for messages, which the query. If the answer is too large it asks for smaller
// pages, and if include_fields makes the API leave out the variants, it asks without.
func (r *productReader) page(ctx context.Context, number int, which url.Values) ([]product, *api.Pagination, error) {
	for {
		query := maps.Clone(r.filter)
		if query == nil {
			query = url.Values{}
		}
		maps.Copy(query, which)
		page, meta, err := r.ask(ctx, fmt.Sprintf("page %d of GET %s", number, productsPath), query)
		switch {
		case webapi.TooLarge(err) && r.limit > fewProducts:
			r.limit = max(r.limit/5, fewProducts)
		case err != nil:
			return nil, nil, err
		case !slices.ContainsFunc(page, func(p product) bool { return p.Variants == nil }):
			return page, meta, nil
		case r.fields != nil:
			r.fields = nil // an API that takes include_fields to mean that nothing else is included
		default:
			return page, meta, nil // an API that includes no variants: they are in a list of their own
		}
	}
}

// ask makes one request for products.
func (r *productReader) ask(ctx context.Context, what string, which url.Values) (page []product, meta *api.Pagination, err error) {
	query := r.include()
	maps.Copy(query, which)
	first := !which.Has("page") || which.Get("page") == "1"
	err = r.session.Do(ctx, webapi.Request{What: what, Path: productsPath, Query: query,
		Read: func(a *webapi.Answer) (err error) {
			if page, meta, err = r.decode(a.Body); err != nil {
				return err
			}
			return plausible(page, meta.Total, first)
		}})
	return page, meta, err
}

// decode reads a list of products. A product that lacks a field which was asked for makes the whole answer broken: the item
// would have no price, for example.
func (r *productReader) decode(body []byte) ([]product, *api.Pagination, error) {
	answers, meta, err := api.DecodeList[productAnswer](body)
	if err != nil {
		return nil, nil, err
	}
	page := make([]product, len(answers))
	for i := range answers {
		if page[i], err = answers[i].product(r.asked); err != nil {
			return nil, nil, err
		}
	}
	return page, meta, nil
}

// plausible checks that a page does not contradict itself.
func plausible(page []product, total int64, first bool) error {
	if len(page) == 0 && total > 0 && first {
		return fmt.Errorf("it announces %d products and has none", total)
	}
	return nil
}

// byID reads the products with these identifiers. Those that do not exist are not in the result.
func (r *productReader) byID(ctx context.Context, ids []int64) ([]product, error) {
	var found []product
	for chunk := range slices.Chunk(ids, min(r.limit, cmp.Or(r.atOnce, mostIDs))) {
		query := r.include()
		query.Set("id:in", joined(chunk))
		err := r.session.Do(ctx, webapi.Request{What: "GET " + productsPath + " for single products", Path: productsPath, Query: query,
			Read: func(a *webapi.Answer) error {
				page, meta, err := r.decode(a.Body)
				if err == nil && meta.Total != int64(len(page)) {
					err = fmt.Errorf("it announces %d products and has %d", meta.Total, len(page))
				}
				for _, p := range page {
					if err == nil && !slices.Contains(chunk, p.ID) {
						err = fmt.Errorf("it has product %d, which was not asked for", p.ID)
					}
				}
				if err == nil {
					found = append(found, page...)
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
