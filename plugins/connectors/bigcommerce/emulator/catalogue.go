package emulator

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"reflect"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// Catalog is a store: what Load reads from JSON and a Server serves. Identifiers that are left out are given in order;
// a product without variants gets the base variant that every product without options has. In JSON:
//
//	{
//	  "store":     {"name": "My shop", "currency": "CAD"},
//	  "locations": [{"id": 1, "name": "Main"}],
//	  "products": [
//	    {"sku": "B-1", "name": "Bell", "brand": "Dingdong", "price": 9.95, "stock": 4},
//	    {"sku": "T", "name": "T-shirt", "price": 20, "variants": [
//	      {"sku": "T-S", "options": {"Size": "S"}, "stock": {"1": 3}},
//	      {"sku": "T-XL", "options": {"Size": "XL"}, "price": 22, "stock": {"1": {"on_hand": 5, "safety_stock": 2}}}]},
//	    {"sku": "GIFT", "name": "Gift card", "price": 50, "tracking": "none"}
//	  ],
//	  "orders": [{"id": 1001, "status": "Awaiting Fulfillment", "lines": [{"sku": "T-S", "quantity": 1}]}]
//	}
type Catalog struct {
	Store     Store       `json:"store"`
	Locations []*Location `json:"locations,omitempty"` // one, "Main", if none is given
	Brands    []*Brand    `json:"brands,omitempty"`    // those that products name need not stand here
	Products  []*Product  `json:"products"`
	Orphans   []*Variant  `json:"orphans,omitempty"` // variants that belong to no product
	Orders    []*Order    `json:"orders,omitempty"`
}

// Store is what the store says of itself. What is left out has a plain default.
type Store struct {
	Name           string `json:"name"`
	Currency       string `json:"currency"`
	NoCurrency     bool   `json:"no_currency"` // the API answers an empty currency
	Domain         string `json:"domain"`
	Status         string `json:"status"`
	Plan           string `json:"plan"`
	Timezone       string `json:"timezone"`
	WeightUnits    string `json:"weight_units"`
	DimensionUnits string `json:"dimension_units"`
	PricesWithTax  bool   `json:"prices_with_tax"`

	// UpdateStock is when an order takes its units out of stock: "order_placed" or "order_completed_or_shipped".
	UpdateStock string `json:"update_stock"`
}

// Location is a place where stock is kept.
type Location struct {
	ID       int64  `json:"id"`
	Name     string `json:"name"`
	Code     string `json:"code,omitempty"`
	Disabled bool   `json:"disabled,omitempty"`
}

// Brand is a brand of products.
type Brand struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// Product is a product with its variants.
type Product struct {
	ID    int64            `json:"id"`
	SKU   string           `json:"sku"`
	Name  string           `json:"name"`
	Brand string           `json:"brand,omitempty"` // its name
	Price catalog.Decimal  `json:"price"`
	Sale  *catalog.Decimal `json:"sale_price,omitempty"` // the API answers 0 for prices that are left out
	Cost  *catalog.Decimal `json:"cost_price,omitempty"`

	Retail *catalog.Decimal `json:"retail_price,omitempty"`
	Weight *catalog.Decimal `json:"weight,omitempty"`
	Width  *catalog.Decimal `json:"width,omitempty"`
	Height *catalog.Decimal `json:"height,omitempty"`
	Depth  *catalog.Decimal `json:"depth,omitempty"`

	// Tracking is "none", "product" or "variant"; left out, it is "variant" for a product with variants and otherwise
	// "product".
	Tracking string `json:"tracking,omitempty"`
	Stock    Stock  `json:"stock,omitempty"` // where Tracking is "product"
	UPC      string `json:"upc,omitempty"`
	Bin      string `json:"bin,omitempty"`
	Hidden   bool   `json:"hidden,omitempty"`
	// Availability is "available" if left out, or "preorder" or "disabled".
	Availability string `json:"availability,omitempty"`

	Path     string `json:"path,omitempty"`     // of its page: "/bell/"
	Modified string `json:"modified,omitempty"` // RFC 3339

	BaseVariantID int64      `json:"base_variant_id,omitempty"` // of a product without variants
	Variants      []*Variant `json:"variants,omitempty"`

	// Bare is a product without any variant, not even a base variant, as there should be none.
	Bare bool `json:"bare,omitempty"`
	// BaseWithoutSKU is a product whose base variant does not repeat its SKU.
	BaseWithoutSKU bool `json:"base_without_sku,omitempty"`

	base     *Variant // in place of Variants, where there are none
	brandKey string   // what its brand is found by
	modified time.Time
}

