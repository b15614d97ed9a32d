package impact

import (
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// TestOf says what is at risk with items: by the cell that is red, the values, and the currencies. Each has its own reason.
func TestOf(t *testing.T) {
	cad := map[string]catalog.Currency{"price": "CAD", "sale_price": "CAD"}
	usd := map[string]catalog.Currency{"price": "USD", "sale_price": "CAD"}
	type currencies = map[string]catalog.Currency
	for _, c := range []struct {
		name       string
		cells      string // of Q, P, PS and NS
		pos, store string // price, sale price, quantity, pending
		of         [2]currencies
		want       string // currency, price, oversold, units
	}{
		{"a price for each unit", "SNSS", "10 - 3 -", "12.50 - 3 -", [2]currencies{cad, cad}, "CAD 7.5 0 0"},
		{"nothing on hand", "SNSS", "10 - 0 -", "12 - 0 -", [2]currencies{}, ""},
		{"below nothing on hand", "SNSS", "10 - -3 -", "12 - 0 -", [2]currencies{}, ""},
		{"a quantity that is not known", "SNSS", "10 - - -", "12 - 3 -", [2]currencies{}, ""},
		{"a price that is not known", "SNSS", "10 - 3 -", "- - 3 -", [2]currencies{}, ""},
		{"a price that is right", "SSSS", "10 - 3 -", "12 - 3 -", [2]currencies{}, ""},
		{"a price that is meant to be", "SISS", "10 - 3 -", "12 - 3 -", [2]currencies{}, ""},
		{"only to be known", "SSSN", "10 - 3 -", "12 - 3 -", [2]currencies{}, ""},
		{"two prices of the same units", "SNNS", "10 7 2 -", "12 4 2 -", [2]currencies{cad, cad}, "CAD 6 0 0"},
		{"one side's currency is known", "SNSS", "10 - 3 -", "12 - 3 -", [2]currencies{nil, cad}, "CAD 6 0 0"},
		{"two currencies", "SNSS", "10 - 3 -", "12 - 3 -", [2]currencies{cad, usd}, ""},
		{"two prices in two currencies", "SNNS", "10 7 2 -", "12 4 2 -", [2]currencies{usd, usd}, "USD 4 0 0"},
		{"more online than there are", "NSSS", "10 - 1 -", "12 - 3 -", [2]currencies{}, " 0 24 2"},
		{"fewer online", "NSSS", "10 - 3 -", "12 - 1 -", [2]currencies{}, ""},
		{"sold, and put back online", "NSSS", "10 - 5 -", "12 - 5 1", [2]currencies{cad, cad}, "CAD 0 12 1"},
		{"sold, and not imported", "NSSS", "10 - 5 -", "12 - 4 1", [2]currencies{cad, cad}, ""},
		{"sold already", "NSSS", "10 - -2 -", "12 - 0 -", [2]currencies{}, " 0 24 2"},
		{"at the other side's price", "NSSS", "10 - 1 -", "- - 3 -", [2]currencies{cad, usd}, "CAD 0 20 2"},
		{"at the store's price, in its currency", "NSSS", "10 - 1 -", "12 - 3 -", [2]currencies{cad, usd}, "USD 0 24 2"},
		{"both", "NNSS", "10 - 1 -", "12 - 3 -", [2]currencies{cad, cad}, "CAD 2 24 2"},
		{"both, in two currencies", "NNNS", "10 7 1 -", "12 4 3 -", [2]currencies{cad, usd}, "CAD 3 0 0"},
		{"no price at all", "NSSS", "- - 1 -", "- - 3 -", [2]currencies{}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &report.Result{Rules: []report.Rule{rule("qoh"), rule("price"), rule("sale_price"), rule("price")}}
			r.Rules[3].Severity = verdict.Info
			r.Pos.Currencies, r.Store.Currencies = c.of[verdict.Pos], c.of[verdict.Store]
			it := &report.Item{Status: verdict.Matched, Outcome: &report.Outcome{}, Pos: row(t, c.pos), Store: row(t, c.store)}
			for _, letter := range c.cells {
				it.Outcome.Cells = append(it.Outcome.Cells, verdict.Cell(letter))
			}
			got := ""
			if i, some := Of(r, it); some {
				got = strings.Join([]string{string(i.Currency), i.Price.Reduce().String(), i.Oversold.Reduce().String(), i.Units.Reduce().String()}, " ")
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	if _, some := Of(&report.Result{}, &report.Item{Status: verdict.PosOnly}); some {
		t.Error("an item of one side is at risk")
	}
}

func rule(field string) report.Rule {
	return report.Rule{Code: field, Fields: []report.FieldRef{{Side: verdict.Pos, Field: field}, {Side: verdict.Store, Field: field}}}
}

func row(t *testing.T, values string) report.Row {
	t.Helper()
	var fields []catalog.Field
	for _, name := range []string{"price", "sale_price", "qoh", "pending"} {
		fields = append(fields, catalog.Field{Name: name, Type: catalog.Number})
	}
	b := catalog.NewBuilder(catalog.MustSchema(fields...))
	for i, text := range strings.Fields(values) {
		if text == "-" {
			continue
		}
		d, err := catalog.ParseDecimal(text)
		if err != nil {
			t.Fatal(err)
		}
		b.SetNumber(i, d)
	}
	b.End()
	return report.Row{Batch: b.Batch()}
}
