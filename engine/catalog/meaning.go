package catalog

// meanings say what each known field is of an item that is a product by itself, and of one that is a variant of a product; the
// second is "" where that is the same.
var meanings = map[string][2]string{
	"sku":          {"The product's SKU, as the platform has it", "The variant's own SKU. A product that only holds variants is no item"},
	"name":         {"The product's name, without brand or SKU added", "The product's name, the same for all its variants: options say which it is. If the platform names variants only, the variant's"},
	"brand":        {"The brand's name, not its number", "The product's"},
	"price":        {"What it costs when nothing is on sale, with or without tax as the platform keeps prices", "The variant's own price; the product's where it has none"},
	"sale_price":   {"What it costs at present, if that is another; null if nothing is on sale", "The variant's own; the product's where it inherits that"},
	"cost_price":   {"What the shop pays for one; 0 where the platform means \"not known\" is null", "The variant's own; the product's where it inherits that"},
	"retail_price": {"The manufacturer's suggested price, or the struck one that is shown beside the price", "The variant's own; the product's where it inherits that"},
	"qoh":          {"Units that can be sold or that lie in the shop, as the setting of the connector says; all locations that count, together. Null where stock is not tracked. It may be below zero", "The variant's own units, not the product's sum"},
	"pending":      {"Units on web orders that are paid or placed, not cancelled, and not yet in the point of sale; 0 where there are none. Only a store has it", "Units of this variant"},
	"safety_stock": {"Units that are there but kept from sale, and that qoh leaves out; 0 where none are", "Units of this variant"},
	"tracked":      {"Whether the platform counts stock of it", "Whether it counts that of the variant, by itself or with the product"},
	"options":      {"Empty", "The value of each option: {\"Size\": \"L\"}, with the names and values that customers see"},
	"variation":    {"Empty", "All options of the product with all their values: [\"Size=L|S\"], the same for all its variants"},
	"parent_sku":   {"\"\"", "The product's SKU; \"\" where the product has none"},
	"upc":          {"The bar code on it, as text: leading zeros stay", "The variant's own"},
	"bin":          {"Where it lies", "Where the variant lies"},
	"weight":       {"The weight of one, in the unit that the platform keeps weights in. The connector does not convert; name the unit in the fact \"weight unit\" of Check if it is known", "The variant's own; the product's where it inherits that"},
	"width":        {"In the unit that the platform keeps lengths in", "The variant's own; the product's where it inherits that"},
	"height":       {"As width", "As width"},
	"depth":        {"As width. Some platforms call it length", "As width"},
	"visible":      {"Whether a customer finds it in the shop now: published, and not a draft", "Whether the product is, and the variant can be bought"},
	"id":           {"The platform's number or key of what is sold, as text: the one by which it changes stock and price. It is the same for ever", "The variant's own, not the product's"},
	"url":          {"The address of its page", "The product's page, or the variant's where it has one"},
	"modified_at":  {"When the platform changed it last, as RFC 3339 with a zone", "The variant's own, or the product's where only that has one"},
}

// MeaningOf returns what a known field is of an item that is a product by itself, and of one that is a variant of a product.
func MeaningOf(name string) (simple, variant string) {
	m := meanings[name]
	if m[1] == "" {
		m[1] = m[0]
	}
	return m[0], m[1]
}
