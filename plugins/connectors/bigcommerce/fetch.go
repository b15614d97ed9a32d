package bigcommerce

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"

	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"
)

// fetch reads a store in full: first brands, stock and orders, then the catalogue, page by page, and last what turns out
// to be missing.
type fetch struct {
	source   *Source
	session  *webapi.Session
	needs    needs
	into     intake
	products productReader

	facts           storeFacts
	locations       map[int64]bool
	brands          map[int64]bool
	stocked         map[stockKey]bool
	seen            map[int64]int64   // the variants of all products received, with their product
	withoutVariants map[int64]product // products that came without any variant
	unstocked       []unstocked
	uncovered       int            // variants that have no stock of their own
	only            map[int64]bool // the variants whose stock is wanted; nil: all
	atOnce          int            // how many identifiers stand in one address; 0: the usual number
}

// unstocked is a variant whose stock is tracked, but not known.
type unstocked struct {
	variant, product int64
	whole            bool // its product is tracked as a whole, so that the stock may be the product's
}

func (s *Source) newFetch(session *webapi.Session, n needs, into intake) *fetch {
	return &fetch{source: s, session: session, needs: n, into: into,
		products:  productReader{session: session, asked: n.product, fields: n.product, limit: s.pages.products, list: webapi.Ascending[product]{Parallel: s.pages.parallel}},
		locations: map[int64]bool{}, brands: map[int64]bool{0: true}, stocked: map[stockKey]bool{},
		seen: map[int64]int64{}, withoutVariants: map[int64]product{}}
}

// ReadColumns reads the store in full, and makes items of it as it comes in.
func (s *Source) ReadColumns(ctx context.Context, req sdk.ReadRequest, w *sdk.Writer) error {
	client, err := s.connect(ctx)
	if err != nil {
		return err
	}
	into := s.newAssembly(w, req.Warn, req.Counted)
	if err := s.newFetch(client.Session(req), into.needs, into).all(ctx, func(left int64) {
		req.Progress(w.Items(), 0, fmt.Sprintf("products, %d to go", left))
	}); err != nil {
		return err
	}
	return into.end()
}

func (f *fetch) all(ctx context.Context, progress func(left int64)) error {
	if err := f.readFacts(ctx); err != nil {
		return err
	}
	if err := f.readBrandsAndStock(ctx); err != nil {
		return err
	}
	if f.wantsOrders() {
		if err := f.readOrders(ctx, &orderReader{from: f.source.imported.through + 1}); err != nil {
			return err
		}
	}
	if err := f.products.all(ctx, func(page []product, left int64) error {
		if err := f.page(ctx, page); err != nil {
			return err
		}
		progress(left)
		return nil
	}); err != nil {
		return err
	}
	if err := f.complete(ctx); err != nil {
		return err
	}
	if _, err := f.reloadWithoutVariants(ctx); err != nil {
		return err
	}
	return f.learnStock(ctx)
}

// readBrandsAndStock reads the brands and the stock, as far as they are needed.
func (f *fetch) readBrandsAndStock(ctx context.Context) error {
	if f.needs.parts[brandNames] {
		if err := f.readBrands(ctx, url.Values{}); err != nil {
			return err
		}
	}
	if f.needs.parts[stock] {
		return f.readStock(ctx, url.Values{})
	}
	return nil
}

// wantsOrders reports whether orders are to be read: the field pending is asked for, and the settings say which orders the
// point of sale has imported.
func (f *fetch) wantsOrders() bool { return f.needs.parts[orders] && f.source.imported.known }

func (f *fetch) readOrders(ctx context.Context, r *orderReader) error {
	r.session, r.limit = f.session, f.source.pages.orders
	list, err := r.all(ctx)
	if err != nil {
		return err
	}
	for i := range list {
		if err := f.into.takeOrder(&list[i]); err != nil {
			return err
		}
	}
	return f.readStockUpdate(ctx)
}

func (f *fetch) readBrands(ctx context.Context, query url.Values) error {
	list, err := readBrands(ctx, f.session, f.source.pages.brands, query)
	if err != nil {
		return err
	}
	for _, b := range list {
		f.brands[b.ID] = true
		if err := f.into.takeBrand(b); err != nil {
			return err
		}
	}
	return nil
}

