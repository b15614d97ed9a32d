package bigcommerce

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce/edit"
	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"
)

// How much stands in one address at most: as many identifiers as a page has products, and so many bytes of SKUs.
const (
	inAddress      = 250
	bytesInAddress = 4000
	fewLookups     = 100 // that are made one by one; for more of them, the whole list of variants is read
)

func (p *product) place(v *variant) edit.Place {
	return edit.Place{Product: p.ID, Variant: v.ID, Base: v.isBase() && len(p.Variants) == 1}
}

// Find implements edit.Store. It asks the inventory for what is known by its SKU alone, and tells all of it that is tracked. Then it asks
// for products by SKU, which finds all simple ones, then the inventory by identifiers, and last the list of variants.
func (l *looking) Find(ctx context.Context, refs []sdk.Ref, fields []string) (map[sdk.Ref]edit.Place, error) {
	found := map[sdk.Ref]edit.Place{}
	l.remembered(refs, found)
	if err := l.findInStockBySKU(ctx, missing(refs, found), found); err != nil {
		return nil, err
	}
	if err := l.findBySKU(ctx, missing(refs, found), fields, found); err != nil {
		return nil, err
	}
	if err := l.findInStock(ctx, missing(refs, found), found); err != nil {
		return nil, err
	}
	return found, l.findVariants(ctx, missing(refs, found), found)
}

func missing(refs []sdk.Ref, found map[sdk.Ref]edit.Place) (rest []sdk.Ref) {
	for _, ref := range refs {
		if _, ok := found[ref]; !ok {
			rest = append(rest, ref)
		}
	}
	return rest
}

// remembered adds the items whose place is known since earlier.
func (l *looking) remembered(refs []sdk.Ref, found map[sdk.Ref]edit.Place) {
	for _, ref := range refs {
		if id, err := idOf(ref.ID); err == nil {
			if place, ok := l.source.places.get(id); ok {
				found[ref] = place
			}
		}
	}
}

// bySKU returns the items that can be asked for by SKU, and their SKUs. In a list of SKUs, one with a comma would be two.
func bySKU(refs []sdk.Ref) (by map[string]sdk.Ref, skus []string) {
	by = map[string]sdk.Ref{}
	for _, ref := range refs {
		if ref.SKU != "" && !strings.Contains(ref.SKU, ",") {
			by[ref.SKU] = ref
			skus = append(skus, ref.SKU)
		}
	}
	return by, skus
}

// findInStockBySKU adds the items that the inventory lists with the SKUs, each with one, and keeps their stock.
func (l *looking) findInStockBySKU(ctx context.Context, refs []sdk.Ref, found map[sdk.Ref]edit.Place) error {
	by, skus := bySKU(slices.DeleteFunc(slices.Clone(refs), func(ref sdk.Ref) bool { return ref.ID != "" }))
	places := map[sdk.Ref][]edit.Place{}
	for chunk := range addresses(skus) {
		items, err := readStock(ctx, l.session, l.source.pages.stock, url.Values{"sku:in": {strings.Join(chunk, ",")}})
		if webapi.Forbidden(err) {
			return nil
		}
		if err != nil {
			return err
		}
		for _, item := range items {
			if ref, asked := by[item.SKU]; asked && item.VariantID != 0 && item.ProductID != 0 {
				places[ref] = append(places[ref], edit.Place{Product: item.ProductID, Variant: item.VariantID})
				l.stock = append(l.stock, item)
			}
		}
	}
	for ref, at := range places {
		if len(at) == 1 { // of several, one is of a product that was deleted
			found[ref] = at[0]
		}
	}
	return nil
}

// findBySKU adds the items of the products that have the SKUs. It keeps what it reads of them, for items with these fields.
func (l *looking) findBySKU(ctx context.Context, refs []sdk.Ref, fields []string, found map[sdk.Ref]edit.Place) error {
	by, skus := bySKU(refs)
	needs := needsOf(fields)
	reader := productReader{session: l.session, asked: needs.product, fields: needs.product, limit: l.source.pages.products}
	if l.early == nil {
		l.early = map[int64]product{}
	}
	for chunk := range addresses(skus) {
		list, err := reader.page(ctx, 1, url.Values{"sku:in": {strings.Join(chunk, ",")}, "limit": {strconv.Itoa(inAddress)}})
		if err != nil {
			return err
		}
		f, page := l.source.newFetch(l.session, needs, nil), list.Items
		if err := f.loadVariants(ctx, page); err != nil {
			return err
		}
		for i := range page {
			l.early[page[i].ID] = page[i]
			for j := range page[i].Variants {
				v := &page[i].Variants[j]
				place := page[i].place(v)
				l.source.places.put(place)
				if ref, asked := by[page[i].skuOf(v)]; asked && ref.ID == "" {
					found[ref] = place
				}
			}
		}
	}
	l.remembered(refs, found)
	return nil
}

// addresses divides SKUs so that each part fits into an address.
func addresses(skus []string) func(func([]string) bool) {
	return func(yield func([]string) bool) {
		for len(skus) > 0 {
			n, size := 0, 0
			for n < len(skus) && n < inAddress && (n == 0 || size+len(url.QueryEscape(skus[n]))+3 <= bytesInAddress) {
				size += len(url.QueryEscape(skus[n])) + 3
				n++
			}
			if !yield(skus[:n]) {
				return
			}
			skus = skus[n:]
		}
	}
}

// findInStock adds the items that the inventory lists by their variants.
func (l *looking) findInStock(ctx context.Context, refs []sdk.Ref, found map[sdk.Ref]edit.Place) error {
	var ids []int64
	for _, ref := range refs {
		if id, err := idOf(ref.ID); err == nil {
			ids = append(ids, id)
		}
	}
	if len(ids) < 2 {
		return nil // the list of variants knows it for sure
	}
	for chunk := range slices.Chunk(ids, inAddress) {
		items, err := readStock(ctx, l.session, l.source.pages.stock, url.Values{"variant_id:in": {joined(chunk)}})
		if webapi.Forbidden(err) {
			return nil
		}
		if err != nil {
			return err
		}
		for _, item := range items {
			if item.VariantID != 0 && item.ProductID != 0 {
				l.source.places.put(edit.Place{Product: item.ProductID, Variant: item.VariantID})
			}
		}
	}
	l.remembered(refs, found)
	return nil
}

// findVariants adds the items that the list of variants has: it is asked for each, or, if there are many, read whole.
func (l *looking) findVariants(ctx context.Context, refs []sdk.Ref, found map[sdk.Ref]edit.Place) error {
	f := l.source.newFetch(l.session, needsOf(nil), nil)
	queries := make([]url.Values, len(refs))
	for i, ref := range refs {
		queries[i] = url.Values{"id": {ref.ID}}
		if ref.ID == "" {
			queries[i] = url.Values{"sku": {ref.SKU}}
		}
	}
	if len(refs) > fewLookups {
		queries = []url.Values{{}}
	}
	bySKU := map[string]edit.Place{}
	for _, query := range queries {
		list, err := f.readVariants(ctx, query)
		if err != nil {
			return err
		}
		for i := range list {
			if v := &list[i]; v.ProductID != 0 {
				place := edit.Place{Product: v.ProductID, Variant: v.ID, Base: v.isBase()}
				l.source.places.put(place)
				bySKU[v.SKU] = place
			}
		}
	}
	l.remembered(refs, found)
	for _, ref := range refs {
		if place, ok := bySKU[ref.SKU]; ok && ref.ID == "" && ref.SKU != "" {
			found[ref] = place
		}
	}
	return nil
}
