package bigcommerce

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// part is a part of the store that fields come from. Each part besides the catalogue costs requests of its own.
type part int

const (
	catalogue part = iota
	brandNames
	stock
	orders
	storeInfo
)

// field is a field with all that it takes to fill it.
type field struct {
	sdk.Field
	from []string // the product's fields that it is made of, as the API names them
	part part
	set  func(w *sdk.Writer, i int, r *row)
}

// money reports whether the field is an amount in the store's currency.
func (f *field) money() bool { return strings.HasSuffix(f.Name, "price") }

// measure reports whether the field is a weight or a length.
func (f *field) measure() bool {
	unit := catalog.UnitOf(f.Name)
	return unit == catalog.Weight || unit == catalog.Length
}

// row is one item.
type row struct {
	product   *product
	variant   *variant
	brand     string
	qoh       *sdk.Decimal
	pending   *sdk.Decimal
	safety    *sdk.Decimal
	variation []string
	shopURL   string
}

// allFields returns the connector's fields in their usual order.
var allFields = sync.OnceValue(func() []field {
	known := func(name string, from []string, set func(w *sdk.Writer, i int, r *row)) field {
		return field{Field: sdk.Known(name)[0], from: from, set: set}
	}
	text := func(name string, from []string, get func(r *row) string) field {
		return known(name, from, func(w *sdk.Writer, i int, r *row) { w.String(i, get(r)) })
	}
	number := func(name string, from []string, get func(r *row) *sdk.Decimal) field {
		return known(name, from, func(w *sdk.Writer, i int, r *row) {
			if d := get(r); d != nil {
				w.Number(i, *d)
			}
		})
	}
	with := func(f field, p part) field {
		f.part = p
		return f
	}
	productID := field{Field: sdk.Field{Name: "product_id", Type: sdk.String, Doc: "BigCommerce's identifier of the product."},
		set: func(w *sdk.Writer, i int, r *row) { w.String(i, strconv.FormatInt(r.product.ID, 10)) }}
	availability := field{Field: sdk.Field{Name: "availability", Type: sdk.String, Doc: "Whether the product can be bought: available, preorder or disabled."},
		from: []string{"availability"}, set: func(w *sdk.Writer, i int, r *row) { w.String(i, r.product.Availability) }}
	return []field{
		text("sku", []string{"sku"}, func(r *row) string { return r.product.skuOf(r.variant) }),
		text("name", []string{"name"}, func(r *row) string { return r.product.Name }),
		with(text("brand", []string{"brand_id"}, func(r *row) string { return r.brand }), brandNames),
		number("price", []string{"price"}, func(r *row) *sdk.Decimal { return variantOrProduct(r.variant.Price, r.product.Price) }),
		number("sale_price", []string{"sale_price"}, func(r *row) *sdk.Decimal { return priceOrNone(r.variant.Sale, r.product.Sale) }),
		number("cost_price", []string{"cost_price"}, func(r *row) *sdk.Decimal { return priceOrNone(r.variant.Cost, r.product.Cost) }),
		number("retail_price", []string{"retail_price"}, func(r *row) *sdk.Decimal { return priceOrNone(r.variant.Retail, r.product.Retail) }),
		with(number("qoh", []string{"inventory_tracking"}, func(r *row) *sdk.Decimal { return r.qoh }), stock),
		with(number("pending", []string{"sku"}, func(r *row) *sdk.Decimal { return r.pending }), orders),
		with(number("safety_stock", []string{"inventory_tracking"}, func(r *row) *sdk.Decimal { return r.safety }), stock),
		known("tracked", []string{"inventory_tracking"}, func(w *sdk.Writer, i int, r *row) {
			if tracked, known := r.product.tracked(); known {
				w.Bool(i, tracked)
			}
		}),
		known("options", nil, func(w *sdk.Writer, i int, r *row) { w.Map(i, r.variant.options()) }),
		known("variation", nil, func(w *sdk.Writer, i int, r *row) { w.List(i, r.variation) }),
		text("parent_sku", []string{"sku"}, func(r *row) string {
			if r.variant.isBase() {
				return ""
			}
			return r.product.SKU
		}),
		text("upc", []string{"upc"}, func(r *row) string { return r.own(r.variant.UPC, r.product.UPC) }),
		text("bin", []string{"bin_picking_number"}, func(r *row) string { return r.own(r.variant.Bin, r.product.Bin) }),
		number("weight", []string{"weight"}, func(r *row) *sdk.Decimal { return variantOrProduct(r.variant.Weight, r.product.Weight) }),
		number("width", []string{"width"}, func(r *row) *sdk.Decimal { return variantOrProduct(r.variant.Width, r.product.Width) }),
		number("height", []string{"height"}, func(r *row) *sdk.Decimal { return variantOrProduct(r.variant.Height, r.product.Height) }),
		number("depth", []string{"depth"}, func(r *row) *sdk.Decimal { return variantOrProduct(r.variant.Depth, r.product.Depth) }),
		known("visible", []string{"is_visible"}, func(w *sdk.Writer, i int, r *row) {
			if r.product.Visible != nil {
				w.Bool(i, *r.product.Visible)
			}
		}),
		availability,
		text("id", nil, func(r *row) string { return strconv.FormatInt(r.variant.ID, 10) }),
		productID,
		with(text("url", []string{"custom_url"}, func(r *row) string {
			if r.shopURL == "" || r.product.Path == "" {
				return ""
			}
			return r.shopURL + r.product.Path
		}), storeInfo),
		text("modified_at", []string{"date_modified"}, func(r *row) string { return r.product.Modified }),
	}
})

