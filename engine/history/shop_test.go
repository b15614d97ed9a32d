package history

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/reconcilehq/reconcile/engine"
	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/rules"
)

// watcher hears nothing.
type watcher struct{}

func (watcher) Progress(int64, int64, string) {}
func (watcher) Warning(string)                {}
func (watcher) Notice(string)                 {}
func (watcher) Waiting(time.Time, string)     {}

var shopFields = catalog.MustSchema(
	catalog.Field{Name: "sku", Type: catalog.String},
	catalog.Field{Name: "name", Type: catalog.String},
	catalog.Field{Name: "price", Type: catalog.Number},
	catalog.Field{Name: "qoh", Type: catalog.Number},
	catalog.Field{Name: "tracked", Type: catalog.Bool},
	catalog.Field{Name: "options", Type: catalog.Map},
	catalog.Field{Name: "variation", Type: catalog.List},
	catalog.Field{Name: "parent_sku", Type: catalog.String},
)

// good is an item of a shop that is made up.
type good struct {
	sku, name, parent string
	price, qoh        string // "" is null
	tracked           int    // 0 is null, then false, true
	options           []catalog.Entry
	variation         []string
	unreadable        string // why it could not be read
}

// shelf is a side that lies in memory.
type shelf []good

// Read implements engine.Source.
func (s shelf) Read(_ context.Context, asked *catalog.Schema, watch engine.ReadWatcher, sink func(*catalog.Batch) error) (engine.Read, error) {
	b := catalog.NewBuilder(asked)
	for _, g := range s {
		if g.unreadable != "" {
			if b.Len() > 0 {
				if err := sink(b.Batch()); err != nil {
					return engine.Read{}, err
				}
			}
			if err := watch.Unreadable([]catalog.Unreadable{{SKU: g.sku, Reason: g.unreadable}}); err != nil {
				return engine.Read{}, err
			}
			continue
		}
		for i, f := range asked.Fields() {
			switch f.Name {
			case "sku":
				b.SetString(i, g.sku)
			case "name":
				b.SetString(i, g.name)
			case "parent_sku":
				b.SetString(i, g.parent)
			case "price", "qoh":
				text := map[string]string{"price": g.price, "qoh": g.qoh}[f.Name]
				if text == "" {
					continue
				}
				d, err := catalog.ParseDecimal(text)
				if err != nil {
					return engine.Read{}, err
				}
				b.SetNumber(i, d)
			case "tracked":
				if g.tracked > 0 {
					b.SetBool(i, g.tracked == 2)
				}
			case "options":
				b.SetMap(i, g.options)
			case "variation":
				b.SetList(i, g.variation)
			}
		}
		b.End()
	}
	return engine.Read{Items: int64(len(s)), ReadAt: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)}, sink(b.Batch())
}

const shopRules = `
source "file" "pos"   { path = "pos.csv" }
source "file" "store" { path = "store.csv" }
reconciliation "shop" {
  pos   = source.file.pos
  store = source.file.store
  key   = upper(trimspace(item.sku))
}
rule "N" {
  title = "Name"
  when  = pos.name != store.name
  note  = "Upload it again."
}
rule "NS" {
  explains = ["N"]
  severity = "info"
  when     = pos.name != store.name && store.name == "${pos.name} ${pos.sku}"
}
rule "O" { when = pos.options != store.options || pos.variation != store.variation }
rule "Q" {
  applies = coalesce(store.tracked, true)
  when    = pos.qoh != store.qoh
}
rule "P" { when = pos.price != store.price }
rule "Z" {
  on       = "pos_only"
  severity = "warning"
  when     = pos.price > 100
}
intentional "dear" {
  rules  = ["P"]
  where  = pos.price > 500
  reason = "the web has a price of its own"
  owner  = "Ann"
}
intentional "not online" {
  status = ["pos_only"]
  where  = startswith(pos.name, "Part")
  reason = "parts are not sold online"
}
intentional "of nothing" {
  rules  = ["P"]
  skus   = ["no such"]
  reason = "it is gone"
}
`

