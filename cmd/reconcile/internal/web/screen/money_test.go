package screen

import (
	"testing"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

func TestMoney(t *testing.T) {
	for _, c := range []struct{ amount, currency, want string }{
		{"10", "CAD", "10.00"}, {"10.1", "EUR", "10.10"}, {"10.125", "USD", "10.125"}, {"-3", "CAD", "-3.00"}, {"1200", "JPY", "1200"}, {"1.5", "KWD", "1.500"},
		{"10.1", "", "10.1"}, {"10", "$", "10"},
	} {
		d, err := catalog.ParseDecimal(c.amount)
		if err != nil {
			t.Fatal(err)
		}
		if got := money(d, catalog.Currency(c.currency)); got != c.want {
			t.Errorf("%s %s: %s, want %s", c.amount, c.currency, got, c.want)
		}
	}
}
