package rules

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
	"pgregory.net/rapid"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// shippedProgram compiles the shipped configuration for sources that have all known fields.
func shippedProgram(t testing.TB) (*Config, *Program) {
	t.Helper()
	config, diags := Load("../reconcile.hcl", Options{Bundled: []string{"amberpos", "bigcommerce", "file"}})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	r, diags := config.Choose("")
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	schema := catalog.MustSchema(catalog.KnownFields()...)
	p, diags := config.Compile(r, schema, schema, time.Now())
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return config, p
}

// compileText compiles rules for sources that have all known fields, and returns the program.
func compileText(t testing.TB, text string) *Program {
	t.Helper()
	config := loadText(t, text)
	schema := catalog.MustSchema(catalog.KnownFields()...)
	p, diags := config.Compile(config.Reconciliations[0], schema, schema, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return p
}

// loadText loads rules for two sources.
func loadText(t testing.TB, text string) *Config {
	t.Helper()
	path := filepath.Join(t.(interface{ TempDir() string }).TempDir(), "reconcile.hcl")
	text = "source \"file\" \"a\" { path = \"a.csv\" }\nsource \"file\" \"b\" { path = \"b.csv\" }\nreconciliation \"r\" {\n  pos = source.file.a\n  store = source.file.b\n}\n" + text
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	config, diags := Load(path, Options{Bundled: []string{"file"}})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return config
}

// benchPairs is how many pairs the benchmarks go through. Every third differs in one field, the fields taken in turn.
const benchPairs = 3000

// benchItem returns the i-th item of a side.
func benchItem(i int, store bool) map[string]catalog.Value {
	name, brand, qoh, price, size := fmt.Sprintf("Bronze Bell %d, mounted", i), fmt.Sprintf("Brand %03d", i%400), int64(i%120-5), int64(1000+i), "M"
	pending := int64(0)
	if store && i%3 == 0 {
		switch i / 3 % 6 {
		case 0:
			name += fmt.Sprintf(" SKU-%08d", i)
		case 1:
			brand += " Inc"
		case 2:
			price += 100_00
		case 3:
			qoh -= 2
			pending = 2
		case 4:
			size = "XL"
		case 5:
			name += " (new)"
		}
	}
	return map[string]catalog.Value{
		"sku": catalog.StringValue(fmt.Sprintf("SKU-%08d", i)), "name": catalog.StringValue(name), "brand": catalog.StringValue(brand),
		"qoh": catalog.NumberValue(catalog.Int(qoh)), "price": catalog.NumberValue(catalog.NewDecimal(price, 2)), "pending": catalog.NumberValue(catalog.Int(pending)),
		"options": catalog.MapValue([]catalog.Entry{{Key: "Color", Value: "Red"}, {Key: "Size", Value: size}}),
		"tracked": catalog.BoolValue(true), "safety_stock": catalog.NumberValue(catalog.Int(0)),
		"parent_sku": catalog.StringValue(fmt.Sprintf("SKU-%08d", i/5*5)),
		"variation":  catalog.ListValue([]string{"Color=Blue|Red", "Size=L|M|S"}),
	}
}

func benchBatch(t testing.TB, schema *catalog.Schema, n int, store bool) *catalog.Batch {
	b := catalog.NewBuilder(schema)
	for i := range n {
		item := benchItem(i, store)
		for f, name := range schema.Names() {
			if err := b.Set(f, item[name]); err != nil {
				t.Fatal(err)
			}
		}
		b.End()
	}
	return b.Batch()
}

// BenchmarkEightRules compares the shipped rules on columns with HCL's own evaluator. Its baseline is one EvalContext a pair
// with an object for each side, and one Value call for each of the eight rules; making the contexts is not measured.
func BenchmarkEightRules(b *testing.B) {
	_, p := shippedProgram(b)
	if len(p.Rules) != 8 {
		b.Fatalf("%d rules are shipped", len(p.Rules))
	}
	var baseline float64 // ns a pair
	b.Run("hcl", func(b *testing.B) {
		contexts := make([]*hcl.EvalContext, benchPairs)
		for i := range contexts {
			contexts[i] = &hcl.EvalContext{
				Variables: map[string]cty.Value{"pos": ctyObject(benchItem(i, false)), "store": ctyObject(benchItem(i, true))},
				Functions: map[string]function.Function{"lower": stdlib.LowerFunc, "upper": stdlib.UpperFunc, "trimspace": stdlib.TrimSpaceFunc, "coalesce": stdlib.CoalesceFunc, "trimprefix": stdlib.TrimPrefixFunc, "replace": stdlib.ReplaceFunc},
			}
		}
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			for r := range p.Rules {
				if _, diags := p.Rules[r].Rule.When.Value(contexts[i%benchPairs]); diags.HasErrors() {
					b.Fatal(diags)
				}
			}
		}
		baseline = float64(b.Elapsed().Nanoseconds()) / float64(b.N)
		b.ReportMetric(baseline, "ns/pair")
	})
	b.Run("compiled", func(b *testing.B) {
		posBatch, storeBatch := benchBatch(b, p.Pos, benchPairs, false), benchBatch(b, p.Store, benchPairs, true)
		keys := p.Keys(0, posBatch)
		e := p.NewEvaluator()
		red := 0
		count := func(_ int, _ []Cell, synchronized bool) {
			if !synchronized {
				red++
			}
		}
		e.EvaluatePairs(posBatch, storeBatch, keys.At, count)
		if red < benchPairs/3 {
			b.Fatalf("%d of %d pairs are not synchronized", red, benchPairs)
		}
		b.ReportAllocs()
		for b.Loop() {
			e.EvaluatePairs(posBatch, storeBatch, keys.At, count)
		}
		own := float64(b.Elapsed().Nanoseconds()) / float64(b.N) / benchPairs
		b.ReportMetric(own, "ns/pair")
		if baseline > 0 {
			b.ReportMetric(baseline/own, "times-hcl")
		}
	})
}

