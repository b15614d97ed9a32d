package doctor

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"pgregory.net/rapid"
)

const (
	token = "tr0ub4dorAnd3"
	sku   = "GTR-77-SUNBURST"
)

// TestStrikeEverywhere puts a token and a SKU at any place of the shipped configuration, in any form in which a person might,
// after it was mangled in any way. Neither is in what is left.
func TestStrikeEverywhere(t *testing.T) {
	shipped, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "reconcile.hcl"))
	if err != nil {
		t.Fatal(err)
	}
	forms := []string{`"%"`, `%`, `'%'`, `“%”`, `["%", %]`, `"${upper("%")}"`, "<<EOT\n  %\nEOT\n", "<<%\nx\n%\n", "# %\n", "/* % */", "// %", `"%`, `%"`,
		`skus = ["%"]`, `access_token = "%"`, `acces_token : %`, `source "%" "%" {`, `rule "%" { when = pos.% == "%" }`, "`%`", "\x00%", "\xff%", `$%`, `%%`, `{%}`, "%{ if % }"}
	rapid.Check(t, func(t *rapid.T) {
		text := string(shipped)
		for range rapid.IntRange(0, 3).Draw(t, "mangled") {
			from := rapid.IntRange(0, len(text)).Draw(t, "from")
			to := min(len(text), from+rapid.IntRange(0, 40).Draw(t, "length"))
			text = text[:from] + rapid.SampledFrom([]string{"", `"`, "{", "}", "<<X\n", "${", "\n", "'", "#", "/*"}).Draw(t, "instead") + text[to:]
		}
		for _, secret := range []string{token, sku} {
			at := rapid.IntRange(0, len(text)).Draw(t, "at")
			text = text[:at] + strings.ReplaceAll(rapid.SampledFrom(forms).Draw(t, "form"), "%", secret) + text[at:]
		}
		struck := newStriker([]string{"bigcommerce", "access_token"}).configuration([]byte(text))
		for _, part := range []string{token, sku, "SUNBURST", "GTR"} {
			if strings.Contains(struck, part) {
				t.Fatalf("%s is left of\n%s\n\nin\n%s", part, text, struck)
			}
		}
	})
}

// TestStrikeLeavesTheForm says that what is left is a configuration of the same form, in which the same is called the same.
func TestStrikeLeavesTheForm(t *testing.T) {
	text := `source "bigcommerce" "web" {
  access_token = "abc"
}

reconciliation "x" {
  store = source.bigcommerce.web
  key   = upper(item.sku)
}
`
	want := `source "bigcommerce" "_1" {
  access_token = "_2"
}

reconciliation "_3" {
  store = source.bigcommerce._1
  key   = upper(item.sku)
}
`
	struck := newStriker([]string{"bigcommerce", "access_token"}).configuration([]byte(text))
	if struck != want {
		t.Errorf("got\n%s\nwant\n%s", struck, want)
	}
	shipped, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "reconcile.hcl"))
	if err != nil {
		t.Fatal(err)
	}
	struck = newStriker([]string{"amberpos", "bigcommerce"}).configuration(shipped)
	if _, diags := hclsyntax.ParseConfig([]byte(struck), "struck.hcl", hcl.InitialPos); diags.HasErrors() {
		t.Errorf("%v\n%s", diags, struck)
	}
}
