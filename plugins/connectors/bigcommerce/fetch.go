package bigcommerce

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
)

// fetch reads a store in full: first what the catalogue is completed with, then the catalogue itself, page by page, and
// last what turns out to be missing.
type fetch struct {
	source   *Source
	session  *session
	needs    needs
	into     intake
	products productReader

	facts     storeFacts
	locations map[int64]bool
	brands    map[int64]bool
	stocked   map[stockKey]bool
	seen      map[int64]int64   // the variants of all products received, with their product
	bare      map[int64]product // products that came without any variant
	unstocked []unstocked
	uncovered int // variants that have no stock of their own
}

// unstocked is a variant whose stock is tracked, but not known.
type unstocked struct {
	variant, product int64
	whole            bool // its product may be tracked as a whole
}

func (s *Source) newFetch(session *session, n needs, into intake) *fetch {
	return &fetch{source: s, session: session, needs: n, into: into,
		products:  productReader{session: session, asked: n.product, fields: n.product, limit: s.pages.products, abreast: s.pages.abreast},
		locations: map[int64]bool{}, brands: map[int64]bool{0: true}, stocked: map[stockKey]bool{},
		seen: map[int64]int64{}, bare: map[int64]product{}}
}

func (f *fetch) all(ctx context.Context, progress func(left int64)) error {
	if err := f.readFacts(ctx); err != nil {
		return err
	}
	if err := f.beside(ctx); err != nil {
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
	if _, err := f.reclothe(ctx); err != nil {
		return err
	}
	return f.learnStock(ctx)
}

// beside reads the brands and the stock.
func (f *fetch) beside(ctx context.Context) error {
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

// wantsOrders reports whether orders are to be read: units on them are asked for, and it is known which are imported.
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
	for _, item := range items {
		f.stocked[quantityOf(item.ProductID, item.VariantID)] = true
		for _, level := range item.Locations {
			if !f.locations[level.ID] {
				f.locations[level.ID] = true
				if err := f.into.takeLocation(level.location()); err != nil {
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

// page hands on products, and notes what they name.
func (f *fetch) page(ctx context.Context, page []product) error {
	if f.needs.parts[brandNames] {
		if err := f.learnBrands(ctx, page); err != nil {
			return err
		}
	}
	for i := range page {
		p := &page[i]
		if err := f.know(p); err != nil {
			return err
		}
		if err := f.into.takeProduct(p); err != nil {
			return err
		}
	}
	return nil
}

// know notes a product with its variants.
func (f *fetch) know(p *product) error {
	if len(p.Variants) == 0 {
		f.bare[p.ID] = *p
	} else {
		delete(f.bare, p.ID)
	}
	tracked, _ := p.tracked()
	for i := range p.Variants {
		v := &p.Variants[i]
		of, seen := f.seen[v.ID]
		if seen && of != p.ID {
			return errTwice(v.ID, of, p.ID)
		}
		f.seen[v.ID] = p.ID
		if seen || !f.needs.parts[stock] {
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

// errTwice is the error for a variant that two products claim: one of the two would go missing.
func errTwice(variant, first, second int64) error {
	return fmt.Errorf("variant %d comes with product %d and with product %d; try again when the store is quieter", variant, first, second)
}

// learnBrands asks for the brands of products that are not known: those that were added since.
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

// learnStock asks for the quantities of items that are not known: those that were added since, or that slipped through
// when the list shifted.
func (f *fetch) learnStock(ctx context.Context) error {
	variants, products := map[int64]bool{}, map[int64]bool{}
	for _, u := range f.unstocked {
		variants[u.variant] = true
		if u.whole {
			products[u.product] = true
		}
	}
	for _, ask := range []struct {
		filter string
		ids    map[int64]bool
	}{{"variant_id:in", variants}, {"product_id:in", products}} {
		for chunk := range slices.Chunk(slices.Sorted(maps.Keys(ask.ids)), mostIDs) {
			if err := f.readStock(ctx, url.Values{ask.filter: {joined(chunk)}}); err != nil {
				return err
			}
		}
	}
	return nil
}

// complete makes sure that nothing is missing: it compares the variants received with the store's own list of them, and
// where their numbers differ accounts for each one.
func (f *fetch) complete(ctx context.Context) error {
	total, err := countVariants(ctx, f.session)
	if err != nil || total == int64(len(f.seen)) {
		return err
	}
	listed, err := f.readVariants(ctx, url.Values{})
	if err != nil {
		return err
	}
	if err := f.dress(ctx, listed); err != nil {
		return err
	}
	orphans, missing := 0, map[int64]bool{}
	for _, v := range listed {
		switch {
		case f.has(v):
		case v.ProductID == 0:
			orphans++
		default:
			missing[v.ProductID] = true
		}
	}
	lost, err := f.recover(ctx, missing, listed)
	if err != nil {
		return err
	}
	if f.facts.Orphans = orphans + lost; f.facts.Orphans > 0 {
		return f.into.takeStore(f.facts)
	}
	return nil
}

// has reports whether the variant came with a product.
func (f *fetch) has(v variant) bool {
	_, seen := f.seen[v.ID]
	return seen
}

// dress hands on, once more, products that came without any variants, as an API may give them that includes no base
// variants, or no variants at all.
func (f *fetch) dress(ctx context.Context, listed []variant) error {
	if len(f.bare) == 0 {
		return nil
	}
	of := map[int64][]variant{}
	for _, v := range listed {
		if _, ok := f.bare[v.ProductID]; ok {
			of[v.ProductID] = append(of[v.ProductID], v)
		}
	}
	var dressed []product
	for _, id := range slices.Sorted(maps.Keys(of)) {
		p := f.bare[id]
		p.Variants = of[id]
		dressed = append(dressed, p)
	}
	return f.page(ctx, dressed)
}

// recover reads the products that were added, or got variants, while the catalogue was read. It returns how many
// variants have a product that does not exist.
func (f *fetch) recover(ctx context.Context, missing map[int64]bool, listed []variant) (lost int, err error) {
	if len(missing) == 0 {
		return 0, nil
	}
	found, err := f.products.byID(ctx, slices.Sorted(maps.Keys(missing)))
	if err != nil {
		return 0, err
	}
	if len(found) == 0 && len(f.seen) == 0 {
		// One stray variant is an orphan; a store of nothing but orphans is an answer not to be believed.
		return 0, fmt.Errorf("GET %s lists %s, but GET %s has none of their products; try again later",
			variantsPath, counted(len(listed), "variant", "variants"), productsPath)
	}
	if err := f.page(ctx, found); err != nil {
		return 0, err
	}
	if err := f.dress(ctx, listed); err != nil {
		return 0, err
	}
	for _, p := range found {
		delete(missing, p.ID)
	}
	for _, v := range listed {
		switch {
		case f.has(v) || v.ProductID == 0:
		case missing[v.ProductID]:
			lost++
		default:
			return 0, fmt.Errorf("GET %s lists variant %d of product %d, but the product comes without it; try again when the store is quieter",
				variantsPath, v.ID, v.ProductID)
		}
	}
	return lost, nil
}

// readVariants reads the variants that the query lets through, from the list of their own.
func (f *fetch) readVariants(ctx context.Context, query url.Values) ([]variant, error) {
	list, err := readPages(ctx, f.session, variantsPath, query, f.source.pages.variants, func(a variantAnswer) int64 { return a.ID.value })
	if err != nil {
		return nil, err
	}
	variants := make([]variant, len(list))
	for i := range list {
		if variants[i], err = list[i].variant(f.needs.product); err != nil {
			return nil, fmt.Errorf("GET %s: %w", variantsPath, err)
		}
	}
	return variants, nil
}

// clothe reads the variants of products that come without any, from an API that does not include them.
func (f *fetch) clothe(ctx context.Context, page []product) error {
	bare := map[int64]*product{}
	var ids []int64
	for i := range page {
		if len(page[i].Variants) == 0 {
			bare[page[i].ID] = &page[i]
			ids = append(ids, page[i].ID)
		}
	}
	for chunk := range slices.Chunk(ids, mostIDs) {
		list, err := f.readVariants(ctx, url.Values{"product_id:in": {joined(chunk)}})
		if err != nil {
			return err
		}
		for _, v := range list {
			if of := bare[v.ProductID]; of != nil {
				of.Variants = append(of.Variants, v)
			}
		}
	}
	return nil
}

// reclothe reads products that still lack variants once more. BigCommerce gives each product one at least: one without any
// is no item, and would be gone without a word. It returns the products that there are no more.
func (f *fetch) reclothe(ctx context.Context) (gone []int64, err error) {
	if len(f.bare) == 0 {
		return nil, nil
	}
	gone = slices.Sorted(maps.Keys(f.bare))
	found, err := f.products.byID(ctx, gone)
	if err != nil {
		return nil, err
	}
	if err := f.clothe(ctx, found); err != nil {
		return nil, err
	}
	for _, p := range found {
		if len(p.Variants) == 0 {
			return nil, fmt.Errorf("product %d (%s) comes without any variant, and there is none of it in GET %s: nobody can buy it, and it can be compared with nothing; give it a variant, or delete it",
				p.ID, cmp.Or(p.SKU, p.Name, "without a SKU"), variantsPath)
		}
		gone = slices.DeleteFunc(gone, func(id int64) bool { return id == p.ID })
	}
	return gone, f.page(ctx, found)
}
