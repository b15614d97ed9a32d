package expr

import (
	"strings"
	"testing"
)

// TestOrder warns of arguments that seem to stand the other way round, where their types do not tell.
func TestOrder(t *testing.T) {
	for text, want := range map[string]bool{
		`startswith("A", pos.sku)`:                true,
		`endswith("A", pos.sku)`:                  true,
		`trimprefix("A-", pos.sku) == "1"`:        true,
		`split(pos.sku, "-")[0] != "A"`:           true,
		`round(2, pos.price) > 0`:                 true,
		`startswith(pos.sku, "A")`:                false,
		`startswith(pos.name, pos.sku)`:           false,
		`startswith("A-1", "A") && pos.price > 1`: false,
		`split("-", pos.sku)[0] != "A"`:           false,
		`round(pos.price, 2) > 0`:                 false,
		`round(2.5) > pos.price`:                  false,
	} {
		_, diags := Compile(parse(t, text), ruleScope())
		if got := strings.Contains(diags.Error(), "Arguments may stand the other way round"); got != want || diags.HasErrors() {
			t.Errorf("%s: %v", text, diags)
		}
	}
}
