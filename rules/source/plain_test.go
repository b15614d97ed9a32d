package source

import (
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// TestNoTextForNumber has what is no number, bool or length of time not be shown where one belongs.
func TestNoTextForNumber(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text         string
		number, host bool
	}{
		{"5", true, true}, {"true", true, true}, {"local.a", true, true}, {"2 * local.a", true, true}, {"[1, 2]", true, true},
		{`"90s"`, false, true}, {`"off"`, false, true}, {`"x7qk2m9v4b8n1w5z"`, false, false}, {"x7qk2m9v4b8n1w5z", false, false},
		{`["x7qk2m9v4b8n1w5z"]`, false, false}, {`upper("x7qk2m9v4b8n1w5z")`, false, false}, {"x7qk2m9v4b8n1w5z.a", false, false},
	} {
		e, diags := hclsyntax.ParseExpression([]byte(c.text), "", hcl.InitialPos)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		if mayShow(e, catalog.SettingNumber) != c.number || mayShow(e, catalog.SettingBool) != c.number || hostMayShow(e) != c.host || !mayShow(e, catalog.SettingString) {
			t.Errorf("%s is shown, or not, as it should not be", c.text)
		}
	}
}
