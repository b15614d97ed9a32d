package sdk

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// currencyTeller is a source that tells currencies.
type currencyTeller struct{ tell [][2]string }

func (c *currencyTeller) Schema(context.Context) ([]Field, error) {
	return Known("sku", "price", "cost_price"), nil
}

func (c *currencyTeller) ReadColumns(_ context.Context, req ReadRequest, w *Writer) error {
	for i, told := range c.tell {
		if i%2 == 0 {
			w.Currency(told[0], told[1])
		} else {
			req.Currency(told[0], told[1])
		}
	}
	return w.End()
}

func TestCurrency(t *testing.T) {
	for _, c := range []struct {
		why  string
		tell [][2]string
		want map[string]string
		err  string
	}{
		{"nothing", nil, nil, ""},
		{"a code", [][2]string{{"price", "CAD"}}, map[string]string{"price": "CAD"}, ""},
		{"one that is not known here", [][2]string{{"price", "QQQ"}}, map[string]string{"price": "QQQ"}, ""},
		{"a sign", [][2]string{{"price", "$"}}, map[string]string{"price": "$"}, ""},
		{"a sign, then more closely", [][2]string{{"price", "$"}, {"price", "CA$"}}, map[string]string{"price": "CAD"}, ""},
		{"more closely, then a sign", [][2]string{{"price", "CAD"}, {"price", "$"}}, map[string]string{"price": "CAD"}, ""},
		{"of a field that was not asked for", [][2]string{{"cost_price", "USD"}, {"price", "CAD"}}, map[string]string{"price": "CAD"}, ""},
		{"two", [][2]string{{"price", "CAD"}, {"price", "US$"}}, nil, `the currency of field "price" is said to be CAD and USD`},
		{"no currency", [][2]string{{"price", "dollars"}}, nil, `"dollars" is none: give its ISO 4217 code`},
		{"of a text", [][2]string{{"sku", "CAD"}}, nil, `field "sku" is a string, and has no currency`},
		{"of no field", [][2]string{{"prise", "CAD"}}, nil, `Schema offers no field "prise": did you mean "price"?`},
	} {
		t.Run(c.why, func(t *testing.T) {
			req := NewReadRequest([]string{"sku", "price"}, nil)
			_, err := ReadAll(t.Context(), &currencyTeller{c.tell}, req, func(*catalog.Batch) error { return nil })
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Errorf("got %v, want %s", err, c.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, req.Currencies()); diff != "" {
				t.Error(diff)
			}
		})
	}
}
