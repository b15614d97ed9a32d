package bigcommerce

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/reconcilehq/reconcile/plugins/sdk"
)

const inventoryPath = "/v3/inventory/items"

// stockItem is something whose stock the store keeps: a variant, or a product that is tracked as a whole.
type stockItem struct {
	Identity struct {
		SKU       string `json:"sku"`
		VariantID int64  `json:"variant_id"`
		ProductID int64  `json:"product_id"`
	} `json:"identity"`
	Locations []stockLevel `json:"locations"`
}

type stockLevel struct {
	ID        int64        `json:"location_id"`
	Name      string       `json:"location_name"`
	Available *sdk.Decimal `json:"available_to_sell"`
	OnHand    *sdk.Decimal `json:"total_inventory_onhand"`
}

type stockKey struct {
	variant, product int64
	sku              string
}

func (i stockItem) key() stockKey {
	if i.Identity.VariantID != 0 {
		return stockKey{variant: i.Identity.VariantID}
	}
	return stockKey{product: i.Identity.ProductID, sku: i.Identity.SKU}
}

// stockBook knows the quantities.
type stockBook struct {
	session   *session
	limit     int // of a page
	locations []int64
	onHand    bool
	byVariant map[int64]sdk.Decimal
	byProduct map[int64]sdk.Decimal // of products that are tracked as a whole
	unknown   int                   // variants whose stock is tracked, but of which there is no quantity
}

// readStock reads all quantities. The catalogue has quantities too, but the vendor does not say clearly what they
// count where there are several locations.
func (s *Source) readStock(ctx context.Context, session *session) (*stockBook, error) {
	b := &stockBook{session: session, limit: s.pages.stock, locations: s.Locations, onHand: s.Quantity == "on_hand",
		byVariant: map[int64]sdk.Decimal{}, byProduct: map[int64]sdk.Decimal{}}
	items, err := b.ask(ctx, url.Values{})
	if err != nil {
		return nil, err
	}
	return b, b.knowLocations(items)
}

// learn asks for the quantities of items that are not known: those that were added since, or that slipped through when
// the list shifted.
func (b *stockBook) learn(ctx context.Context, rows []row) error {
	variants, products := map[int64]bool{}, map[int64]bool{}
	for _, made := range rows {
		if _, known := b.of(made.product, made.variant); known {
			continue
		}
		variants[made.variant.ID] = true
		if made.product.Tracking == "product" {
			products[made.product.ID] = true
		}
	}
	for filter, ids := range map[string]map[int64]bool{"variant_id:in": variants, "product_id:in": products} {
		for chunk := range slices.Chunk(slices.Sorted(maps.Keys(ids)), mostIDs) {
			if _, err := b.ask(ctx, url.Values{filter: {joined(chunk)}}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *stockBook) ask(ctx context.Context, query url.Values) ([]stockItem, error) {
	items, err := readPages(ctx, b.session, inventoryPath, query, b.limit, stockItem.key)
	for _, item := range items {
		if item.Identity.VariantID != 0 {
			b.byVariant[item.Identity.VariantID] = b.sum(item)
		} else {
			b.byProduct[item.Identity.ProductID] = b.sum(item)
		}
	}
	return items, err
}

// sum adds up what lies at the locations that count.
func (b *stockBook) sum(item stockItem) (sum sdk.Decimal) {
	for _, level := range item.Locations {
		units := level.Available
		if b.onHand {
			units = level.OnHand
		}
		if units != nil && (len(b.locations) == 0 || slices.Contains(b.locations, level.ID)) {
			sum = sum.Add(*units)
		}
	}
	return sum
}

// knowLocations fails where a location was asked for that nothing lies at: a wrong number would make every quantity 0.
func (b *stockBook) knowLocations(items []stockItem) error {
	if len(items) == 0 {
		return nil
	}
	names := map[int64]string{}
	for _, item := range items {
		for _, level := range item.Locations {
			names[level.ID] = level.Name
		}
	}
	for _, id := range b.locations {
		if _, ok := names[id]; !ok {
			var there []string
			for _, id := range slices.Sorted(maps.Keys(names)) {
				there = append(there, fmt.Sprintf("%d (%s)", id, names[id]))
			}
			return fmt.Errorf("locations: no stock is kept at location %d; stock is kept at %s", id, strings.Join(there, ", "))
		}
	}
	return nil
}

// of returns the quantity of a variant, nil where stock is not tracked, and whether it is known. Variants of a product
// that is tracked as a whole all have the product's.
func (b *stockBook) of(p *product, v *variant) (units *sdk.Decimal, known bool) {
	if !p.tracked() {
		return nil, true
	}
	if units, ok := b.byVariant[v.ID]; ok {
		return &units, true
	}
	if units, ok := b.byProduct[p.ID]; ok && p.Tracking == "product" {
		return &units, true
	}
	return nil, false
}