// Variant is one sellable variant of a product. What is left out is the product's.
type Variant struct {
	ID      int64             `json:"id"`
	SKU     string            `json:"sku"`
	Options map[string]string `json:"options,omitempty"` // name to value
	Price   *catalog.Decimal  `json:"price,omitempty"`
	Sale    *catalog.Decimal  `json:"sale_price,omitempty"`
	Cost    *catalog.Decimal  `json:"cost_price,omitempty"`
	Retail  *catalog.Decimal  `json:"retail_price,omitempty"`
	Weight  *catalog.Decimal  `json:"weight,omitempty"`
	Width   *catalog.Decimal  `json:"width,omitempty"`
	Height  *catalog.Decimal  `json:"height,omitempty"`
	Depth   *catalog.Decimal  `json:"depth,omitempty"`
	Stock   Stock             `json:"stock,omitempty"` // where the product's tracking is "variant"
	UPC     string            `json:"upc,omitempty"`
	Bin     string            `json:"bin,omitempty"`

	product *Product // nil for an orphan
}

// Order is an order with its lines.
type Order struct {
	ID       int64   `json:"id"`
	Status   string  `json:"status"` // its name or its number
	Created  string  `json:"created,omitempty"`
	Modified string  `json:"modified,omitempty"`
	Archived bool    `json:"archived,omitempty"`
	Lines    []*Line `json:"lines"`

	// Currency is what the customer pays in, the store's if it is left out. TaxRate is what tax adds: 0.13 is 13 %. Shipping is without
	// tax. Coupon is what a coupon has taken off, beside the discounts of the lines.
	Currency string          `json:"currency,omitempty"`
	TaxRate  catalog.Decimal `json:"tax_rate,omitzero"`
	Shipping catalog.Decimal `json:"shipping,omitzero"`
	Coupon   catalog.Decimal `json:"coupon,omitzero"`
	Note     string          `json:"note,omitempty"`    // of the staff
	Message  string          `json:"message,omitempty"` // of the customer
	Customer *Person         `json:"customer,omitempty"`
	ShipTo   *Person         `json:"ship_to,omitempty"` // the customer if it is left out

	status   int
	modified time.Time
}

// Person is somebody with an address.
type Person struct {
	FirstName string `json:"first_name,omitempty"`
	LastName  string `json:"last_name,omitempty"`
	Company   string `json:"company,omitempty"`
	Street    string `json:"street,omitempty"`
	City      string `json:"city,omitempty"`
	State     string `json:"state,omitempty"`
	Zip       string `json:"zip,omitempty"`
	Country   string `json:"country,omitempty"`
	Phone     string `json:"phone,omitempty"`
	Email     string `json:"email,omitempty"`
}

// Line is a line of an order. Without identifiers it is for the variant that has the SKU now, if there is one.
type Line struct {
	SKU       string `json:"sku"`
	ProductID int64  `json:"product_id,omitempty"`
	VariantID int64  `json:"variant_id,omitempty"`
	Quantity  int64  `json:"quantity"`
	Shipped   int64  `json:"shipped,omitempty"`
	Refunded  int64  `json:"refunded,omitempty"`
	// Name is the SKU if it is left out. Price is of one unit, without tax; if it is left out it is the item's present one. Discount is what
	// was taken off the whole line.
	Name     string           `json:"name,omitempty"`
	Price    *catalog.Decimal `json:"price,omitempty"`
	Discount catalog.Decimal  `json:"discount,omitzero"`
	// Custom is a line that was written by hand: it is for no product, whatever its SKU.
	Custom bool `json:"custom,omitempty"`
	// Bundled marks a product that was picked as a part of the line before it.
	Bundled bool `json:"bundled,omitempty"`
	// Delivery is how it reaches the customer: "shipping" if left out, or "pickup" or "download".
	Delivery string `json:"delivery,omitempty"`
}

//go:embed sample.json
var sample []byte

// Sample returns a small shop of bicycles and music, which goes with docs/sample/inventory.csv.
func Sample() (*Catalog, error) { return Parse(bytes.NewReader(sample)) }

// Load reads a catalogue from a JSON file.
func Load(path string) (*Catalog, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() { // opening a pipe waits for whoever writes to it
		return nil, fmt.Errorf("%s is no file", path)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	c, err := Parse(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// Parse reads a catalogue as JSON. Anything that a Catalog has no place for is an error.
func Parse(r io.Reader) (*Catalog, error) {
	var text json.RawMessage
	decoder := json.NewDecoder(r)
	c := &Catalog{}
	err := decoder.Decode(&text)
	if err == nil {
		err = strange(text, reflect.TypeOf(c), "")
	}
	if err == nil {
		err = json.Unmarshal(text, c)
	}
	if err != nil {
		return nil, fmt.Errorf("the emulator's catalogue: %w", err)
	}
	if decoder.More() {
		return nil, fmt.Errorf("the emulator's catalogue: more than one JSON value")
	}
	return c, nil
}