// variantOrProduct returns the variant's value, or the product's where the variant inherits it.
func variantOrProduct(variant, product *sdk.Decimal) *sdk.Decimal {
	if variant != nil {
		return variant
	}
	return product
}

// priceOrNone is like variantOrProduct, but 0 means no price: it returns nil.
func priceOrNone(variant, product *sdk.Decimal) *sdk.Decimal {
	d := variantOrProduct(variant, product)
	if d == nil || d.Sign() == 0 {
		return nil
	}
	return d
}

// own returns the variant's own text. Only the base variant has its product's: a product's code or bin is not that of its
// other variants.
func (r *row) own(variant, product string) string {
	if variant == "" && r.variant.isBase() {
		return product
	}
	return variant
}

// needs is what has to be read from the API to fill the fields that are asked for.
type needs struct {
	columns []field // the fields themselves, in the order in which they were asked for
	parts   map[part]bool
	product []string // the product's fields, as the API names them
	prices  bool     // there are prices among the fields

	measures bool // there are weights or lengths among the fields
}

// needsOf returns the needs of the fields with these names. It ignores names that the connector does not offer.
func needsOf(names []string) needs {
	n := needs{parts: map[part]bool{}, product: []string{"sku"}} // an empty list would mean all
	for _, name := range names {
		at := slices.IndexFunc(allFields(), func(f field) bool { return f.Name == name })
		if at < 0 {
			continue
		}
		f := allFields()[at]
		n.columns = append(n.columns, f)
		n.parts[f.part] = true
		n.prices = n.prices || f.money()
		n.measures = n.measures || f.measure()
		for _, from := range f.from {
			if !slices.Contains(n.product, from) {
				n.product = append(n.product, from)
			}
		}
	}
	return n
}

// variation reports whether the field variation is asked for.
func (n *needs) variation() bool {
	return slices.ContainsFunc(n.columns, func(f field) bool { return f.Name == "variation" })
}

// withDates returns the needs of a Local Copy: it also needs the dates of products, to ask for what has changed.
func (n needs) withDates() needs {
	if !slices.Contains(n.product, "date_modified") {
		n.product = append(n.product, "date_modified")
	}
	return n
}
