package bigcommerce

import (
	"github.com/reconcilehq/reconcile/plugins/sdk/locations"
)

// stockBook knows the quantities in stock, by variant and by product that is tracked as a whole.
type stockBook struct{ *locations.Book[stockKey] }

func (s *Source) newStockBook() *stockBook {
	return &stockBook{locations.NewBook[stockKey](s.Settings)}
}

func (b *stockBook) add(item stockItem) {
	b.Add(quantityOf(item.ProductID, item.VariantID), item.Locations)
}

// of returns the quantity of a variant. It reports false if its stock is not tracked. If the product is tracked as a whole, each of its
// variants has the product's quantity.
func (b *stockBook) of(p *product, v *variant) (q locations.Quantity, tracked bool) {
	switch tracked, known := p.tracked(); {
	case !known:
		return locations.Quantity{State: locations.Untold}, true
	case !tracked:
		return locations.Quantity{}, false
	}
	q, ok := b.Of(quantityOf(0, v.ID))
	if !ok && p.Tracking == trackedAsWhole {
		q, ok = b.Of(quantityOf(p.ID, 0))
	}
	if !ok {
		q.State = locations.Missing
	}
	return q, true
}

// fill fills in a row's quantity and safety stock, as far as they are known.
func (b *stockBook) fill(r *row) locations.Quantity {
	q, tracked := b.of(r.product, r.variant)
	if r.qoh, r.safety = nil, nil; tracked && q.State == locations.Known {
		left := b.LeftOut(q)
		r.qoh, r.safety = &q.Units, &left
	}
	return q
}
