package engine

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules"
	"github.com/reconcilehq/reconcile/rules/expr"
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
			`rule P compares amounts of two currencies: pos.price of source "file" "shop" is in CAD, store.price of source "bigcommerce" "web" is in USD. Equal numbers would not be equal amounts: read all prices that one rule reads in one currency, make rules of their own of them, or leave the rule out of the reconciliation's rules`},
		{"a sign that does not fit", moneySource{"price": "EUR"}, moneySource{"price": "$"},
			`rule P compares amounts of two currencies: pos.price of source "file" "shop" is in EUR, store.price of source "bigcommerce" "web" is in $. Equal numbers would not be equal amounts: read all prices that one rule reads in one currency, make rules of their own of them, or leave the rule out of the reconciliation's rules`},
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

// TestUntoldCurrency says that amounts of which nobody knows what they are in are compared, and that a warning says so, where the other side's
// currency is known.
func TestUntoldCurrency(t *testing.T) {
	program := testProgram(t, "") // rule P reads the price of both sides
	for _, c := range []struct {
		why        string
		pos, store moneySource
		items      int64
		want       string
	}{
		{"nothing is said", nil, nil, 1, ""},
		{"both say it", moneySource{"price": "CAD"}, moneySource{"price": "CAD"}, 1, ""},
		{"a sign says it", moneySource{"price": "$"}, nil, 1, ""},
		{"the point of sale says it", moneySource{"price": "CAD"}, nil, 1, "web: nobody says what its amounts in the field price are in, and those that rule P compares them with are in CAD: equal numbers are taken for equal amounts"},
		{"the store says it", nil, moneySource{"price": "EUR"}, 1, "shop: nobody says what its amounts in the field price are in, and those that rule P compares them with are in EUR"},
		{"there is no item", nil, moneySource{"price": "EUR"}, 0, ""},
	} {
		result := &report.Result{}
		reads := [2]Read{{Items: c.items, Currencies: c.pos}, {Items: c.items, Currencies: c.store}}
		warnUntold(Job{Program: program, Pos: Side{Name: "shop"}, Store: Side{Name: "web"}}, reads, result)
		got := ""
		for _, w := range result.AllWarnings() {
			got += w.Source + ": " + w.Text
		}
		if c.want == "" && got != "" || !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.why, got, c.want)
		}
	}
}

// TestCurrenciesOfOneRule has rules read several amounts: all that meet in one rule are to be of one currency.
func TestCurrenciesOfOneRule(t *testing.T) {
	told := [2]Read{{Currencies: map[string]catalog.Currency{"price": "CAD", "cost_price": "USD", "sale_price": "$"}},
		{Currencies: map[string]catalog.Currency{"price": "USD", "cost_price": "CAD"}}}
	pos, store := verdict.Pos, verdict.Store
	for _, c := range []struct {
		why    string
		fields []expr.Ref
		want   string
	}{
		{"one amount", []expr.Ref{{Side: pos, Field: "price"}}, ""},
		{"two of one side", []expr.Ref{{Side: pos, Field: "price"}, {Side: pos, Field: "cost_price"}}, "pos.price of .* is in CAD, pos.cost_price of .* is in USD"},
		{"crosswise", []expr.Ref{{Side: pos, Field: "price"}, {Side: store, Field: "cost_price"}}, ""},
		{"crosswise, with namesakes", []expr.Ref{{Side: pos, Field: "cost_price"}, {Side: store, Field: "price"}, {Side: store, Field: "cost_price"}}, "pos.cost_price of .* is in USD, store.cost_price of .* is in CAD"},
		{"a sign between two that exclude each other", []expr.Ref{{Side: pos, Field: "sale_price"}, {Side: pos, Field: "price"}, {Side: store, Field: "price"}}, "pos.price of .* is in CAD, store.price of .* is in USD"},
		{"fields without a currency", []expr.Ref{{Side: pos, Field: "price"}, {Side: pos, Field: "qoh"}, {Side: store, Field: "qoh"}}, ""},
	} {
		job := Job{Program: &rules.Program{Rules: []rules.CompiledRule{{Rule: &rules.Rule{Code: "X"}, Fields: c.fields}}}}
		err := checkCurrencies(job, told)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !regexp.MustCompile(c.want).MatchString(err.Error())) {
			t.Errorf("%s: got %v, want %q", c.why, err, c.want)
		}
	}
}
