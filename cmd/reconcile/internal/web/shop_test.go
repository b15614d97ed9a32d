package web

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/reconcilehq/reconcile/engine"
	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/history"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/rules"
	"github.com/reconcilehq/reconcile/rules/explain"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/web/screen"
)

// shop is a screen.Shop whose sides lie in memory. It makes a run when it is told to.
type shop struct {
	t          testing.TB
	folder     string
	config     *rules.Config
	program    *rules.Program
	made       time.Time
	pos, store shelf

	mu   sync.Mutex
	kept []screen.Kept
	busy bool
	fail string
	slow bool // an import waits for finish

	currency catalog.Currency // of the store's prices; "": nobody knows

	locked bool // nothing can be accepted: the file cannot be changed
}

var goodFields = catalog.MustSchema(
	catalog.Field{Name: "sku", Type: catalog.String},
	catalog.Field{Name: "name", Type: catalog.String},
	catalog.Field{Name: "brand", Type: catalog.String},
	catalog.Field{Name: "price", Type: catalog.Number},
	catalog.Field{Name: "qoh", Type: catalog.Number},
	catalog.Field{Name: "pending", Type: catalog.Number},
	catalog.Field{Name: "variation", Type: catalog.List},
)

type good struct {
	sku, name, brand    string
	price, qoh, pending string // "" is null
	variation           []string
}

// shelf is a side.
type shelf func(yield func(good) bool)

// watcher hears nothing.
type watcher struct{}

func (watcher) Progress(int64, int64, string) {}
func (watcher) Waiting(time.Time, string)     {}
func (watcher) Warning(string)                {}
func (watcher) Notice(string)                 {}

// Read implements engine.Source.
func (s shelf) Read(_ context.Context, asked *catalog.Schema, _ engine.ReadWatcher, sink func(*catalog.Batch) error) (engine.Read, error) {
	b, n := catalog.NewBuilder(asked), int64(0)
	for g := range s {
		n++
		for i, f := range asked.Fields() {
			if f.Type == catalog.Number {
				if text := map[string]string{"price": g.price, "qoh": g.qoh, "pending": g.pending}[f.Name]; text != "" {
					d, err := catalog.ParseDecimal(text)
					if err != nil {
						return engine.Read{}, err
					}
					b.SetNumber(i, d)
				}
				continue
			}
			switch f.Name {
			case "sku":
				b.SetString(i, g.sku)
			case "name":
				b.SetString(i, g.name)
			case "brand":
				b.SetString(i, g.brand)
			case "variation":
				b.SetList(i, g.variation)
			}
		}
		b.End()
		if b.Len() == 4096 {
			if err := sink(b.Batch()); err != nil {
				return engine.Read{}, err
			}
			b = catalog.NewBuilder(asked)
		}
	}
	return engine.Read{Items: n, ReadAt: time.Now().Add(-7 * time.Minute)}, sink(b.Batch())
}

// inCurrency is a side whose prices are in a currency that it knows.
type inCurrency struct {
	shelf
	of catalog.Currency
}

// Read implements engine.Source.
func (s inCurrency) Read(ctx context.Context, asked *catalog.Schema, w engine.ReadWatcher, sink func(*catalog.Batch) error) (engine.Read, error) {
	read, err := s.shelf.Read(ctx, asked, w, sink)
	if s.of != "" {
		read.Currencies = map[string]catalog.Currency{"price": s.of}
	}
	return read, err
}

const shopRules = `
source "amberpos" "shop"   { file = "pos.csv" }
source "bigcommerce" "web" { sandbox = true }
reconciliation "bigcommerce" {
  pos   = source.amberpos.shop
  store = source.bigcommerce.web
}
rule "N" {
  title = "Name"
  when  = pos.name != store.name
  note  = "If the names should be the same, upload the item again."
}
rule "NS" {
  title    = "Name, SKU appended"
  explains = ["N"]
  severity = "info"
  when     = pos.name != store.name && store.name == "${pos.name} ${pos.sku}"
}
rule "IV" {
  title = "Option variation"
  when  = pos.variation != store.variation
}
rule "B" {
  title = "Brand"
  when  = lower(pos.brand) != lower(store.brand)
}
rule "Q" {
  title = "Quantity on hand"
  when  = pos.qoh != store.qoh
  note  = "Upload the item again."
}
rule "QP" {
  title    = "Quantity, web orders pending"
  explains = ["Q"]
  when     = pos.qoh != store.qoh && pos.qoh - store.pending == store.qoh
}
rule "QN" {
  title = "Oversold"
  explains = ["Q"]
  when  = pos.qoh < 0
}
rule "P" {
  title = "Price"
  when  = pos.price != store.price
  note  = "Re-upload the item."
}
intentional "vendor sets the web price" {
  rules  = ["P"]
  where  = pos.brand == "Fender"
  reason = "Fender sets the price of its instruments online"
}
`

