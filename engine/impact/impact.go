// Package impact says how much money is at risk with an item of a result, as far as its values tell: by a wrong price, for each unit on
// hand, and by units that are offered or sold online though they are not there. It is an estimate to look at the worst first, and no sum of
// money that somebody owes. It decides nothing: what is not synchronized says the result.
//
// Money of different currencies is never added up. Where the two sides have different ones, their prices are not compared.
package impact

import (
	"cmp"
	"slices"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// Impact is what is at risk with an item.
type Impact struct {
	Currency catalog.Currency // "" where it is not known
	Price    catalog.Decimal  // the difference of the prices, for each unit that is on hand
	Oversold catalog.Decimal  // the price of the units that are online and not there
	Units    catalog.Decimal  // how many these are
}

// Amount returns all of it.
func (i Impact) Amount() catalog.Decimal { return i.Price.Add(i.Oversold) }

// Of returns what is at risk with an item, of which the values are there; false if that is nothing, or cannot be said. Only what its red
// cells are about counts: what is intentional is no risk.
func Of(r *report.Result, it *report.Item) (Impact, bool) {
	if it.Status != verdict.Matched || it.Outcome == nil || !it.Pos.Has() || !it.Store.Has() {
		return Impact{}, false
	}
	read := redFields(r, it)
	var i Impact
	i.price(r, it, read)
	i.oversold(r, it, read)
	return i, i.Amount().Sign() > 0
}

// redFields returns the fields that red cells are about.
func redFields(r *report.Result, it *report.Item) (names []string) {
	for n, c := range it.Outcome.Cells {
		if c != verdict.NotSynchronized || n >= len(r.Rules) || r.Rules[n].Severity == verdict.Info {
			continue
		}
		for _, f := range r.Rules[n].Fields {
			if !slices.Contains(names, f.Field) {
				names = append(names, f.Field)
			}
		}
	}
	return names
}

// number returns a side's value of a field; false if it is not known.
func number(it *report.Item, side verdict.Side, field string) (catalog.Decimal, bool) {
	v := it.Row(side).Value(field)
	if v.Type() != catalog.Number || v.IsNull() {
		return catalog.Decimal{}, false
	}
	return v.Number(), true
}

// currency returns what both sides' amounts of a field are in: that of one side where the other's is not known; false if they are different.
func currency(r *report.Result, field string) (catalog.Currency, bool) {
	pos, store := r.Pos.Currencies[field], r.Store.Currencies[field]
	return cmp.Or(pos, store), pos == "" || store == "" || pos == store
}

// price takes the largest difference of prices: that of the regular and that of the sale price are of the same units.
func (i *Impact) price(r *report.Result, it *report.Item, read []string) {
	units, known := number(it, verdict.Pos, "qoh")
	if !known || units.Sign() <= 0 {
		return
	}
	for _, field := range read {
		of, one := currency(r, field)
		if catalog.UnitOf(field) != catalog.Money || !one {
			continue
		}
		pos, has := number(it, verdict.Pos, field)
		store, hasToo := number(it, verdict.Store, field)
		if !has || !hasToo {
			continue
		}
		if sum := pos.Sub(store).Abs().Mul(units); sum.Cmp(i.Price) > 0 && (i.Price.Sign() == 0 || of == i.Currency) {
			i.Price, i.Currency = sum, of
		}
	}
}

// oversold takes what the store has, or has sold already, beyond what is on hand and not sold online yet.
func (i *Impact) oversold(r *report.Result, it *report.Item, read []string) {
	pos, has := number(it, verdict.Pos, "qoh")
	store, hasToo := number(it, verdict.Store, "qoh")
	if !slices.Contains(read, "qoh") || !has || !hasToo {
		return
	}
	pending, known := number(it, verdict.Store, "pending")
	if !known {
		pending = catalog.Int(0)
	}
	units := store.Sub(pos).Add(pending)
	if units.Sign() <= 0 {
		return
	}
	price, known := number(it, verdict.Store, "price")
	of := r.Store.Currencies["price"]
	if !known {
		price, known = number(it, verdict.Pos, "price")
		of = r.Pos.Currencies["price"]
	}
	if both, one := currency(r, "price"); one {
		of = both
	}
	if !known || price.Sign() <= 0 || i.Price.Sign() > 0 && of != i.Currency {
		return
	}
	i.Oversold, i.Units, i.Currency = units.Mul(price), units, of
}
