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
	"github.com/reconcilehq/reconcile/plugins/sdk/pull"
	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"
)

// fewSuspects is how many products are looked at one by one, rather than listing all that there are.
const fewSuspects = 3 * mostIDs

// verifyProducts makes sure that the copy holds exactly the products of the store. If the store counts another number, it
// finds the products that were deleted, or that were added although their date is old.
func (p *puller) verifyProducts(ctx context.Context) error {
	total, err := p.countProducts(ctx)
	if err != nil || total == p.records.products.Records {
		return err
	}
	if total > p.records.products.Records { // added while this pull went on, most likely
		if err := p.readModified(ctx, p.clock.First(p.began)); err != nil {
			return err
		}
	} else if err := p.rereadWithoutStock(ctx); err != nil {
		return err
	}
	if total, err = p.countProducts(ctx); err != nil || total == p.records.products.Records {
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
	for key := range p.records.Keys(kindStock) {
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
	ID webapi.Whole `json:"id"`
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
	ids := make([]int64, len(list))
	for i, listed := range list {
		ids[i] = listed.id()
	}
	differ, err := pull.Differ(ctx, p.req, kindProduct, ids, idOf)
	if err != nil {
		return err
	}
	if err := p.reread(ctx, differ); err != nil {
		return err
	}
	if n := int64(len(list)); n != p.records.products.Records {
		return fmt.Errorf("the store lists %d products, and the Local Copy would hold %d: %w", n, p.records.products.Records, sdk.ErrNeedFull)
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
		if err != nil || total == p.records.products.Parts+int64(p.facts.Orphans) {
			return err
		}
		if again {
			return p.compareVariants(ctx)
		}
		if err := p.readModified(ctx, p.clock.First(p.began)); err != nil {
			return err
		}
	}
}

// compareVariants reads the store's list of variants. It reads the products again of which the copy holds other variants, and counts the
// orphans anew: when a product is deleted, the store may go on listing its variants.
func (p *puller) compareVariants(ctx context.Context) error {
	listed, err := p.readVariants(ctx, url.Values{})
	if err != nil {
		return err
	}
	differ, err := p.withOtherVariants(ctx, listed)
	if err != nil {
		return err
	}
	if asks, all := len(differ)/mostIDs, int(p.records.products.Records)/p.source.pages.products; asks > max(all, 1) {
		return fmt.Errorf("%s have other variants than the Local Copy holds: %w", counted(len(differ), "product", "products"), sdk.ErrNeedFull)
	}
	if err := p.reread(ctx, differ); err != nil { // of differ, those are left that do not exist
		return err
	}
	orphans := 0
	for _, v := range listed {
		if v.ProductID == 0 || differ[v.ProductID] {
			orphans++
		}
	}
	if orphans != p.facts.Orphans {
		p.facts.Orphans = orphans
		if err := p.into.takeStore(p.facts); err != nil {
			return err
		}
	}
	if want := p.records.products.Parts + int64(orphans); int64(len(listed)) != want {
		return fmt.Errorf("the store lists %d variants, and the Local Copy would hold %d: %w", len(listed), want, sdk.ErrNeedFull)
	}
	return nil
}

// withOtherVariants returns the products of which the copy holds other variants than the list has.
func (p *puller) withOtherVariants(ctx context.Context, listed []variant) (map[int64]bool, error) {
	productOf := make(map[int64]int64, len(listed)) // by variant: those that are not held yet
	for _, v := range listed {
		if v.ProductID != 0 {
			productOf[v.ID] = v.ProductID
		}
	}
	differ := map[int64]bool{}
	for record, err := range p.req.Records(ctx, kindProduct) {
		if err != nil {
			return nil, err
		}
		held, err := productRecords.Read(record.Key, record.Value)
		if err != nil {
			return nil, err
		}
		for _, v := range held.Variants {
			if productOf[v.ID] == held.ID {
				delete(productOf, v.ID)
			} else {
				differ[held.ID] = true
			}
		}
	}
	for _, product := range productOf {
		differ[product] = true
	}
	return differ, nil
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
