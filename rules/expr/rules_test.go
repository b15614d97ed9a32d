package expr

import (
	"fmt"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// eightRules are the conditions of the discrepancy screen's columns.
var eightRules = []struct{ code, when string }{
	{"N", `pos.name != store.name`},
	{"NS", `pos.name != store.name && store.name == "${pos.name} ${pos.sku}"`},
	{"IV", `pos.variation != store.variation`},
	{"B", `lower(pos.brand) != lower(store.brand)`},
	{"Q", `pos.qoh != store.qoh`},
	{"QP", `pos.qoh != store.qoh && pos.qoh - store.pending == store.qoh`},
	{"QN", `pos.qoh < 0 && store.qoh == 0 && pos.qoh != store.qoh`},
	{"P", `pos.price != store.price`},
}

func compileRules(t testing.TB) []*Expr {
	rules := make([]*Expr, len(eightRules))
	for i, r := range eightRules {
		rules[i] = compile(t, r.when)
	}
	return rules
}

func TestEightRules(t *testing.T) {
	f := testFrame(t)
	got := ""
	for i, e := range compileRules(t) {
		if v, known := e.Bool(f); v && known {
			got += eightRules[i].code + " "
		}
	}
	if want := "N NS IV Q QP "; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestNoAllocation(t *testing.T) {
	sources := []string{
		`"${pos.price} ${pos.visible}" == store.name`, `trimspace(upper(pos.brand)) == "FENDER"`, `lower(trimspace(pos.brand)) == lower(trimspace(store.brand))`,
		`pos.options == store.options`, `pos.options.Size == store.options["Size"]`, `contains(pos.variation, "Size=M|L")`, `pos.variation[1] == "x"`,
		`round(pos.price, 1) * 2 > abs(store.price) - 1`, `coalesce(pos.sale_price, pos.price) == store.price`, `length(pos.name) > 3 && matches("^B", pos.name)`,
		`contains(keys(pos.options), "Size") && contains(local.brands, pos.brand)`, `startswith(store.name, pos.name) ? pos.visible : pos.tracked`, `pos.sale_price == null`,
		`pos.options == { Size = "M", Color = "Red" }`, `local.names[pos.brand] == store.brand`, `pos.price % 3 == 1.5 || max(pos.qoh, 0) == store.qoh`,
	}
	for _, r := range eightRules {
		sources = append(sources, r.when)
	}
	f := testFrame(t)
	for _, src := range sources {
		e := compile(t, src)
		if n := testing.AllocsPerRun(100, func() { e.Bool(f) }); n != 0 {
			t.Errorf("%s: %v allocations", src, n)
		}
	}
}

// benchPairs are a thousand pairs of which one in ten differs in some field, about as in a real catalogue.
const benchPairs = 1000

func benchRow(i int, store bool) map[string]catalog.Value {
	name, brand, qoh, price := fmt.Sprintf("Bronze Bell %d", i), "Paiste", int64(i%40-1), int64(1000+i)
	if store {
		brand = "PAISTE"
		switch i % 10 {
		case 0:
			name += fmt.Sprintf(" SKU-%05d", i)
		case 1:
			qoh -= 2
		case 2:
			price++
		}
	}
	row := map[string]catalog.Value{
		"sku": catalog.StringValue(fmt.Sprintf("SKU-%05d", i)), "name": catalog.StringValue(name), "brand": catalog.StringValue(brand), "qoh": catalog.NumberValue(catalog.Int(qoh)),
		"price": catalog.NumberValue(catalog.NewDecimal(price, 2)), "variation": catalog.ListValue([]string{"Color=Blue|Red", "Size=L|M|S"}),
	}
	if store {
		row["pending"] = catalog.NumberValue(catalog.Int(2))
	}
	return row
}

func BenchmarkEightRules(b *testing.B) {
	var rows [2][]map[string]catalog.Value
	for i := range benchPairs {
		rows[0], rows[1] = append(rows[0], benchRow(i, false)), append(rows[1], benchRow(i, true))
	}
	b.Run("compiled", func(b *testing.B) {
		rules := compileRules(b)
		var f Frame
		f.SetBatch(0, batchOf(b, posSchema, rows[0]...))
		f.SetBatch(1, batchOf(b, storeSchema, rows[1]...))
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			f.SetRow(0, i%benchPairs)
			f.SetRow(1, i%benchPairs)
			for _, e := range rules {
				e.Bool(&f)
			}
		}
	})
	b.Run("hcl", func(b *testing.B) {
		contexts := make([]*hcl.EvalContext, benchPairs)
		for i := range contexts {
			contexts[i] = &hcl.EvalContext{
				Variables: map[string]cty.Value{"pos": ctyObject(rows[0][i]), "store": ctyObject(rows[1][i])},
				Functions: map[string]function.Function{"lower": stdlib.LowerFunc},
			}
		}
		rules := make([]hcl.Expression, len(eightRules))
		for i, r := range eightRules {
			rules[i] = parse(b, r.when)
		}
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			for _, rule := range rules {
				if _, diags := rule.Value(contexts[i%benchPairs]); diags.HasErrors() {
					b.Fatal(diags)
				}
			}
		}
	})
}

func BenchmarkCompile(b *testing.B) {
	e, scope := parse(b, eightRules[1].when), ruleScope()
	b.ReportAllocs()
	for b.Loop() {
		Compile(e, scope)
	}
}

func ctyObject(row map[string]catalog.Value) cty.Value {
	attrs := map[string]cty.Value{}
	for name, v := range row {
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
		}
	}
	return cty.ObjectVal(attrs)
}
