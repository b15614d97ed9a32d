package expr_test

import (
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"pgregory.net/rapid"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules/expr"
)

// keepingLook are expressions of which it is said whether they keep a SKU's look.
var keepingLook = []struct {
	text string
	want bool
}{
	{`item.sku`, true},
	{`upper(trimspace(item.sku))`, true},
	{`lower("${item.sku}")`, true},
	{`trimprefix((item.sku), "'")`, true},
	{`trimsuffix(item.sku, "-")`, true},
	{`replace(item.sku, "_", "-")`, true},
	{`regexreplace("[\\p{Cf}\\x00-\\x08\\x0e-\\x1f\\x7f]+", item.sku, "")`, true},
	{`regexreplace("[\\s\\v\\x{85}\\p{Z}]+", item.sku, "")`, true},
	{`upper(regexreplace("[\\p{Pd}\\x{2212}_]+", item.sku, "-"))`, true},
	{`regexreplace("^0+([^\\pC\\pZ])", item.sku, "$1")`, true},
	{`item.name`, false},
	{`"A"`, false},
	{`trimprefix(item.sku, "X-")`, false},
	{`trimsuffix(item.sku, "0")`, false},
	{`trimprefix(item.sku, item.name)`, false},
	{`replace(item.sku, "-", "0")`, false},
	{`replace(item.sku, "1", "")`, false},
	{`regexreplace("[^-]+", item.sku, "")`, false},
	{`regexreplace("-.*", item.sku, "")`, false},
	{`regexreplace("(-)", item.sku, "$1")`, false},
	{`regexreplace("-+|0", item.sku, "")`, false},
	{`regex("-", item.sku)`, false},
	{`"${item.sku}${item.name}"`, false},
	{`item.sku == "" ? item.name : item.sku`, false},
}

// TestKeepsLook: where an expression keeps the look, items of which it is the same have SKUs of one look.
func TestKeepsLook(t *testing.T) {
	schema := catalog.MustSchema(catalog.Field{Name: "name", Type: catalog.String}, catalog.Field{Name: "sku", Type: catalog.String})
	scope := &expr.Scope{Sides: []expr.Side{{Name: "item", Schema: schema}}}
	for _, c := range keepingLook {
		t.Run(c.text, func(t *testing.T) {
			parsed, diags := hclsyntax.ParseExpression([]byte(c.text), "", hcl.InitialPos)
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			compiled, diags := expr.Compile(parsed, scope)
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			if got := compiled.KeepsLook("sku"); got != c.want {
				t.Fatalf("it is %v", got)
			}
			if !c.want {
				return
			}
			rapid.Check(t, func(t *rapid.T) {
				sku := rapid.StringOf(rapid.OneOf(rapid.RuneFrom([]rune("aA0-_' 1\u200b\u2011ßıİ")), rapid.Rune())).Draw(t, "sku")
				b := catalog.NewBuilder(schema)
				b.SetString(1, sku)
				b.End()
				var frame expr.Frame
				frame.SetBatch(verdict.Pos, b.Batch())
				if value, _ := compiled.Str(&frame); catalog.Look(value) != catalog.Look(sku) {
					t.Errorf("%q makes %q", sku, value)
				}
			})
		})
	}
}