func (f *fetch) readStock(ctx context.Context, query url.Values) error {
	items, err := readStock(ctx, f.session, f.source.pages.stock, query)
	if err != nil {
		return err
	}
	return f.keepStock(items)
}

// keepStock passes on stock that was read.
func (f *fetch) keepStock(items []stockItem) error {
	for _, item := range items {
		f.stocked[quantityOf(item.ProductID, item.VariantID)] = true
		for _, level := range item.Locations {
			if !f.locations[level.ID] {
				f.locations[level.ID] = true
				if err := f.into.takeLocation(level.Location()); err != nil {
					return err
				}
			}
		}
		if err := f.into.takeStock(item); err != nil {
			return err
		}
	}
	return nil
}

// page passes on a page of products. It reads the brands that it does not know yet, and notes the variants.
func (f *fetch) page(ctx context.Context, page []product) error {
	if f.needs.parts[brandNames] {
		if err := f.learnBrands(ctx, page); err != nil {
			return err
		}
	}
	for i := range page {
		p := &page[i]
		if err := f.note(p); err != nil {
			return err
		}
		if err := f.into.takeProduct(p); err != nil {
			return err
		}
	}
	return nil
}

// note notes the product's variants, and whether their stock is known.
func (f *fetch) note(p *product) error {
	if len(p.Variants) == 0 {
		f.withoutVariants[p.ID] = *p
	} else {
		delete(f.withoutVariants, p.ID)
	}
	tracked, _ := p.tracked()
	for i := range p.Variants {
		v := &p.Variants[i]
		of, seen := f.seen[v.ID]
		if seen && of != p.ID {
			return errTwice(v.ID, of, p.ID)
		}
		f.seen[v.ID] = p.ID
		if seen || !f.needs.parts[stock] || f.only != nil && !f.only[v.ID] {
			continue
		}
		own := f.stocked[stockKey{variant: v.ID}]
		if !own {
			f.uncovered++
		}
		whole := p.Tracking == trackedAsWhole
		if tracked && !own && !(whole && f.stocked[stockKey{product: p.ID}]) {
			f.unstocked = append(f.unstocked, unstocked{v.ID, p.ID, whole})
		}
	}
	return nil
}

// errTwice is the error for a variant that came with two products. Only one of its two items could be kept.
func errTwice(variant, first, second int64) error {
	return fmt.Errorf("variant %d comes with product %d and with product %d; try again when the store is quieter", variant, first, second)
}

// learnBrands reads the brands of products that are not known yet: they were added after the brands were read.
func (f *fetch) learnBrands(ctx context.Context, page []product) error {
	var missing []int64
	for _, p := range page {
		if !f.brands[p.BrandID] {
			f.brands[p.BrandID] = true // asked for once, whether it exists or not
			missing = append(missing, p.BrandID)
		}
	}
	for chunk := range slices.Chunk(missing, mostIDs) {
		if err := f.readBrands(ctx, url.Values{"id:in": {joined(chunk)}}); err != nil {
			return err
		}
	}
	return nil
}

// learnStock reads the quantities that are not known yet: of items that were added after the stock was read, or that were
// missed when its list shifted. What a product is tracked as a whole for is asked for by product, and only what that does not tell
// by variant.
func (f *fetch) learnStock(ctx context.Context) error {
	products, variants := map[int64]bool{}, map[int64]bool{}
	for _, u := range f.unstocked {
		if u.whole {
			products[u.product] = true
		}
	}
	if err := f.readStockOf(ctx, "product_id:in", products); err != nil {
		return err
	}
	for _, u := range f.unstocked {
		if !f.stocked[stockKey{variant: u.variant}] && !(u.whole && f.stocked[stockKey{product: u.product}]) {
			variants[u.variant] = true
		}
	}
	return f.readStockOf(ctx, "variant_id:in", variants)
}

func (f *fetch) readStockOf(ctx context.Context, filter string, ids map[int64]bool) error {
	for chunk := range slices.Chunk(slices.Sorted(maps.Keys(ids)), cmp.Or(f.atOnce, mostIDs)) {
		if err := f.readStock(ctx, url.Values{filter: {joined(chunk)}}); err != nil {
			return err
		}
	}
	return nil
}
