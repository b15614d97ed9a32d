package bigcommerce

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// product is a product as V3 answers it, as far as fields are made of it.
type product struct {
	ID       int64        `json:"id"`
	SKU      string       `json:"sku"`
	Name     string       `json:"name"`
	BrandID  int64        `json:"brand_id"`
	Price    *sdk.Decimal `json:"price"`
	Sale     *sdk.Decimal `json:"sale_price"`
	Cost     *sdk.Decimal `json:"cost_price"`
	Retail   *sdk.Decimal `json:"retail_price"`
	Weight   *sdk.Decimal `json:"weight"`
	Width    *sdk.Decimal `json:"width"`
	Height   *sdk.Decimal `json:"height"`
	Depth    *sdk.Decimal `json:"depth"`
	Tracking string       `json:"inventory_tracking"`
	UPC      string       `json:"upc"`
	Bin      string       `json:"bin_picking_number"`
	Visible  *bool        `json:"is_visible"`
	Modified string       `json:"date_modified"`
	Custom   struct {
		URL string `json:"url"`
	} `json:"custom_url"`
	Variants []variant `json:"variants"` // nil if the answer has none at all
}

func (p *product) tracked() bool { return p.Tracking != "none" }

// variation returns the option structure of the product's variants.
func (p *product) variation() []string {
	var b catalog.VariationBuilder
	for i := range p.Variants {
		b.Add(p.Variants[i].options())
	}
	return b.List()
}

// variant is a variant as V3 answers it. A number that is null is the product's.
type variant struct {
	ID        int64        `json:"id"`
	ProductID int64        `json:"product_id"`
	SKU       string       `json:"sku"`
	Price     *sdk.Decimal `json:"price"`
	Sale      *sdk.Decimal `json:"sale_price"`
	Cost      *sdk.Decimal `json:"cost_price"`
	Retail    *sdk.Decimal `json:"retail_price"`
	Weight    *sdk.Decimal `json:"weight"`
	Width     *sdk.Decimal `json:"width"`
	Height    *sdk.Decimal `json:"height"`
	Depth     *sdk.Decimal `json:"depth"`
	UPC       string       `json:"upc"`
	Bin       string       `json:"bin_picking_number"`
	Values    []struct {
		Option string `json:"option_display_name"`
		Label  string `json:"label"`
	} `json:"option_values"`
}

// isBase reports whether the variant stands for a product without options.
func (v *variant) isBase() bool { return len(v.Values) == 0 }

func (v *variant) options() []sdk.Entry {
	entries := make([]sdk.Entry, len(v.Values))
	for i, o := range v.Values {
		entries[i] = sdk.Entry{Key: o.Option, Value: o.Label}
	}
	return entries
}

const (
	productsPath = "/v3/catalog/products"
	variantsPath = "/v3/catalog/variants"
	fewProducts  = 10  // of a page, where products have hundreds of variants
	mostIDs      = 100 // in one address, whose length has a limit
)

var errNoVariants = errors.New("it has products without their variants")

// productReader reads products with their variants.
type productReader struct {
	session *session
	fields  []string // include_fields; nil for all
	limit   int
}

// include is the query that every request for products shares.
func (r *productReader) include() url.Values {
	query := url.Values{"include": {"variants"}, "limit": {strconv.Itoa(r.limit)}}
	if r.fields != nil {
		query.Set("include_fields", strings.Join(r.fields, ","))
	}
	return query
}

// all calls each with page after page of the products, in the order of their identifiers. Each page begins behind the
// last product received rather than at a number, so that what is added or deleted meanwhile shifts nothing.
func (r *productReader) all(ctx context.Context, each func(page []product, left int64) error) error {
	last := int64(0)
	for number := 1; ; number++ {
		page, total, err := r.page(ctx, number, last)
		if err != nil {
			return err
		}
		left := total - int64(len(page))
		if err := each(page, left); err != nil {
			return err
		}
		if left <= 0 {
			return nil
		}
		last = page[len(page)-1].ID
	}
}

// page asks for the products behind the last one, and returns how many there are in all behind it.
func (r *productReader) page(ctx context.Context, number int, last int64) ([]product, int64, error) {
	for {
		query := r.include()
		query.Set("sort", "id")
		query.Set("direction", "asc")
		if last > 0 {
			query.Set("id:greater", strconv.FormatInt(last, 10))
		}
		var page []product
		var meta *pagination
		err := r.session.do(ctx, call{what: fmt.Sprintf("page %d of GET %s", number, productsPath), path: productsPath, query: query,
			read: func(body []byte) (err error) {
				if page, meta, err = decodeList[product](body); err != nil {
					return err
				}
				return inOrder(page, last, meta.Total)
			}})
		var f *failure
		switch {
		case errors.As(err, &f) && f.tooLarge && r.limit > fewProducts:
			r.limit = max(r.limit/5, fewProducts)
		case err != nil:
			return nil, 0, err
		case !slices.ContainsFunc(page, func(p product) bool { return p.Variants == nil }):
			return page, meta.Total, nil
		case r.fields != nil:
			r.fields = nil // an API that takes include_fields to mean that nothing else is included
		default:
			return nil, 0, fmt.Errorf("page %d of GET %s: %w", number, productsPath, errNoVariants)
		}
	}
}

// inOrder checks that a page holds what was asked for, so that reading goes on where it should and comes to an end.
func inOrder(page []product, last, total int64) error {
	if len(page) == 0 && total > 0 {
		return fmt.Errorf("it announces %d more products and has none", total)
	}
	if int64(len(page)) > total {
		return fmt.Errorf("it announces %d more products and has %d", total, len(page))
	}
	for _, p := range page {
		if p.ID <= last {
			return fmt.Errorf("product %d comes after product %d, though they were asked for in order", p.ID, last)
		}
		last = p.ID
	}
	return nil
}

// byID reads the products with those identifiers that there are.
func (r *productReader) byID(ctx context.Context, ids []int64) ([]product, error) {
	var found []product
	for chunk := range slices.Chunk(ids, min(r.limit, mostIDs)) {
		query := r.include()
		query.Set("id:in", joined(chunk))
		err := r.session.do(ctx, call{what: "GET " + productsPath + " for single products", path: productsPath, query: query,
			read: func(body []byte) error {
				page, meta, err := decodeList[product](body)
				if err == nil && meta.Total != int64(len(page)) {
					err = fmt.Errorf("it announces %d products and has %d", meta.Total, len(page))
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
