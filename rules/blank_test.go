package rules

import (
	"strings"
	"testing"
)

// TestBlankSKUs has a block name a SKU of which nothing shows: no item has it as its key.
func TestBlankSKUs(t *testing.T) {
	for _, sku := range []string{"", " ", `\t`, `\u00a0`, `\u200b`} {
		text := "rule \"P\" {\n  when = pos.price != store.price\n}\nintentional \"x\" {\n  rules  = [\"P\"]\n  skus   = [\"A-1\", \"" + sku + "\"]\n  reason = \".\"\n}\n"
		if got := mistakesIn(t, text); !strings.Contains(got, "Blanks alone are no key") {
			t.Errorf("%q: %s", sku, got)
		}
	}
}
