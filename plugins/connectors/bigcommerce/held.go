package bigcommerce

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce/edit"
	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/locations"
)

// held says what an item has in a field, and where it has that from. read is what a read gives.
func (l *looking) held(p *product, v *variant, field string, read any, stock map[stockKey]stockItem) edit.Held {
	switch field {
	case "name", "brand":
		text, _ := read.(string)
		value := catalog.StringValue(text)
		return edit.Held{Value: value, Own: value, OfProduct: true}
	case "upc", "bin":
		text, _ := read.(string)
		value := catalog.StringValue(text)
		own, of := v.UPC, p.UPC
		if field == "bin" {
			own, of = v.Bin, p.Bin
		}
		return edit.Held{Value: value, Own: value, OfProduct: v.isBase() && (own == "" || own == of)}
	case "qoh":
		h := edit.Held{Value: numberOr(read)}
		h.Own = h.Value
		h.Shelf, h.Problem = l.shelf(p, v, stock)
		return h
	}
	return l.measure(p, v, field, read)
}

func numberOr(read any) sdk.Value {
	if d, ok := read.(sdk.Decimal); ok {
		return catalog.NumberValue(d)
	}
	return catalog.NullValue(catalog.Number)
}

func valueOf(d *sdk.Decimal) sdk.Value {
	if d == nil {
		return catalog.NullValue(catalog.Number)
	}
	return catalog.NumberValue(*d)
}

// measure says what an item has of a number that variants may inherit.
func (l *looking) measure(p *product, v *variant, field string, read any) edit.Held {
	own, of := v.measures.named(field), p.measures.named(field)
	h := edit.Held{Value: numberOr(read), Inherited: valueOf(of)}
	if strings.HasSuffix(field, "_price") {
		h.Inherited = valueOf(priceOrNone(nil, of))
	}
	if strings.HasSuffix(field, "price") && l.source.Currency != "" && !strings.EqualFold(l.facts.Currency, l.source.Currency) {
		h.Problem = fmt.Sprintf("the store's prices are in %s, and currency is %q", cmp.Or(l.facts.Currency, "a currency that is not known"), l.source.Currency)
	}
	if h.OfProduct = v.isBase() && (own == nil || of != nil && own.Equal(*of)); h.OfProduct {
		h.Own = h.Value
		return h
	}
	h.Own = valueOf(own)
	return h
}

// named returns the number of a field.
func (m *measures) named(field string) *sdk.Decimal {
	names := [...]string{"price", "sale_price", "cost_price", "retail_price", "weight", "width", "height", "depth"}
	at := slices.Index(names[:], field)
	if at < 0 {
		return nil
	}
	return *m.all()[at]
}

// shelf says where an item's quantity is kept, and why it cannot be set.
func (l *looking) shelf(p *product, v *variant, stock map[stockKey]stockItem) (edit.Shelf, string) {
	switch tracked, known := p.tracked(); {
	case !known:
		return edit.Shelf{}, "the store does not say how it tracks this item's stock"
	case !tracked:
		return edit.Shelf{}, "the store does not track this item's stock"
	case p.Tracking == trackedAsWhole && len(p.Variants) > 1:
		return edit.Shelf{}, fmt.Sprintf("the store tracks the stock of all %d variants of product %d as one number: it cannot be set for one of them. Track it by variant, in the product's inventory settings", len(p.Variants), p.ID)
	}
	item, ok := stock[stockKey{variant: v.ID}]
	if !ok {
		item, ok = stock[stockKey{product: p.ID}]
	}
	if !ok {
		return edit.Shelf{}, "the store's inventory does not list this item"
	}
	return l.source.shelfOf(item, p.Tracking == trackedAsWhole)
}

// shelfOf returns the one place where an item lies whose quantity counts.
func (s *Source) shelfOf(item stockItem, byProduct bool) (edit.Shelf, string) {
	at := s.Counting(item.Locations)
	switch {
	case len(at) == 0:
		return edit.Shelf{}, "the item lies at none of the locations that count"
	case len(at) > 1:
		return edit.Shelf{}, fmt.Sprintf("its quantity is the sum of %d locations, and nobody can tell at which one units are to be added or taken: name one in locations", len(at))
	}
	shelf := edit.Shelf{Location: at[0].ID, ByProduct: byProduct}
	if s.Quantity == locations.Available && at[0].OnHand != nil && at[0].Available != nil {
		shelf.Safety = at[0].OnHand.Sub(*at[0].Available)
	}
	return shelf, ""
}
