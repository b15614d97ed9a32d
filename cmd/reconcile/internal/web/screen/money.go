package screen

import (
	"strings"

	"golang.org/x/text/currency"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// money writes an amount with the decimals of its currency, or with more if it has more. Where the currency is not known it stands as it is.
func money(amount catalog.Decimal, of catalog.Currency) string {
	text := amount.String()
	unit, err := currency.ParseISO(string(of))
	if err != nil {
		return text
	}
	digits, _ := currency.Standard.Rounding(unit)
	_, fraction, has := strings.Cut(text, ".")
	if len(fraction) >= digits {
		return text
	}
	if !has {
		text += "."
	}
	return text + strings.Repeat("0", digits-len(fraction))
}

// valueOf is a side's value of a field in words.
func (r *Run) valueOf(side verdict.Side, field string, v catalog.Value) string {
	if v.Type() == catalog.Number && !v.IsNull() && catalog.UnitOf(field) == catalog.Money {
		return r.Amounts(side)(field, v.Number())
	}
	return valueText(v)
}

// Amounts returns what writes a side's amount in a field: with the decimals of its currency or, where that is not known, of the other side's:
// 32 beside 28.00 would look like another kind of number.
func (r *Run) Amounts(side verdict.Side) func(field string, amount catalog.Decimal) string {
	return func(field string, amount catalog.Decimal) string {
		of := r.About().Source(side).Currencies[field]
		if of == "" {
			of = r.About().Source(side.Other()).Currencies[field]
		}
		return money(amount, of)
	}
}
