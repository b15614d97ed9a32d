package table

import (
	"testing"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// TestCurrencyNamed reads the currency in a column's name where it can mean nothing else, and none where it is a word like another.
func TestCurrencyNamed(t *testing.T) {
	for name, want := range map[string]catalog.Currency{
		"price CAD": "CAD", "price_cad": "CAD", "Price (CAD)": "CAD", "PRICE USD": "USD", "USD Price": "USD", "Price [EUR]": "EUR", "Preis in Euro": "EUR", "Price €": "EUR", "Price€": "EUR",
		"Price ($)": "$", "Price US$": "USD", "Price CA$ (CAD)": "CAD", "Price (incl. tax, CAD)": "CAD", "Price $ CAD": "CAD", "Price (ALL)": "ALL", "Price (kr)": "", "Price (KR)": "", "Net-Price-CHF": "CHF", "price\nCAD": "CAD",
		"price": "", "CAD": "CAD", "Price all": "", "STD Price": "", "Price TOP": "", "top price": "", "Price (all)": "", "Price CAD store": "CAD", "price cad store": "", "Regular Sell Price": "", "Price USD CAD": "", "Price (USD to CAD)": "",
		"Price (net)": "", "Web Price": "", "MAP": "", "Price (XYZ)": "", "Price ¢": "", "": "",
	} {
		if got, _ := currencyNamed(name); got != want {
			t.Errorf("%q names %q, want %q", name, got, want)
		}
	}
}
