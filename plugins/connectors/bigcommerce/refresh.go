package bigcommerce

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"
)

// refresh reads what has changed since the last pull.
//
// Products are asked for by their date of change. What has no such date is read again: all brands, all stock, and the
// orders that are not imported. The list of the stock names each variant whose stock is tracked. So it also shows which
// variants were added, deleted or got another SKU although their product's date is old: those products are read again. In
// the end the numbers of products and of variants have to be those that the store counts.
func (p *puller) refresh(ctx context.Context) error {
	p.seen, p.stocked, p.withoutVariants, p.unstocked = map[int64]int64{}, map[stockKey]bool{}, map[int64]product{}, nil
	before, err := p.heldStock(ctx)
	if err != nil {
		return err
	}
	if err := p.readFacts(ctx); err != nil {
		return err
	}
	if err := p.refreshOrders(ctx); err != nil {
		return err
	}
	if err := p.readBrandsAndStock(ctx); err != nil {
		return err
	}
	if err := p.sweep(ctx); err != nil {
		return err
	}
	if err := p.readModified(ctx, p.base.since()); err != nil {
		return err
	}
	if err := p.rereadByStock(ctx, before); err != nil {
		return err
	}
	if err := p.verifyProducts(ctx); err != nil {
		return err
	}
	if err := p.verifyVariants(ctx); err != nil {
		return err
	}
	if err := p.verifyWithoutVariants(ctx); err != nil {
		return err
	}
	return p.learnStock(ctx)
}

// heldStock returns the keys of the stock records that the copy holds. It also loads the store's facts from the copy.
func (p *puller) heldStock(ctx context.Context) (map[string]bool, error) {
	facts, err := p.req.Get(ctx, kindStore, storeKey)
	if err != nil {
		return nil, err
	}
	if value, ok := facts[storeKey]; ok {
		if p.facts, err = decodeStore(value); err != nil {
			return nil, err
		}
	}
	keys := map[string]bool{}
	for key, err := range p.req.Keys(ctx, kindStock) {
		if err != nil {
			return nil, err
		}
		keys[key] = true
	}
	return keys, nil
}

// sweep deletes the records that no longer exist in the store, of the kinds that were read in full.
func (p *puller) sweep(ctx context.Context) error {
	var kinds []string
	if p.needs.parts[brandNames] {
		kinds = append(kinds, kindBrand)
	}
	if p.needs.parts[stock] {
		kinds = append(kinds, kindStock, kindLocation)
	}
	for _, kind := range kinds {
		if err := p.records.Sweep(ctx, kind); err != nil {
			return err
		}
	}
	return nil
}

// readModified reads the products that were changed at since or later.
func (p *puller) readModified(ctx context.Context, since time.Time) error {
	p.products.list.After = 0
	p.products.filter = url.Values{"date_modified:min": {since.UTC().Format(time.RFC3339)}}
	defer func() { p.products.filter = nil }()
	err := p.products.all(ctx, func(page []product, _ int64) error { return p.replaceProducts(ctx, page) })
	if webapi.Refused(err) {
		p.req.Warn("the API does not tell which products have changed since the last pull (%v), so that everything is read", err)
		return fmt.Errorf("the API refuses to say which products have changed: %w", sdk.ErrNeedFull)
	}
	return err
}

// replaceProducts writes the products to the copy, in place of their earlier state.
func (p *puller) replaceProducts(ctx context.Context, page []product) error {
	if err := p.loadVariants(ctx, page); err != nil {
		return err
	}
	ids := make([]int64, len(page))
	for i := range page {
		ids[i] = page[i].ID
		p.changed[page[i].ID] = true
	}
	if err := p.records.lookUp(ctx, ids); err != nil {
		return err
	}
	return p.page(ctx, page)
}

// rereadByStock reads products again whose variants were added, deleted or got another SKU in the list of the stock. before
// has the keys of the stock records before this pull. Products that this pull has read already are left out.
func (p *puller) rereadByStock(ctx context.Context, before map[string]bool) error {
	if !p.needs.parts[stock] {
		return nil
	}
	suspects, now := map[int64]bool{}, p.records.Keys(kindStock)
	for _, keys := range []struct{ all, but map[string]bool }{{before, now}, {now, before}} {
		for key := range keys.all {
			if keys.but[key] {
				continue
			}
			id, _, _, err := stockKeyOf(key)
			if err != nil {
				return err
			}
			if id != 0 && !p.changed[id] {
				suspects[id] = true
			}
		}
	}
	// A request for single products returns fewer of them than a page of the whole catalogue.
	if asks, all := len(suspects)/mostIDs, int(p.records.products.Records)/p.source.pages.products; asks > max(all, 1) {
		return fmt.Errorf("the stock of %s came or went: %w", counted(len(suspects), "product", "products"), sdk.ErrNeedFull)
	}
	return p.reread(ctx, suspects)
}

// reread reads single products, and deletes those that no longer exist from the copy. It changes which.
func (p *puller) reread(ctx context.Context, which map[int64]bool) error {
	ids := sortedIDs(which)
	if len(ids) == 0 {
		return nil
	}
	if err := p.records.lookUp(ctx, ids); err != nil {
		return err
	}
	found, err := p.products.byID(ctx, ids)
	if err != nil {
		return err
	}
	if err := p.replaceProducts(ctx, found); err != nil {
		return err
	}
	for _, f := range found {
		delete(which, f.ID)
	}
	return p.records.drop(sortedIDs(which))
}
