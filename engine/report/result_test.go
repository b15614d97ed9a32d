package report

import (
	"flag"
	"iter"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares got with a file in testdata, or rewrites the file.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got; -update rewrites it):\n%s", file, diff)
	}
}

// item is one side of an item of the sample. Fields that are nil are null.
type item struct {
	sku, name, brand string
	price, qoh       any
	variation        []string
	options          []catalog.Entry
	tracked          any
}

var sampleFields = []string{"sku", "name", "brand", "price", "qoh", "variation", "options", "tracked"}

// failer is a test, or a check of a property.
type failer interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

// side lays items out as rows, two in a batch, so that rows of several batches are shown.
func side(t failer, items ...item) []Row {
	t.Helper()
	var fields []catalog.Field
	for _, name := range sampleFields {
		f, ok := catalog.KnownField(name)
		if !ok {
			t.Fatalf("%q is no known field", name)
		}
		fields = append(fields, f)
	}
	b := catalog.NewBuilder(catalog.MustSchema(fields...))
	var rows []Row
	for i, it := range items {
		b.SetString(0, it.sku)
		b.SetString(1, it.name)
		b.SetString(2, it.brand)
		for at, v := range map[int]any{3: it.price, 4: it.qoh} {
			if v == nil {
				continue
			}
			d, err := catalog.ParseDecimal(v.(string))
			if err != nil {
				t.Fatal(err)
			}
			b.SetNumber(at, d)
		}
		b.SetList(5, it.variation)
		b.SetMap(6, it.options)
		if it.tracked != nil {
			b.SetBool(7, it.tracked.(bool))
		}
		b.End()
		if b.Len() == 2 || i == len(items)-1 {
			batch := b.Batch()
			for at := range batch.Len() {
				rows = append(rows, Row{Batch: batch, I: at})
			}
		}
	}
	return rows
}

func fields(names ...string) []catalog.Field {
	var list []catalog.Field
	for _, name := range names {
		f, _ := catalog.KnownField(name)
		list = append(list, f)
	}
	return list
}

func refs(names ...string) []FieldRef {
	var list []FieldRef
	for _, name := range names {
		side, field := verdict.Pos, name[len("pos."):]
		if name[0] == 's' {
			side, field = verdict.Store, name[len("store."):]
		}
		list = append(list, FieldRef{side, field})
	}
	return list
}

// outcome reads cells written one letter a rule.
func outcome(cells string) *Outcome {
	o := &Outcome{}
	for _, c := range cells {
		o.Cells = append(o.Cells, verdict.Cell(c))
	}
	return o
}

// explaining says that a rule took the N of others away.
func (o *Outcome) explaining(rule int, others ...int) *Outcome {
	o.Explains = make([][]int, len(o.Cells))
	o.Explains[rule] = others
	return o
}

func (o *Outcome) because(rule int, intent *Intent) *Outcome {
	o.Intents = make([]*Intent, len(o.Cells))
	o.Intents[rule] = intent
	return o
}

// shopRules are the columns N NS IV B Q QP QN P.
func shopRules() []Rule {
	return []Rule{
		{Code: "N", Title: "Name", Fields: refs("pos.name", "store.name"),
			Note: "If the names should be the same: check the websync configuration, then re-upload the item to push the POS's value online."},
		{Code: "NS", Title: "Name, SKU appended", Fields: refs("pos.name", "store.name", "store.name", "pos.name", "pos.sku"),
			Note: "None needed: the names are the same but for the SKU that makes the name unique."},
		{Code: "IV", Title: "Option variation", Fields: refs("pos.variation", "store.variation"),
			Note: "Update the Local Copy,\n  then re-upload the item.\n"},
		{Code: "B", Title: "Brand", Fields: refs("pos.brand", "store.brand"), Note: "Re-upload the item."},
		{Code: "Q", Title: "Quantity", Fields: refs("pos.qoh", "store.qoh"), Note: "Where they should match, re-upload the item."},
		{Code: "QP", Title: "Quantity, orders pending", Fields: refs("store.qoh", "pos.qoh", "store.tracked"),
			Note: "Import the webstore transactions; that subtracts them from the quantity on hand."},
		{Code: "QN", Title: "Quantity negative", Fields: refs("pos.qoh"), Note: "Correct the quantity in the POS."},
		{Code: "P", Title: "Price <regular> & special", Fields: refs("pos.price", "store.price")},
	}
}

