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
	byVariant map[int64]sdk.Decimal
	byProduct map[int64]sdk.Decimal // of products that are tracked as a whole
	unknown   int                   // variants whose stock is tracked, but of which there is no quantity
}

// readStock reads all quantities. The catalogue has quantities too, but the vendor does not say clearly what they
// count where there are several locations.
func (s *Source) readStock(ctx context.Context, session *session) (*stockBook, error) {
	items, err := readPages(ctx, session, inventoryPath, url.Values{}, 1000, stockItem.key)
	if err != nil {
		return nil, err
	}
	if err := s.knowLocations(items); err != nil {
		return nil, err
	}
	b := &stockBook{byVariant: make(map[int64]sdk.Decimal, len(items)), byProduct: map[int64]sdk.Decimal{}}
	for _, item := range items {
		var sum sdk.Decimal
		for _, level := range item.Locations {
			units := level.Available
			if s.Quantity == "on_hand" {
				units = level.OnHand
			}
			if units != nil && (len(s.Locations) == 0 || slices.Contains(s.Locations, level.ID)) {
				sum = sum.Add(*units)
			}
		}
		if item.Identity.VariantID != 0 {
			b.byVariant[item.Identity.VariantID] = sum
		} else {
			b.byProduct[item.Identity.ProductID] = sum
		}
	}
	return b, nil
}

// knowLocations fails where a location was asked for that nothing lies at: a wrong number would make every quantity 0.
func (s *Source) knowLocations(items []stockItem) error {
	if len(s.Locations) == 0 || len(items) == 0 {
		return nil
	}
	names := map[int64]string{}
	for _, item := range items {
		for _, level := range item.Locations {
			names[level.ID] = level.Name
		}
	}
	for _, id := range s.Locations {
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

// of returns the quantity of a variant; nil where stock is not tracked, or not known. Variants of a product that is
// tracked as a whole all have the product's.
func (b *stockBook) of(p *product, v *variant) *sdk.Decimal {
	if !p.tracked() {
		return nil
	}
	units, ok := b.byVariant[v.ID]
	if !ok && p.Tracking == "product" {
		units, ok = b.byProduct[p.ID]
	}
	if !ok {
		b.unknown++
		return nil
	}
	return &units
}
