package expr_test

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules/expr"
)

// A condition is compiled once, for two schemas, and evaluated on many pairs of rows.
func Example() {
	schema := catalog.MustSchema(
		catalog.Field{Name: "sku", Type: catalog.String},
		catalog.Field{Name: "price", Type: catalog.Number},
	)
	syntax, diags := hclsyntax.ParseExpression([]byte(`pos.price - 0.01 > store.price`), "rule.hcl", hcl.InitialPos)
	if diags.HasErrors() {
		fmt.Println(diags)
		return
	}
	condition, diags := expr.Compile(syntax, &expr.Scope{Sides: []expr.Side{{Name: "pos", Schema: schema}, {Name: "store", Schema: schema}}})
	if diags.HasErrors() {
		fmt.Println(diags)
		return
	}
	var frame expr.Frame
	frame.SetBatch(verdict.Pos, prices(schema, "10.99", "5", ""))
	frame.SetBatch(verdict.Store, prices(schema, "10.99", "4.5", "3"))
	for row := range 3 {
		frame.SetRow(verdict.Pos, row)
		frame.SetRow(verdict.Store, row)
		truth, known := condition.Bool(&frame)
		fmt.Println(truth, known)
	}
	// Output:
	// false true
	// true true
	// false false
}

// A trace says which parts decided, and what a null began with.
func ExampleExpr_Trace() {
	schema := catalog.MustSchema(catalog.Field{Name: "sku", Type: catalog.String}, catalog.Field{Name: "price", Type: catalog.Number})
	const src = `item.price > 1 && item.sku != ""`
	syntax, _ := hclsyntax.ParseExpression([]byte(src), "rule.hcl", hcl.InitialPos)
	condition, diags := expr.Compile(syntax, &expr.Scope{Sides: []expr.Side{{Name: "item", Schema: schema}}})
	if diags.HasErrors() {
		fmt.Println(diags)
		return
	}
	var frame expr.Frame
	frame.SetBatch(0, prices(schema, ""))
	trace := condition.Trace(&frame)
	fmt.Println("null:", trace.Null)
	for _, cause := range trace.Causes() {
		fmt.Println("by", string(cause.Range.SliceBytes([]byte(src))))
	}
	// Output:
	// null: true
	// by item.price
}

// prices returns items with these prices; "" is unknown.
func prices(schema *catalog.Schema, list ...string) *catalog.Batch {
	b := catalog.NewBuilder(schema)
	for _, price := range list {
		b.SetString(0, "A-1")
		if d, err := catalog.ParseDecimal(price); err == nil {
			b.SetNumber(1, d)
		}
		b.End()
	}
	return b.Batch()
}
