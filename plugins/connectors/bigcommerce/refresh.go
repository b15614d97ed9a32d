package bigcommerce

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce/api"
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// refresh reads what has changed since the last pull.
//
// Products are asked for by their date. What a date does not tell is read again: all brands, all stock, and the orders
// that are not imported. The stock's list names every variant that it is kept of, so that it also exposes variants that
// came, went or got another SKU under an old date: their products are read again. In the end the numbers of products and
// of variants have to be those that the store counts.
func (p *puller) refresh(ctx context.Context) error {
	p.seen, p.stocked, p.bare, p.unstocked = map[int64]int64{}, map[stockKey]bool{}, map[int64]product{}, nil
	before, err := p.held(ctx)
	if err != nil {
		return err
	}
	if err := p.readFacts(ctx); err != nil {
		return err
	}
	if err := p.refreshOrders(ctx); err != nil {
		return err
	}
	if err := p.beside(ctx); err != nil {
		return err
	}
	if err := p.sweep(); err != nil {
		return err
	}
	if err := p.modified(ctx, p.base.since()); err != nil {
		return err
	}
	if err := p.exposed(ctx, before); err != nil {
		return err
	}
	if err := p.verifyProducts(ctx); err != nil {
		return err
	}
	if err := p.verifyVariants(ctx); err != nil {
		return err
	}
	if err := p.verifyBare(ctx); err != nil {
		return err
	}
	return p.learnStock(ctx)
}

// held returns the keys of the stock that is held, and recalls what the store said of itself.
func (p *puller) held(ctx context.Context) (map[string]bool, error) {
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

// sweep takes away what is no longer there, of the kinds of which everything was read again.
func (p *puller) sweep() error {
	var kinds []string
	if p.needs.parts[brandNames] {
		kinds = append(kinds, kindBrand)
	}
	if p.needs.parts[stock] {
		kinds = append(kinds, kindStock, kindLocation)
	}
	for _, kind := range kinds {
		if err := p.keep.sweep(kind); err != nil {
			return err
		}
	}
	return nil
}

// modified reads the products that were changed since a time.
func (p *puller) modified(ctx context.Context, since time.Time) error {
	p.products.after = 0
	p.products.filter = url.Values{"date_modified:min": {since.UTC().Format(time.RFC3339)}}
	defer func() { p.products.filter = nil }()
	err := p.products.all(ctx, func(page []product, _ int64) error { return p.change(ctx, page) })
	if api.Refused(err) {
		p.req.Warn("the API does not tell which products have changed since the last pull (%v), so that everything is read", err)
		return fmt.Errorf("the API refuses to say which products have changed: %w", sdk.ErrNeedFull)
	}
	return err
}

// change keeps products as they are now.
func (p *puller) change(ctx context.Context, page []product) error {
	if err := p.clothe(ctx, page); err != nil {
		return err
	}
	ids := make([]int64, len(page))
	for i := range page {
		ids[i] = page[i].ID
		p.changed[page[i].ID] = true
	}
	if err := p.keep.lookUp(ids); err != nil {
		return err
	}
	return p.page(ctx, page)
}

// exposed reads the products again whose variants came, went or got another SKU in the list of the stock, as far as
// they were not read since that list was.
func (p *puller) exposed(ctx context.Context, before map[string]bool) error {
	if !p.needs.parts[stock] {
		return nil
	}
	suspects, now := map[int64]bool{}, p.keep.put[kindStock]
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
	// Single products are asked for in smaller numbers than all of them.
	if asks, all := len(suspects)/mostIDs, int(p.keep.held)/p.source.pages.products; asks > max(all, 1) {
		return fmt.Errorf("the stock of %s came or went: %w", counted(len(suspects), "product", "products"), sdk.ErrNeedFull)
	}
	return p.lookAgain(ctx, suspects)
}

// lookAgain reads single products, and takes those away that there are no more.
func (p *puller) lookAgain(ctx context.Context, which map[int64]bool) error {
	ids := sortedIDs(which)
	if len(ids) == 0 {
		return nil
	}
	if err := p.keep.lookUp(ids); err != nil {
		return err
	}
	found, err := p.products.byID(ctx, ids)
	if err != nil {
		return err
	}
	if err := p.change(ctx, found); err != nil {
		return err
	}
	for _, f := range found {
		delete(which, f.ID)
	}
	return p.keep.drop(sortedIDs(which))
}