// compile compiles the rules of a configuration against the shop's fields.
func compile(t testing.TB, text string) *rules.Program {
	t.Helper()
	path := filepath.Join(t.TempDir(), "reconcile.hcl")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	config, diags := rules.Load(path, rules.Options{Bundled: []string{"file"}})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	program, diags := config.Compile(config.Reconciliations[0], shopFields, shopFields, time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC))
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return program
}

// runShop runs a reconciliation of two sides. The result is closed when the test ends.
func runShop(t testing.TB, program *rules.Program, pos, store shelf) *report.Result {
	t.Helper()
	return runJob(t, engine.Job{Program: program, All: true}, pos, store)
}

func runJob(t testing.TB, job engine.Job, pos, store shelf) *report.Result {
	t.Helper()
	job.Reconciliation, job.Pos, job.Store = "shop",
		engine.Side{Source: pos, Connector: "file", Name: "pos", Watch: watcher{}}, engine.Side{Source: store, Connector: "file", Name: "store", Watch: watcher{}}
	result, err := engine.Run(context.Background(), job)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = result.Close() })
	result.MadeAt = time.Date(2026, 11, 23, 10, 25, 0, 0, time.UTC)
	result.KeyText = "upper(trimspace(item.sku))"
	result.Warn(report.Warning{Source: "pos", Text: "a row was too long"})
	result.Warn(report.Warning{Text: "read as UTF-8", Notice: true})
	return result
}

// drawShop makes up two sides that agree in most, with all that there is otherwise.
func drawShop(r *rand.Rand, n int) (pos, store shelf) {
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	for i := range n {
		g := good{sku: fmt.Sprintf("sku-%05d", i), name: fmt.Sprintf("%s %d", pick("Bell", "Lämp", "Part", "=Lock,\"x\"\n"), i), price: pick("10", "10.50", "999.99", "", "0.000001", "123456789012345678901234567890.5"),
			qoh: pick("1", "-3", "", "20"), tracked: r.IntN(3), parent: pick("", "", "parent")}
		if r.IntN(3) == 0 {
			g.options = []catalog.Entry{{Key: "Color", Value: pick("Red", "B|ue")}, {Key: "Size", Value: "XL"}}
			g.variation = []string{"Color=Blue|Red", "Size=XL"}
		}
		other := g
		switch r.IntN(14) {
		case 0:
			other.name += " " + g.sku
		case 1:
			other.name = pick("", "Bull", "Bell\u200b")
		case 2:
			other.price = pick("", "10", "11")
		case 3:
			other.qoh = pick("", "7")
		case 4:
			other.options = nil
		case 5:
			other.sku = " SKU" + g.sku[3:]
		case 6:
			store = append(store, other) // twice
		case 7:
			other.unreadable = "the row is too short"
		case 8:
			other.sku = pick("", "0", "'") + g.sku // only on one side, and near, or twice
		}
		switch r.IntN(20) {
		case 0:
			store = append(store, other)
		case 1:
			pos = append(pos, g)
		case 2:
			g.sku = ""
			pos = append(pos, g)
		default:
			pos, store = append(pos, g), append(store, other)
		}
	}
	pos = append(pos, good{sku: "parent", name: "Parent"})
	r.Shuffle(len(store), func(i, j int) { store[i], store[j] = store[j], store[i] })
	return pos, store
}

// keep writes a run's file and opens it.
func keep(t testing.TB, result *report.Result) *Run {
	t.Helper()
	run, err := Open(keepFile(t, result))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = run.Close() })
	return run
}

func keepFile(t testing.TB, result *report.Result) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "run")
	w, err := Create(path, result)
	if err != nil {
		t.Fatal(err)
	}
	for it, err := range result.Items {
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Append(it); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}