// newShop returns a shop with two sides, without any run.
func newShop(t testing.TB, pos, store shelf) *shop {
	t.Helper()
	s := &shop{t: t, folder: t.TempDir(), pos: pos, store: store, made: time.Now().Add(-5 * time.Minute)}
	path := filepath.Join(s.folder, "reconcile.hcl")
	if err := os.WriteFile(path, []byte(shopRules), 0o600); err != nil {
		t.Fatal(err)
	}
	config, diags := rules.Load(path, rules.Options{Bundled: []string{"amberpos", "bigcommerce"}})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	s.config = config
	if s.program, diags = config.Compile(config.Reconciliations[0], goodFields, goodFields, s.made); diags.HasErrors() {
		t.Fatal(diags)
	}
	return s
}

// Reconciliations implements screen.Shop, as do the methods below.
func (s *shop) Reconciliations(context.Context) ([]screen.Reconciliation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := screen.Reconciliation{Name: "bigcommerce", Title: "BigCommerce", Pos: "amberpos.shop", Store: "bigcommerce.web"}
	if len(s.kept) > 0 {
		r.Last = &s.kept[len(s.kept)-1]
	}
	if s.busy {
		r.Importing = &screen.Importing{Began: s.made, Sources: []screen.Reading{{Source: "amberpos.shop", Items: 35, Done: true}, {Source: "bigcommerce.web", Items: 20, Total: 32, Text: "138 of 150 requests left"}}}
	}
	if s.fail != "" {
		r.Failure = &screen.Failure{At: s.made, Text: s.fail}
	}
	return []screen.Reconciliation{r, {Name: "outlet", Title: "Outlet", Pos: "amberpos.shop", Store: "bigcommerce.outlet"}}, nil
}

func (s *shop) File(_ context.Context, reconciliation, run string) (screen.Kept, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range slices.Backward(s.kept) {
		if reconciliation == "bigcommerce" && (run == "" || run == k.ID) {
			return k, nil
		}
	}
	return screen.Kept{}, screen.ErrNoRun
}

func (s *shop) Import(_ context.Context, _ store.Actor, reconciliation string) error {
	if reconciliation != "bigcommerce" {
		return fmt.Errorf("there is no %s", reconciliation)
	}
	s.mu.Lock()
	slow := s.slow
	s.busy = slow
	s.mu.Unlock()
	if !slow {
		s.run()
	}
	return nil
}

// finish ends an import that was begun.
func (s *shop) finish() {
	s.run()
	s.done()
}

// done ends an import that has its results.
func (s *shop) done() {
	s.mu.Lock()
	s.busy = false
	s.mu.Unlock()
}

func (s *shop) Explain(_ context.Context, _ string, _ *report.Result, it *report.Item) ([]explain.Explanation, error) {
	pair := explain.Pair{On: it.Status, Pos: it.Pos.Batch, PosRow: it.Pos.I, Store: it.Store.Batch, StoreRow: it.Store.I, Key: it.SKU()}
	return explain.Cells(s.config, s.program, pair, s.made), nil
}

// run makes a run and keeps it.
func (s *shop) run() {
	result, err := engine.Run(context.Background(), engine.Job{Reconciliation: "bigcommerce", Program: s.program, All: true,
		Pos:   engine.Side{Source: s.pos, Connector: "amberpos", Name: "shop", Watch: watcher{}},
		Store: engine.Side{Source: inCurrency{s.store, s.currency}, Connector: "bigcommerce", Name: "web", Watch: watcher{}}})
	if err != nil {
		s.t.Error(err)
		return
	}
	defer result.Close()
	result.MadeAt = s.made
	s.mu.Lock()
	defer s.mu.Unlock()
	id := fmt.Sprint("run-", len(s.kept)+1)
	path := filepath.Join(s.folder, id)
	w, err := history.Create(path, result)
	if err != nil {
		s.t.Error(err)
		return
	}
	for it, err := range result.Items {
		if err == nil {
			err = w.Append(it)
		}
		if err != nil {
			s.t.Error(err)
			return
		}
	}
	if err := w.Close(); err != nil {
		s.t.Error(err)
		return
	}
	k := screen.Kept{ID: id, Path: path, MadeAt: result.MadeAt}
	if len(s.kept) > 0 {
		k.Before, k.New = true, []int32{4}
	}
	k.Since = func(at int) (time.Time, bool) { return s.made.Add(-73 * time.Hour), at == 3 || at == 4 }
	k.SinceOf = func(at, rule int) (time.Time, bool) { // the price of two items, and the quantity of one, which is its oldest
		return s.made.Add(time.Duration(-at*10-rule) * time.Hour), rule == 7 && (at == 1 || at == 3) || rule == 4 && at == 1
	}
	s.kept = append(s.kept, k)
}

