package expr

import (
	"testing"
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

func BenchmarkCompile(b *testing.B) {
	e, scope := parse(b, eightRules[1].when), ruleScope()
	b.ReportAllocs()
	for b.Loop() {
		Compile(e, scope)
	}
}
