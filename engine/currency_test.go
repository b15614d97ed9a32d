package engine

import (
	"context"
	"errors"
	"testing"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// moneySource tells currencies, and has no items.
type moneySource map[string]catalog.Currency

func (s moneySource) Read(context.Context, *catalog.Schema, ReadWatcher, func(*catalog.Batch) error) (Read, error) {
	return Read{Currencies: s}, nil
}

// TestCurrencies compares sources whose amounts are in the same currency, may be, or cannot be.
func TestCurrencies(t *testing.T) {
	program := testProgram(t, "") // rule P reads the price of both sides
	for _, c := range []struct {
		why        string
		pos, store moneySource
		want       string
	}{
		{"nothing is said", nil, nil, ""},
		{"one side says it", moneySource{"price": "CAD"}, nil, ""},
		{"the same", moneySource{"price": "CAD"}, moneySource{"price": "CAD"}, ""},
		{"a sign that fits", moneySource{"price": "$"}, moneySource{"price": "CAD"}, ""},
		{"another field", moneySource{"price": "CAD"}, moneySource{"qoh": "USD"}, ""},
		{"another currency", moneySource{"price": "CAD"}, moneySource{"price": "USD"},
			`rule P compares amounts of two currencies: pos.price of source "file" "shop" is in CAD, store.price of source "bigcommerce" "web" in USD. Equal numbers would not be equal amounts: read both prices in one currency, or leave the rule out of the reconciliation's rules`},
		{"a sign that does not fit", moneySource{"price": "EUR"}, moneySource{"price": "$"},
			`rule P compares amounts of two currencies: pos.price of source "file" "shop" is in EUR, store.price of source "bigcommerce" "web" in $. Equal numbers would not be equal amounts: read both prices in one currency, or leave the rule out of the reconciliation's rules`},
	} {
		t.Run(c.why, func(t *testing.T) {
			result, err := Run(t.Context(), Job{Program: program, Pos: Side{Source: c.pos, Connector: "file", Name: "shop"},
				Store: Side{Source: c.store, Connector: "bigcommerce", Name: "web"}})
			if err == nil {
				defer result.Close()
			}
			var wrong *CurrencyError
			if c.want == "" && err != nil || c.want != "" && (!errors.As(err, &wrong) || err.Error() != c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}
