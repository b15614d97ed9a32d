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

// stockKey is what a quantity is of: a variant, or a product that is tracked as a whole.
type stockKey struct {
	variant, product int64
	sku              string // of a product's, where an entry names no variant
}

// quantityOf is the key of what a quantity is of, whatever its SKU.
func quantityOf(product, variant int64) stockKey {
	if variant != 0 {
		return stockKey{variant: variant}
	}
	return stockKey{product: product}
}

func (i stockItem) key() stockKey {
	if i.Identity.VariantID != 0 {
		return stockKey{variant: i.Identity.VariantID}
	}
	return stockKey{product: i.Identity.ProductID, sku: i.Identity.SKU}
}

// location is a place where stock is kept.
type location struct {
	ID   int64
	Name string
}

// readStock reads all quantities. The catalogue has quantities too, but the vendor does not say clearly what they
// count where there are several locations.
func readStock(ctx context.Context, session *session, limit int, query url.Values) ([]stockItem, error) {
	return readPages(ctx, session, inventoryPath, query, limit, stockItem.key)
}

// stockBook knows the quantities.
type stockBook struct {
	locations []int64 // those that count; all if there are none
	onHand    bool
	names     map[int64]string // of the locations that there are
	byVariant map[int64]sdk.Decimal
	byProduct map[int64]sdk.Decimal // of products that are tracked as a whole
}

func newStockBook(locations []int64, onHand bool) *stockBook {
	return &stockBook{locations: locations, onHand: onHand, names: map[int64]string{},
		byVariant: map[int64]sdk.Decimal{}, byProduct: map[int64]sdk.Decimal{}}
}

func (b *stockBook) add(item stockItem) {
	if item.Identity.VariantID != 0 {
		b.byVariant[item.Identity.VariantID] = b.sum(item)
	} else {
		b.byProduct[item.Identity.ProductID] = b.sum(item)
	}
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

// knowLocations fails where a location counts that nothing lies at: a wrong number would make every quantity 0.
func (b *stockBook) knowLocations() error {
	if len(b.names) == 0 {
		return nil // no stock is kept at all
	}
	for _, id := range b.locations {
		if _, ok := b.names[id]; !ok {
			var there []string
			for _, id := range slices.Sorted(maps.Keys(b.names)) {
				there = append(there, fmt.Sprintf("%d (%s)", id, b.names[id]))
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
	if units, ok := b.byProduct[p.ID]; ok && p.Tracking == trackedAsWhole {
		return &units, true
	}
	return nil, false
}
