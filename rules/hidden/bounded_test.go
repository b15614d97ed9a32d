package hidden_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/rules/hidden"
)

// TestLongTexts has diagnostics quote no name of a megabyte, nor list without end.
func TestLongTexts(t *testing.T) {
	long := strings.Repeat("é", 1_000_000)
	_, diags := hidden.Diagnostics(nil, hcl.Diagnostics{
		{Summary: "Unknown " + long, Detail: "There is nothing named \"" + long + "\" here. What can be used: pos."},
		{Summary: "Many", Detail: strings.Repeat("a name, ", 100_000)},
		{Summary: "Usual", Detail: strings.Repeat("a name, ", 100) + strings.Repeat("/folder", 40)},
	}, nil)
	if got := diags[0]; len(got.Summary) > 200 || len(got.Detail) > 300 || !strings.HasPrefix(got.Detail, "There is nothing named \"éé") || !strings.HasSuffix(got.Detail, "… here. What can be used: pos.") {
		t.Errorf("%d and %d bytes: %.500q", len(got.Summary), len(got.Detail), got.Detail)
	}
	if got := diags[1].Detail; len(got) > 20_000 || !strings.HasSuffix(got, "name, …") {
		t.Errorf("%d bytes of a list", len(got))
	}
	if got := diags[2].Detail; got != strings.Repeat("a name, ", 100)+strings.Repeat("/folder", 40) {
		t.Errorf("a usual text became %q", got)
	}
}
