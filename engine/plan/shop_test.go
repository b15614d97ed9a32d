package plan_test

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/reconcilehq/reconcile/engine"
	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/plan"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules"
)

const sides = `
source "file" "a" {}
source "file" "b" {}
reconciliation "r" {
  pos   = source.file.a
  store = source.file.b
}
`

// schema has the fields of both sides.
var schema = func() *catalog.Schema {
	known := catalog.MustSchema(catalog.KnownFields()...)
	of, err := known.Select([]string{"sku", "name", "brand", "price", "cost_price", "qoh", "pending", "tracked", "parent_sku", "options", "safety_stock", "variation", "sale_price"})
	if err != nil {
		panic(err)
	}
	return of
}()

// item is one item's values, by field; what is not there is null, or empty.
type item map[string]catalog.Value

// shop is what both sides hold.
type shop struct{ pos, store []item }

type fatal interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

func compile(t fatal, dir, text string) (*rules.Config, *rules.Program) {
	t.Helper()
	path := filepath.Join(dir, "reconcile.hcl")
	if err := os.WriteFile(path, []byte(text+sides), 0o600); err != nil {
		t.Fatal(err)
	}
	c, diags := rules.Load(path, rules.Options{Bundled: []string{"file"}})
	if diags.HasErrors() {
		t.Fatalf("%v in:\n%s", diags, text)
	}
	p, diags := c.Compile(c.Reconciliations[0], schema, schema, time.Now())
	if diags.HasErrors() {
		t.Fatalf("%v in:\n%s", diags, text)
	}
	return c, p
}

// Read implements engine.Source.
type source []item

func (s source) Read(_ context.Context, asked *catalog.Schema, _ engine.ReadWatcher, sink func(*catalog.Batch) error) (engine.Read, error) {
	b := catalog.NewBuilder(asked)
	for _, it := range s {
		for i, name := range asked.Names() {
			if v, ok := it[name]; ok {
				if err := b.Set(i, v); err != nil {
					return engine.Read{}, err
				}
			}
		}
		b.End()
	}
	if len(s) > 0 {
		if err := sink(b.Batch()); err != nil {
			return engine.Read{}, err
		}
	}
	return engine.Read{Items: int64(len(s)), ReadAt: time.Now()}, nil
}

type nobody struct{}

func (nobody) Progress(int64, int64, string) {}
func (nobody) Warning(string)                {}
func (nobody) Notice(string)                 {}
func (nobody) Waiting(time.Time, string)     {}

func run(t fatal, p *rules.Program, s shop) *report.Result {
	t.Helper()
	result, err := engine.Run(context.Background(), engine.Job{Reconciliation: "r", Program: p, All: true,
		Pos: engine.Side{Source: source(s.pos), Connector: "file", Name: "a", Watch: nobody{}}, Store: engine.Side{Source: source(s.store), Connector: "file", Name: "b", Watch: nobody{}}})
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// cells returns the cells of all items, by the place of the row in the store, and of those that it lacks by that in the other side.
func cells(t fatal, p *rules.Program, result *report.Result) map[[2]int64]plan.Cells {
	t.Helper()
	items, err := result.List()
	if err != nil {
		t.Fatal(err)
	}
	all := map[[2]int64]plan.Cells{}
	for _, it := range items {
		side := verdict.Store
		if !it.Store.Has() {
			side = verdict.Pos
		}
		of := plan.Cells{}
		if it.Outcome != nil {
			for i, cell := range it.Outcome.Cells {
				if cell != verdict.NotThere {
					of[p.Rules[i].Code] = cell.String()
				}
			}
		}
		all[[2]int64{int64(side), it.Row(side).Place}] = of
	}
	return all
}

func made(t fatal, c *rules.Config, p *rules.Program, s shop, change func(*plan.Job)) *plan.Plan {
	t.Helper()
	result := run(t, p, s)
	defer result.Close()
	job := plan.Job{Program: p, Result: result, OnRequest: c.OnRequest, Brakes: c.Brakes}
	if change != nil {
		change(&job)
	}
	made, err := plan.Make(job)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func text(s string) catalog.Value { return catalog.StringValue(s) }

func number(s string) catalog.Value {
	d, err := catalog.ParseDecimal(s)
	if err != nil {
		panic(err)
	}
	return catalog.NumberValue(d)
}