func ctyObject(item map[string]catalog.Value) cty.Value {
	attrs := map[string]cty.Value{}
	for name, v := range item {
		switch v.Type() {
		case catalog.String:
			attrs[name] = cty.StringVal(v.Str())
		case catalog.Number:
			attrs[name] = cty.MustParseNumberVal(v.Number().String())
		case catalog.List:
			var items []cty.Value
			for _, s := range v.List() {
				items = append(items, cty.StringVal(s))
			}
			attrs[name] = cty.ListVal(items)
		case catalog.Map:
			entries := map[string]cty.Value{}
			for _, e := range v.Entries() {
				entries[e.Key] = cty.StringVal(e.Value)
			}
			attrs[name] = cty.MapVal(entries)
		}
	}
	return cty.ObjectVal(attrs)
}

// manyRules use what the language has, alone and together, on few values, so that pairs agree and differ in all ways.
const manyRules = `
rule "A" { when = pos.name != store.name }
rule "B" {
  explains = ["A"]
  when     = pos.name != store.name && store.name == "${pos.name} ${pos.sku}"
}
rule "C" { when = pos.price != store.price }
rule "D" { when = pos.price * 2 != store.price * 2 || pos.visible }
rule "E" { when = pos.price < store.price || pos.qoh < 0 }
rule "F" { when = pos.sale_price == null && store.sale_price != null }
rule "G" { when = (pos.visible ? pos.qoh : pos.pending) != (store.visible ? store.qoh : store.pending) }
rule "H" { when = lower(pos.brand) != lower(store.brand) }
rule "I" { when = !(pos.options == store.options) && pos.options.Size != "M" }
rule "J" { when = pos.name == store.name }
rule "K" { when = coalesce(pos.sale_price, pos.price) > coalesce(store.sale_price, store.price) }
rule "L" { when = pos.qoh / pos.pending != store.qoh / store.pending }
rule "M" { when = pos.brand == store.name }
rule "U" {
  when    = pos.qoh != store.qoh
  applies = coalesce(pos.tracked, true) && store.tracked
}
rule "O" {
  on   = "pos_only"
  when = pos.qoh > 0
}
intentional "some" {
  rules  = ["C", "A"]
  where  = pos.qoh > store.qoh
  reason = "."
}
`

var drawnNumbers = []string{"", "0", "1", "1.0", "-2", "12345678901234567890.5"}

func drawBatch(t *rapid.T, schema *catalog.Schema, n int, like *catalog.Batch) *catalog.Batch {
	b := catalog.NewBuilder(schema)
	for i := range n {
		for f, field := range schema.Fields() {
			if like != nil && like.Schema().Index(field.Name) >= 0 && rapid.IntRange(0, 9).Draw(t, "like") > 0 {
				if err := b.Set(f, like.Value(field.Name, i)); err != nil {
					t.Fatal(err)
				}
				continue
			}
			switch field.Type {
			case catalog.String:
				b.SetString(f, rapid.SampledFrom([]string{"", "a", "A", "a a", "É"}).Draw(t, field.Name))
			case catalog.Number:
				if text := rapid.SampledFrom(drawnNumbers).Draw(t, field.Name); text != "" {
					d, err := catalog.ParseDecimal(text)
					if err != nil {
						t.Fatal(err)
					}
					b.SetNumber(f, d)
				}
			case catalog.Bool:
				if x := rapid.IntRange(0, 2).Draw(t, field.Name); x > 0 {
					b.SetBool(f, x == 1)
				}
			case catalog.List:
				b.SetList(f, rapid.SliceOfN(rapid.SampledFrom([]string{"x", "y"}), 0, 2).Draw(t, field.Name))
			case catalog.Map:
				b.SetMap(f, []catalog.Entry{{Key: "Size", Value: rapid.SampledFrom([]string{"", "M", "L"}).Draw(t, field.Name)}})
			}
		}
		b.End()
	}
	return b.Batch()
}

