package rules_test

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/rules"
)

// A configuration is loaded, its rules are compiled for the fields of both sides, and pairs of items get their cells.
func Example() {
	dir, err := os.MkdirTemp("", "rules")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "reconcile.hcl")
	const text = `
source "file" "shop" {}
source "file" "web" {}
reconciliation "web" {
  pos   = source.file.shop
  store = source.file.web
}
rule "P" { when = pos.price != store.price }
rule "Q" { when = pos.qoh != store.qoh }
intentional "clearance" {
  rules  = ["P"]
  skus   = ["A-2"]
  reason = "It is on offer."
}
`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	config, diags := rules.Load(path, rules.Options{Bundled: []string{"file"}})
	if diags.HasErrors() {
		fmt.Println(diags)
		return
	}
	fields := catalog.MustSchema(catalog.KnownFields()...)
	program, diags := config.Compile(config.Reconciliations[0], fields, fields, time.Now())
	if diags.HasErrors() {
		fmt.Println(diags)
		return
	}
	// Only what the rules name is to be read.
	fmt.Println(program.Pos.Names())

	evaluator := program.NewEvaluator()
	pos, store := stock(program.Pos, 10, 10), stock(program.Store, 10, 12)
	for row, sku := range []string{"A-1", "A-2"} {
		cells, synchronized := evaluator.Evaluate(pos, row, store, row, sku)
		fmt.Println(sku, cells[0].State, cells[1].State, synchronized)
	}
	// Output:
	// [sku name price qoh parent_sku]
	// A-1 S S true
	// A-2 I S false
}

// stock returns an item for each price, of which there are three.
func stock(schema *catalog.Schema, prices ...int64) *catalog.Batch {
	b := catalog.NewBuilder(schema)
	for _, price := range prices {
		b.SetNumber(schema.Index("price"), catalog.Int(price))
		b.SetNumber(schema.Index("qoh"), catalog.Int(3))
		b.End()
	}
	return b.Batch()
}
