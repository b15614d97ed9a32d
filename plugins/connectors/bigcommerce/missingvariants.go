package bigcommerce

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"

	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce/api"
	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"
)

// complete makes sure that no variant is missing. It compares the number of variants received with the number that the
// store counts. If they differ, it reads the store's list of variants and explains each one that is missing.
func (f *fetch) complete(ctx context.Context) error {
	total, err := countVariants(ctx, f.session)
	if err != nil || total == int64(len(f.seen)) {
		return err
	}
	listed, err := f.readVariants(ctx, url.Values{})
	if err != nil {
		return err
	}
	if err := f.passOnWithVariants(ctx, listed); err != nil {
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

// passOnWithVariants passes on again the products that came without variants, with their variants from the list. Some APIs
// leave base variants, or all variants, out of the products.
func (f *fetch) passOnWithVariants(ctx context.Context, listed []variant) error {
	if len(f.withoutVariants) == 0 {
		return nil
	}
	byProduct := map[int64][]variant{}
	for _, v := range listed {
		if _, ok := f.withoutVariants[v.ProductID]; ok {
			byProduct[v.ProductID] = append(byProduct[v.ProductID], v)
		}
	}
	var page []product
	for _, id := range slices.Sorted(maps.Keys(byProduct)) {
		p := f.withoutVariants[id]
		p.Variants = byProduct[id]
		page = append(page, p)
	}
	return f.page(ctx, page)
}

// recover reads the products that were added, or got variants, while the catalogue was read. lost is the number of
// variants whose product does not exist.
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
	if err := f.passOnWithVariants(ctx, listed); err != nil {
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

// readVariants reads the store's list of variants, filtered by the query.
func (f *fetch) readVariants(ctx context.Context, query url.Values) ([]variant, error) {
	list, err := api.ReadPages(ctx, f.session, variantsPath, query, f.source.pages.variants, func(a variantAnswer) int64 { return a.ID.Value })
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

// loadVariants fills in the variants of those products of the page that have none, from the store's list of variants.
func (f *fetch) loadVariants(ctx context.Context, page []product) error {
	without := map[int64]*product{}
	var ids []int64
	for i := range page {
		if len(page[i].Variants) == 0 {
			without[page[i].ID] = &page[i]
			ids = append(ids, page[i].ID)
		}
	}
	for chunk := range slices.Chunk(ids, mostIDs) {
		list, err := f.readVariants(ctx, url.Values{"product_id:in": {joined(chunk)}})
		if err != nil {
			return err
		}
		for _, v := range list {
			if p := without[v.ProductID]; p != nil {
				p.Variants = append(p.Variants, v)
			}
		}
	}
	return nil
}

// reloadWithoutVariants reads the products that still have no variants once more. BigCommerce gives each product at least
// one variant. A product without any would make no item and be lost silently, so it is an error. gone lists the products
// that do not exist any more.
func (f *fetch) reloadWithoutVariants(ctx context.Context) (gone []int64, err error) {
	if len(f.withoutVariants) == 0 {
		return nil, nil
	}
	gone = slices.Sorted(maps.Keys(f.withoutVariants))
	found, err := f.products.byID(ctx, gone)
	if err != nil {
		return nil, err
	}
	if err := f.loadVariants(ctx, found); err != nil {
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

// countVariants asks how many variants the store has, including those of deleted products.
func countVariants(ctx context.Context, session *webapi.Session) (int64, error) {
	return api.Count(ctx, session, variantsPath, url.Values{"include_fields": {"product_id"}})
}
