package catalog

import "slices"

// known are the fields that every connector names and types alike.
var known = []Field{
	{"sku", String, "The item's stock keeping unit; the default key for pairing."},
	{"name", String, "The item's name."},
	{"brand", String, "The brand's name."},
	{"price", Number, "The regular selling price, in the source's currency."},
	{"sale_price", Number, "The special price, in the source's currency; null if there is none."},
	{"cost_price", Number, "What the shop pays, in the source's currency; null if unknown."},
	{"retail_price", Number, "The manufacturer's suggested retail price, in the source's currency; null if there is none."},
	{"qoh", Number, "The quantity on hand."},
	{"pending", Number, "Units on web orders that the point of sale has not imported yet."},
	{"tracked", Bool, "Whether stock is tracked for the item."},
	{"options", Map, "This variant's options: option name to value."},
	{"variation", List, "The parent's option structure: one Name=value|value entry an option, both sorted."},
	{"parent_sku", String, "The SKU of the product that this item is a variant of."},
	{"upc", String, "The universal product code or another bar code."},
	{"bin", String, "Where the item lies in the shop or the warehouse."},
	{"weight", Number, "The weight, in the source's unit."},
	{"width", Number, "The width, in the source's unit."},
	{"height", Number, "The height, in the source's unit."},
	{"depth", Number, "The depth, in the source's unit."},
	{"visible", Bool, "Whether customers can see the item."},
	{"id", String, "The platform's own identifier of the item."},
	{"url", String, "The address of the item's page."},
	{"modified_at", String, "When the item was last changed (RFC 3339)."},
}

// KnownFields returns the fields that every connector names and types alike, in their usual order.
func KnownFields() []Field { return slices.Clone(known) }

// KnownField returns the known field of that name, and whether there is one.
func KnownField(name string) (Field, bool) {
	i := slices.IndexFunc(known, func(f Field) bool { return f.Name == name })
	if i < 0 {
		return Field{}, false
	}
	return known[i], true
}
