package bigcommerce

import (
	"context"
	"fmt"
	"net/url"

	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce/api"
	"github.com/reconcilehq/reconcile/plugins/sdk/locations"
	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"
)

const inventoryPath = "/v3/inventory/items"

// stockItem is the stock of a variant, or of a product that is tracked as a whole.
type stockItem struct {
	SKU       string
	VariantID int64 // 0: the product as a whole
	ProductID int64
	Locations []locations.Level
}

// stockAnswer is an entry of the inventory as V3 answers it.
type stockAnswer struct {
	Identity struct {
		SKU       webapi.Text  `json:"sku"`
		VariantID webapi.Whole `json:"variant_id"`
		ProductID webapi.Whole `json:"product_id"`
	} `json:"identity"`
	Locations []struct {
		ID        webapi.Whole  `json:"location_id"`
		Name      webapi.Text   `json:"location_name"`
		Enabled   *bool         `json:"location_enabled"`
		Available webapi.Amount `json:"available_to_sell"`
		OnHand    webapi.Amount `json:"total_inventory_onhand"`
	} `json:"locations"`
}

func (a *stockAnswer) Validate() error {
	variant, product := a.Identity.VariantID.Value, a.Identity.ProductID.Value
	if variant < 0 || product < 0 || variant == 0 && product == 0 {
		return fmt.Errorf("it has an entry (SKU %q) that names neither a variant nor a product", a.Identity.SKU.Value)
	}
	for i, l := range a.Locations {
		if !l.ID.Identifies() {
			return fmt.Errorf("the stock of variant %d, product %d, comes with a location without its location_id", variant, product)
		}
		for _, before := range a.Locations[:i] {
			if before.ID == l.ID { // what lies there would count twice
				return fmt.Errorf("the stock of variant %d, product %d, comes with location %d twice", variant, product, l.ID.Value)
			}
		}
	}
	return nil
}

func (a *stockAnswer) item() stockItem {
	item := stockItem{SKU: a.Identity.SKU.Value, VariantID: a.Identity.VariantID.Value, ProductID: a.Identity.ProductID.Value,
		Locations: make([]locations.Level, len(a.Locations))}
	for i, l := range a.Locations {
		item.Locations[i] = locations.Level{ID: l.ID.Value, Name: l.Name.Value, Enabled: l.Enabled, Available: l.Available.Value, OnHand: l.OnHand.Value}
	}
	return item
}

// stockKey names what a quantity belongs to: a variant, or a product that is tracked as a whole.
type stockKey struct {
	variant, product int64
	sku              string // of a product's, where an entry names no variant
}

// quantityOf returns the key for a variant or, if variant is 0, for a product. It does not depend on the SKU.
func quantityOf(product, variant int64) stockKey {
	if variant != 0 {
		return stockKey{variant: variant}
	}
	return stockKey{product: product}
}

func (a stockAnswer) key() stockKey {
	key := quantityOf(a.Identity.ProductID.Value, a.Identity.VariantID.Value)
	if key.variant == 0 {
		key.sku = a.Identity.SKU.Value
	}
	return key
}

// readStock reads the quantities. The catalogue has quantities too, but the vendor does not say clearly what they count
// where there are several locations.
func readStock(ctx context.Context, session *webapi.Session, limit int, query url.Values) ([]stockItem, error) {
	list, err := api.ReadPages(ctx, session, inventoryPath, query, limit, stockAnswer.key)
	items := make([]stockItem, len(list))
	for i := range list {
		items[i] = list[i].item()
	}
	return items, err
}