// goods are a shop with one item of each kind.
func goods() (pos, store shelf) {
	list := []good{
		{sku: "BK-ROAD-52", name: "Strada Road Bike", brand: "Strada", price: "1299", qoh: "2"},
		{sku: "BK-ROAD-54", name: "Strada Road Bike", brand: "Strada", price: "1299", qoh: "1"},
		{sku: "BELL-BR", name: "Brass Bell", brand: "Klingel", price: "14.50", qoh: "40"},
		{sku: "LIGHT-F", name: "Front Light 400 lm", brand: "Lumo", price: "49.95", qoh: "12"},
		{sku: "LIGHT-R", name: "Rear Light 50 lm", brand: "Lumo", price: "19.95", qoh: "8"},
		{sku: "HELMET-S", name: "Commuter Helmet", brand: "Klingel", price: "79", qoh: "5", variation: []string{"Size=L|M|S"}},
		{sku: "PUMP-F", name: "Floor Pump with Gauge", brand: "Luft", price: "45", qoh: "5"},
		{sku: "SADDLE-G", name: "Gel Saddle", brand: "Luft", price: "39", qoh: "-2"},
		{sku: "UKE-S", name: "Soprano Ukulele", brand: "Koa", price: "89", qoh: "3"},
		{sku: "GTR-STRAT-MN", name: "Stratocaster, Maple Neck", brand: "Fender", price: "899", qoh: "1"},
		{sku: "GIFT-50", name: "Gift Card $50", brand: "Chain & Chord", price: "50"},
		{sku: "HELMET-L", name: "Commuter Helmet", brand: "Klingel", price: "79", qoh: "5"},
		{sku: "STRINGS-10", name: "Electric Guitar Strings", brand: "Drahtig", price: "12.95", qoh: "30"},
		{sku: "STRINGS-10", name: "Electric Guitar Strings (old listing)", brand: "Drahtig", price: "11.95", qoh: "2"},
		{sku: "", name: "Miscellaneous Part"},
		{sku: "OUD-7", name: "عود تركي من خشب الجوز، سبعة أوتار، مع حقيبة مبطنة", brand: "Oud", price: "450", qoh: "1"},
		{sku: `<b>&"'`, name: `Name with <script>document.title="acted"</script> & "quotes" in it`, brand: "X", price: "1", qoh: "1"},
	}
	change := map[string]func(*good){
		"LIGHT-F":      func(g *good) { g.price = "44.95" },
		"LIGHT-R":      func(g *good) { g.brand = "Lumos" },
		"HELMET-S":     func(g *good) { g.variation = []string{"Size=M|S"} },
		"PUMP-F":       func(g *good) { g.qoh, g.pending = "4", "1" },
		"SADDLE-G":     func(g *good) { g.qoh = "0" },
		"UKE-S":        func(g *good) { g.name += " UKE-S" },
		"GTR-STRAT-MN": func(g *good) { g.price = "949" },
		"BK-ROAD-54":   func(g *good) { g.price, g.qoh = "1199", "3" },
	}
	return shelf(slices.Values(list)), func(yield func(good) bool) {
		for i, g := range list {
			if g.sku == "HELMET-L" || g.sku == "" || i == 13 {
				continue
			}
			if c := change[g.sku]; c != nil {
				c(&g)
			}
			if !yield(g) {
				return
			}
		}
		yield(good{sku: "VINYL-KIT", name: "Record Cleaning Kit", brand: "Taktvoll", price: "36", qoh: "10"})
	}
}

// manyGoods are n items, every fourteenth with another price online.
func manyGoods(n int) (pos, store shelf) {
	side := func(other bool) shelf {
		return func(yield func(good) bool) {
			for i := range n {
				g := good{sku: fmt.Sprintf("SKU-%07d", i+1), name: fmt.Sprintf("Item %d", i+1), brand: "Lumo", price: "10", qoh: "1"}
				if other && i%14 == 13 {
					g.price = "12"
				}
				if !yield(g) {
					return
				}
			}
		}
	}
	return side(false), side(true)
}
