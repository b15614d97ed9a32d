package bigcommerce

import (
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// pendingBook knows the units on orders that are not imported yet.
type pendingBook struct {
	byVariant map[int64]sdk.Decimal
	byProduct map[int64]sdk.Decimal            // of lines that name neither variant nor SKU
	bySKU     map[string]map[int64]sdk.Decimal // by SKU, then by the variant that the line names; 0 if it names none
}

func newPendingBook() *pendingBook {
	return &pendingBook{map[int64]sdk.Decimal{}, map[int64]sdk.Decimal{}, map[string]map[int64]sdk.Decimal{}}
}

func (b *pendingBook) add(o *order) {
	for _, l := range o.Lines {
		units := l.open()
		if units.Sign() == 0 || l.ProductID == 0 && l.VariantID == 0 {
			continue // a line for neither product nor variant takes nothing out of stock, whatever SKU somebody gave it
		}
		switch {
		case l.SKU != "":
			if b.bySKU[l.SKU] == nil {
				b.bySKU[l.SKU] = map[int64]sdk.Decimal{}
			}
			b.bySKU[l.SKU][l.VariantID] = b.bySKU[l.SKU][l.VariantID].Add(units)
		case l.VariantID == 0:
			b.byProduct[l.ProductID] = b.byProduct[l.ProductID].Add(units)
		}
		if l.VariantID != 0 {
			b.byVariant[l.VariantID] = b.byVariant[l.VariantID].Add(units)
		}
	}
}

// of returns a variant's pending units. It reports false if there are order lines for its SKU that name another variant.
// They count for this variant only if the other one no longer exists, which is known when all products were read: see
// ofGone.
func (b *pendingBook) of(p *product, v *variant) (sdk.Decimal, bool) {
	units, complete := b.byVariant[v.ID], true
	if v.isBase() && p.ID != 0 {
		units = units.Add(b.byProduct[p.ID])
	}
	for id, more := range b.bySKU[p.skuOf(v)] {
		switch id {
		case 0:
			units = units.Add(more)
		case v.ID: // counted
		default:
			complete = false
		}
	}
	return units, complete
}

// ofGone returns the units on lines for the variant's SKU that name a variant which no longer exists: the variant was
// deleted and created again.
func (b *pendingBook) ofGone(p *product, v *variant, exists func(id int64) bool) sdk.Decimal {
	var units sdk.Decimal
	for id, more := range b.bySKU[p.skuOf(v)] {
		if id != 0 && id != v.ID && !exists(id) {
			units = units.Add(more)
		}
	}
	return units
}
