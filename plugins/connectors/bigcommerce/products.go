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
)

const (
	productsPath = "/v3/catalog/products"
	variantsPath = "/v3/catalog/variants"
	fewProducts  = 10  // of a page, where products have hundreds of variants
	mostIDs      = 100 // in one address, whose length has a limit
)

// productReader reads products with their variants.
type productReader struct {
	session *api.Session
	asked   []string // the fields that are needed, as the API names them
	fields  []string // include_fields: the same; nil for all
	limit   int
	filter  url.Values // beside the paging

	// after is where reading by identifiers begins. All products up to it were handed over already, also while each is
	// called; 0 where the API gives them in another order.
	after int64

	abreast  int  // from how many pages on they are read at the same time; 0: the usual number
	oneByOne bool // the API cannot give them so
}

// include is the query that every request for products shares.
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

// byCursor reads the products in the order of their identifiers. Each page begins behind the last product received
// rather than at a number, so that what is added or deleted meanwhile shifts nothing; or each stretch of pages does, where
// there are many.
func (r *productReader) byCursor(ctx context.Context, each func(page []product, left int64) error) error {
	for number := 1; ; number++ {
		query := url.Values{"sort": {"id"}, "direction": {"asc"}}
		if r.after > 0 {
			query.Set("id:greater", strconv.FormatInt(r.after, 10))
		}
		page, meta, err := r.page(ctx, number, query)
		switch {
		case api.Refused(err):
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
			pages := min(int((left+int64(size)-1)/int64(size)), stretchPages)
			if pages < cmp.Or(r.abreast, fewestAbreast) || r.oneByOne || len(r.filter) > 0 {
				break
			}
			more, err := r.stretch(ctx, number+1, pages, size, each)
			if errors.Is(err, errNotAbreast) {
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

// ascending reports whether the products come after the last one, in the order of their identifiers.
func ascending(page []product, last int64) bool {
	for _, p := range page {
		if p.ID <= last {
			return false
		}
		last = p.ID
	}
	return true
}

// byNumber reads the products by page numbers, from an API that knows nothing better. Where there are several pages it
// reads them until two passes have brought the same products, and as many as there are: a product that shifted past the
// page being read is missing in a pass that holds another which is gone by the next one, so that numbers alone prove nothing.
func (r *productReader) byNumber(ctx context.Context, each func(page []product, left int64) error) error {
	var before map[int64]bool
	for range api.MostPasses + 1 {
		seen, pages, err := r.pass(ctx, each)
		if err != nil || seen != nil && (pages == 1 || maps.Equal(before, seen)) {
			return err
		}
		before = seen
		r.session.Tell("reading the products again, to see whether they changed while they were read")
	}
	return fmt.Errorf("GET %s: the catalogue changed in each of %d attempts to read it; try again when the store is quieter", productsPath, api.MostPasses)
}

// pass reads all pages once. It returns the products that there were, nil where the list shifted, and the number of pages.
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

// page asks for some of the products, in smaller pages and without include_fields where the API demands it.
func (r *productReader) page(ctx context.Context, number int, which url.Values) ([]product, *api.Pagination, error) {
	for {
		query := maps.Clone(r.filter)
		if query == nil {
			query = url.Values{}
		}
		maps.Copy(query, which)
		page, meta, err := r.ask(ctx, fmt.Sprintf("page %d of GET %s", number, productsPath), query)
		switch {
		case api.TooLarge(err) && r.limit > fewProducts:
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

// ask asks for products once, as it is.
func (r *productReader) ask(ctx context.Context, what string, which url.Values) (page []product, meta *api.Pagination, err error) {
	query := r.include()
	maps.Copy(query, which)
	first := !which.Has("page") || which.Get("page") == "1"
	err = r.session.Do(ctx, api.Call{What: what, Path: productsPath, Query: query,
		Read: func(body []byte) (err error) {
			if page, meta, err = r.decode(body); err != nil {
				return err
			}
			return plausible(page, meta.Total, first)
		}})
	return page, meta, err
}

// decode reads a list of products. One that lacks something that was asked for makes the whole answer broken: without it
// the product would have no price, say, or another name.
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

// plausible checks that a page is not at odds with itself.
func plausible(page []product, total int64, first bool) error {
	if len(page) == 0 && total > 0 && first {
		return fmt.Errorf("it announces %d products and has none", total)
	}
	return nil
}

// byID reads the products with those identifiers that there are.
func (r *productReader) byID(ctx context.Context, ids []int64) ([]product, error) {
	var found []product
	for chunk := range slices.Chunk(ids, min(r.limit, mostIDs)) {
		query := r.include()
		query.Set("id:in", joined(chunk))
		err := r.session.Do(ctx, api.Call{What: "GET " + productsPath + " for single products", Path: productsPath, Query: query,
			Read: func(body []byte) error {
				page, meta, err := r.decode(body)
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
