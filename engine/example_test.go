package engine_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/reconcilehq/reconcile/engine"
	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/rules"
)

var fields = catalog.MustSchema(
	catalog.Field{Name: "sku", Type: catalog.String},
	catalog.Field{Name: "name", Type: catalog.String},
	catalog.Field{Name: "price", Type: catalog.Number},
)

// shelf is a source that lies in memory: a SKU, a name and a price in each row.
type shelf [][3]string

// Read implements engine.Source.
func (s shelf) Read(_ context.Context, asked *catalog.Schema, _ engine.ReadWatcher, sink func(*catalog.Batch) error) (engine.Read, error) {
	batch := catalog.NewBuilder(asked)
	for _, row := range s {
		for i, text := range row {
			column := asked.Index(fields.Field(i).Name)
			switch {
			case column < 0: // the rules do not read this field
			case asked.Field(column).Type == catalog.Number:
				number, err := catalog.ParseDecimal(text)
				if err != nil {
					return engine.Read{}, err
				}
				batch.SetNumber(column, number)
			default:
				batch.SetString(column, text)
			}
		}
		batch.End()
	}
	return engine.Read{Items: int64(len(s)), ReadAt: time.Now()}, sink(batch.Batch())
}

const configuration = `
source "file" "pos"   { path = "pos.csv" }
source "file" "store" { path = "store.csv" }
reconciliation "shop" {
  pos   = source.file.pos
  store = source.file.store
}
rule "N" { when = pos.name != store.name }
rule "P" { when = pos.price != store.price }
`

// A run over two sources in memory: rules are loaded and compiled against the sources' fields, both sides are read and
// paired by SKU, and the result is written as CSV.
func ExampleRun() {
	program, err := compile(configuration)
	if err != nil {
		fmt.Println(err)
		return
	}
	result, err := engine.Run(context.Background(), engine.Job{
		Reconciliation: "shop",
		Program:        program,
		All:            true, // synchronized items, too
		Pos: engine.Side{Source: shelf{
			{"A-1", "Bell", "10.00"},
			{"A-2", "Lamp", "24.90"},
			{"A-3", "Lock", "39"},
		}},
		Store: engine.Side{Source: shelf{
			{"A-2", "Lamp", "19.90"},
			{"A-1", "Bell", "10"},
			{"A-4", "Pump", "15"},
		}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer result.Close()
	if err := report.CSV().Write(os.Stdout, result, report.Options{All: true}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// sku,name,status,N,P,pos.name,pos.price,store.name,store.price
	// A-1,Bell,matched,S,S,Bell,10,Bell,10
	// A-2,Lamp,matched,S,N,Lamp,24.9,Lamp,19.9
	// A-3,Lock,pos_only,,,Lock,39,,
	// A-4,Pump,store_only,,,,,Pump,15
}

// compile loads a configuration and compiles the rules of its first reconciliation.
func compile(text string) (*rules.Program, error) {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "reconcile.hcl")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return nil, err
	}
	config, diags := rules.Load(path, rules.Options{Bundled: []string{"file"}})
	if diags.HasErrors() {
		return nil, diags
	}
	program, diags := config.Compile(config.Reconciliations[0], fields, fields, time.Now())
	if diags.HasErrors() {
		return nil, diags
	}
	return program, nil
}