// sample returns a result that has everything: each status, each cell, explained and intentional ones, nulls, lists and
// maps, and names with what terminals, CSV and JSON trip over.
func sample(t testing.TB) *Result {
	t.Helper()
	vendor := &Intent{Name: "vendor sets the web price", Reason: "They sell it <below> list & we may not.", Owner: "Ann"}
	levels := &Intent{Name: "two units kept back", Reason: "A safety stock for the counter."}

	size := []catalog.Entry{{Key: "Size", Value: "M"}, {Key: "Colour: inner", Value: `Red|Blue\`}}
	pos := side(t,
		item{sku: "GTR-0001", name: "Stratocaster", brand: "Fender", price: "1899.00", qoh: "3", tracked: true},
		item{sku: "GTR-0002", name: `12" "Bell" Cymbal, <bright> & loud`, brand: "Zildjian", price: "10.10", qoh: "5"},
		item{sku: "AMP-VERY-LONG-SKU-0003", name: "A guitar amplifier whose name somebody wrote out at full length, with its colour (green)", brand: "VOX", qoh: "-2"},
		item{sku: "CJK-4", name: "アコースティックギター 漢字", brand: "ヤマハ", price: "0.5", qoh: "1", variation: []string{`Size=L|M`, `Fret\=less=no`}, options: size},
		item{sku: "EMO-5", name: "👩‍🚀 Space 🇨🇦 kit ❤️ 👍🏽 cafe\u0301", brand: "x", price: "12", qoh: "7"},
		item{sku: "ESC-6", name: "\x1b[31mRed\x1b[0m\nname\twith\u202e bidi \u0085\x7f", brand: "a|b", price: "3", qoh: "0"},
		item{sku: "POS-7", name: "Only in the shop", brand: "", price: "1"},
		item{sku: "DUP-8", name: "Twice in the shop"},
		item{sku: "DUP-8", name: "Twice in the shop, again"},
		item{sku: "", name: "Nobody gave it a SKU"},
		item{sku: "ALL-9", name: "In step", brand: "OK", price: "1", qoh: "1"},
		item{sku: "ONE-10", name: "Bell", brand: "OK", price: "1", qoh: "5"},
	)
	store := side(t,
		item{sku: "GTR-0001", name: "Stratocaster GTR-0001", brand: "Fender", price: "1899", qoh: "3", tracked: true},
		item{sku: "GTR-0002", name: "12in Bell Cymbal", brand: "zildjian", price: "12", qoh: "4", tracked: true},
		item{sku: "AMP-VERY-LONG-SKU-0003", name: "An amplifier", brand: "VOX", price: "5", qoh: "0"},
		item{sku: "CJK-4", name: "アコースティックギター 漢字", brand: "ヤマハ", price: "0.50", qoh: "1", variation: []string{"Size=L|M"}, options: size[:1]},
		item{sku: "EMO-5", name: "Space kit", brand: "x", price: "12", qoh: "5"},
		item{sku: "ESC-6", name: "Red name", brand: "a|b", price: "3", qoh: "0"},
		item{sku: "ALL-9", name: "In step", brand: "OK", price: "1", qoh: "1"},
		item{sku: "one-10", name: "Bell\u00a0", brand: "OK", price: "1", qoh: "4"},
		item{sku: "WEB-11", name: "Only online", brand: "Nobody", price: "2"},
	)
	r := &Result{
		Reconciliation: "bigcommerce",
		Whole:          true,
		Pos:            Source{Connector: "amberpos", Name: "shop", Items: 12, ReadAt: time.Date(2026, 11, 23, 2, 0, 0, 999, time.FixedZone("PST", -8*3600))},
		Store:          Source{Connector: "bigcommerce", Name: "web", Items: 9, ReadAt: time.Date(2026, 11, 23, 10, 0, 5, 0, time.UTC)},
		Rules:          shopRules(),
		PosFields:      fields("sku", "name", "brand", "price", "qoh", "variation", "options"),
		StoreFields:    fields("name", "brand", "price", "qoh", "variation", "options", "tracked"),
		Items: itemsOf([]Item{
			{Status: verdict.Matched, Pos: pos[0], Store: store[0], Outcome: outcome("SNSSSSSS").explaining(1, 0)},
			{Status: verdict.Matched, Pos: pos[1], Store: store[1], Outcome: outcome("NSSNN-SI").because(7, vendor)},
			{Status: verdict.Matched, Pos: pos[2], Store: store[2], Outcome: outcome("NSSSS-N-").explaining(6, 4)},
			{Status: verdict.Matched, Pos: pos[3], Store: store[3], Outcome: outcome("SSNSS-SS")},
			{Status: verdict.Matched, Pos: pos[4], Store: store[4], Outcome: outcome("NSSSI-SS").because(4, levels)},
			{Status: verdict.Matched, Pos: pos[5], Store: store[5], Outcome: outcome("NSSSS-SS")},
			{Status: verdict.PosOnly, Pos: pos[6]},
			{Status: verdict.Duplicate, Pos: pos[7]},
			{Status: verdict.Duplicate, Pos: pos[8]},
			{Status: verdict.NoKey, Pos: pos[9]},
			{Status: verdict.Matched, Pos: pos[10], Store: store[6], Outcome: outcome("SSSSS-SS")},
			{Status: verdict.Matched, Pos: pos[11], Store: store[7], Outcome: outcome("NSSSSNSS").explaining(5, 4)},
			{Status: verdict.StoreOnly, Store: store[8]},
		}),
	}
	summarize(r)
	return r
}

// itemsOf returns the items as a result has them.
func itemsOf(list []Item) iter.Seq2[*Item, error] {
	return func(yield func(*Item, error) bool) {
		for i := range list {
			if !yield(&list[i], nil) {
				return
			}
		}
	}
}

// listOf returns all items of a result.
func listOf(t testing.TB, r *Result) []*Item {
	t.Helper()
	list, err := r.List()
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// summarize counts as the engine does.
func summarize(r *Result) {
	list, err := r.List()
	if err != nil {
		panic(err)
	}
	s := Summary{Items: len(list)}
	for range r.Rules {
		s.Rules = append(s.Rules, map[verdict.Cell]int{})
		s.Explained = append(s.Explained, map[int]int{})
		s.Unknown, s.Unchecked = append(s.Unknown, 0), append(s.Unchecked, 0)
	}
	for _, it := range list {
		s.Status[it.Status]++
		if it.Status != verdict.Matched {
			for side, row := range []Row{it.Pos, it.Store} {
				if row.Has() {
					s.Rows[it.Status][side]++
				}
			}
			continue
		}
		it.Outcome.Class, it.Outcome.Unknown = verdict.Agrees, make([]bool, len(it.Outcome.Cells))
		for rule, cell := range it.Outcome.Cells {
			unknown := cell == verdict.NotApplicable
			it.Outcome.Class = it.Outcome.Class.With(r.Rules[rule].Severity, cell, unknown)
			if unknown {
				s.Unknown[rule]++
				it.Outcome.Unknown[rule] = true
			}
			s.Rules[rule][cell]++
			for _, explained := range it.Outcome.explains(rule) {
				s.Explained[explained][rule]++
			}
		}
		s.Classes[it.Outcome.Class]++
		for rule := range it.Outcome.Cells {
			if it.unchecked() && it.Outcome.IsUnknown(rule) {
				s.Unchecked[rule]++
			}
		}
	}
	r.Summary = s
}
