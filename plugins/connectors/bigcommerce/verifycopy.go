package bigcommerce

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"

	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce/api"
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// fewSuspects is how many products are looked at one by one, rather than listing all that there are.
const fewSuspects = 3 * mostIDs

// verifyProducts makes sure that the copy holds exactly the products of the store. If the store counts another number, it
// finds the products that were deleted, or that were added although their date is old.
func (p *puller) verifyProducts(ctx context.Context) error {
	total, err := p.countProducts(ctx)
	if err != nil || total == p.records.productCount {
		return err
	}
	if total > p.records.productCount { // added while this pull went on, most likely
		if err := p.readModified(ctx, p.clock.first(p.began)); err != nil {
			return err
		}
	} else if err := p.rereadWithoutStock(ctx); err != nil {
		return err
	}
	if total, err = p.countProducts(ctx); err != nil || total == p.records.productCount {
		return err
	}
	return p.compare(ctx)
}

func (p *puller) countProducts(ctx context.Context) (int64, error) {
	return api.Count(ctx, p.session, productsPath, url.Values{"include_fields": {"sku"}})
}

// rereadWithoutStock reads the products again that the list of the stock does not name: deleted ones are among them. If
// there are more than fewSuspects it does nothing.
func (p *puller) rereadWithoutStock(ctx context.Context) error {
	if !p.needs.parts[stock] {
		return nil
	}
	stocked := map[int64]bool{}
	for key := range p.records.put[kindStock] {
		id, _, _, err := stockKeyOf(key)
		if err != nil {
			return err
		}
		stocked[id] = true
	}
	suspects := map[int64]bool{}
	for key, err := range p.req.Keys(ctx, kindProduct) {
		if err != nil {
			return err
		}
		id, err := idOf(key)
		if err != nil {
			return err
		}
		if !stocked[id] {
			suspects[id] = true
		}
		if len(suspects) > fewSuspects {
			return nil
		}
	}
	return p.reread(ctx, suspects)
}

// listedProduct is a product of which only the identifier matters.
type listedProduct struct {
	ID api.Whole `json:"id"`
}

func (l listedProduct) id() int64 { return l.ID.Value }

func (l *listedProduct) Validate() error {
	if !l.ID.Identifies() {
		return errors.New("it has a product without its id")
	}
	return nil
}

// compare reads the identifiers of all products. It reads those that the copy lacks, and deletes those that the store lacks.
func (p *puller) compare(ctx context.Context) error {
	list, err := api.ReadPages(ctx, p.session, productsPath, url.Values{"include_fields": {"sku"}}, p.source.pages.products, listedProduct.id)
	if err != nil {
		return err
	}
	differ := map[int64]bool{}
	for _, listed := range list {
		differ[listed.id()] = true
	}
	for key, err := range p.req.Keys(ctx, kindProduct) {
		if err != nil {
			return err
		}
		id, err := idOf(key)
		if err != nil {
			return err
		}
		if differ[id] {
			delete(differ, id)
		} else {
			differ[id] = true
		}
	}
	if err := p.reread(ctx, differ); err != nil {
		return err
	}
	if n := int64(len(list)); n != p.records.productCount {
		return fmt.Errorf("the store lists %d products, and the Local Copy would hold %d: %w", n, p.records.productCount, sdk.ErrNeedFull)
	}
	return nil
}

// verifyVariants makes sure that the copy holds as many variants as the store counts. If each variant has a stock of its
// own, the list of the stock has shown that already.
func (p *puller) verifyVariants(ctx context.Context) error {
	if p.next.Covered && p.uncovered == 0 {
		return nil
	}
	for again := false; ; again = true {
		total, err := countVariants(ctx, p.session)
		want := p.records.variantCount + int64(p.facts.Orphans)
		if err != nil || total == want {
			return err
		}
		if again {
			return fmt.Errorf("the store counts %d variants, and the Local Copy would hold %d: %w", total, want, sdk.ErrNeedFull)
		}
		if err := p.readModified(ctx, p.clock.first(p.began)); err != nil {
			return err
		}
	}
}

// verifyWithoutVariants makes sure that each product has a variant. It deletes the products that the store deleted while
// this pull went on.
func (p *puller) verifyWithoutVariants(ctx context.Context) error {
	gone, err := p.reloadWithoutVariants(ctx)
	if err != nil || len(gone) == 0 {
		return err
	}
	return p.records.drop(gone)
}

func sortedIDs(ids map[int64]bool) []int64 { return slices.Sorted(maps.Keys(ids)) }