// TestPairsAgainstSinglePairs holds the evaluation by columns against that of one pair after the other.
func TestPairsAgainstSinglePairs(t *testing.T) {
	_, shipped := shippedProgram(t)
	for _, p := range []*Program{shipped, compileText(t, manyRules)} {
		rapid.Check(t, func(t *rapid.T) {
			n := rapid.IntRange(1, 8).Draw(t, "pairs")
			posBatch := drawBatch(t, p.Pos, n, nil)
			storeBatch := drawBatch(t, p.Store, n, posBatch)
			keys := p.Keys(0, posBatch)
			e, single := p.NewEvaluator(), p.NewEvaluator()
			done := 0
			e.EvaluatePairs(posBatch, storeBatch, keys.At, func(i int, cells []Cell, synchronized bool) {
				want, wantSynchronized := single.Evaluate(posBatch, i, storeBatch, i, keys.At(i))
				if i != done || synchronized != wantSynchronized || !slices.Equal(cells, want) {
					t.Fatalf("pair %d: %v %v, want %v %v", i, cells, synchronized, want, wantSynchronized)
				}
				if !synchronized {
					for r := range p.Rules {
						if !slices.Equal(e.Explains(r), single.Explains(r)) {
							t.Fatalf("pair %d: rule %d explains %v, want %v", i, r, e.Explains(r), single.Explains(r))
						}
					}
				}
				done++
			})
			if done != n {
				t.Fatalf("%d of %d pairs", done, n)
			}
			if !slices.Equal(e.Used(), single.Used()) {
				t.Fatalf("used %v, want %v", e.Used(), single.Used())
			}
		})
	}
}

// TestOpenPairsReadWhatTheySay evaluates pairs by their outlooks on batches in which the columns that these do not read have other values.
func TestOpenPairsReadWhatTheySay(t *testing.T) {
	_, shipped := shippedProgram(t)
	for _, p := range []*Program{shipped, compileText(t, manyRules)} {
		rapid.Check(t, func(t *rapid.T) {
			n := rapid.IntRange(1, 8).Draw(t, "pairs")
			posBatch := drawBatch(t, p.Pos, n, nil)
			storeBatch := drawBatch(t, p.Store, n, posBatch)
			keys := p.Keys(0, posBatch)
			e, single := p.NewEvaluator(), p.NewEvaluator()
			e.setRow(verdict.Pos, posBatch, 0)
			e.setRow(verdict.Store, storeBatch, 0)
			outlooks := make([]*Outlook, n)
			for i, known := range e.knownOf(posBatch, storeBatch, n) {
				if outlooks[i] = e.Outlook(&known); rapid.IntRange(0, 9).Draw(t, "unknown") == 0 {
					outlooks[i] = p.UnknownOutlook()
				}
			}
			done := 0
			e.EvaluateOpen(unread(t, posBatch, verdict.Pos, outlooks), unread(t, storeBatch, verdict.Store, outlooks), outlooks, keys.At, func(i int, cells []Cell, synchronized bool) {
				want, wantSynchronized := single.Evaluate(posBatch, i, storeBatch, i, keys.At(i))
				if i != done || synchronized != wantSynchronized || !slices.Equal(cells, want) {
					t.Fatalf("pair %d: %v %v, want %v %v", i, cells, synchronized, want, wantSynchronized)
				}
				done++
			})
			if done != n {
				t.Fatalf("%d of %d pairs", done, n)
			}
		})
	}
}

// unread returns a batch with other values where the outlook of a row does not read them.
func unread(t *rapid.T, batch *catalog.Batch, side verdict.Side, outlooks []*Outlook) *catalog.Batch {
	other := drawBatch(t, batch.Schema(), batch.Len(), nil)
	b := catalog.NewBuilder(batch.Schema())
	for i := range batch.Len() {
		for f := range batch.Schema().Fields() {
			from := other
			if reads := outlooks[i].Reads(side); reads == nil || reads[f] {
				from = batch
			}
			if err := b.Set(f, from.Column(f).Value(i)); err != nil {
				t.Fatal(err)
			}
		}
		b.End()
	}
	return b.Batch()
}

// TestPairsAllocateNothing is what the benchmark of the eight rules rests on.
func TestPairsAllocateNothing(t *testing.T) {
	_, p := shippedProgram(t)
	posBatch, storeBatch := benchBatch(t, p.Pos, 300, false), benchBatch(t, p.Store, 300, true)
	keys := p.Keys(0, posBatch)
	e := p.NewEvaluator()
	if n := testing.AllocsPerRun(10, func() { e.EvaluatePairs(posBatch, storeBatch, keys.At, func(int, []Cell, bool) {}) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
