package expr

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// writer writes a random expression of a type, in the part of the language where HCL's own evaluator is exact. Every
// choice is taken from the data, so that the fuzzer can vary them. Products have 0 added, since HCL's zero has a sign.
type writer struct {
	data  []byte
	calls map[byte][]string // patterns of calls, for wholeLanguage
	// lacking has wholeLanguage name fields that their sides do not offer.
	lacking bool
}

func (w *writer) pick(choices ...string) string {
	if len(w.data) == 0 {
		return choices[0]
	}
	n := int(w.data[0]) % len(choices)
	w.data = w.data[1:]
	return choices[n]
}

// fill replaces %s, %n, %b, %l and %m in a pattern by expressions of the types.
func (w *writer) fill(pattern string, depth int) string {
	var b strings.Builder
	for i := 0; i < len(pattern); i++ {
		if pattern[i] != '%' || i+1 == len(pattern) || !strings.ContainsRune("snblm", rune(pattern[i+1])) {
			b.WriteByte(pattern[i])
			continue
		}
		i++
		b.WriteString(w.expression(pattern[i], depth-1))
	}
	return b.String()
}

func (w *writer) expression(typ byte, depth int) string {
	switch {
	case typ == 's' && depth <= 0:
		return w.pick(`"a"`, `pos.name`, `store.name`, `""`, `"É x"`, `pos.sku`, `local.currency`, `pos.options.Size`, `pos.variation[0]`)
	case typ == 'n' && depth <= 0:
		return w.pick(`1`, `pos.qoh`, `store.qoh`, `0`, `-3`, `12345678901234567890`, `pos.price`)
	case typ == 'b' && depth <= 0:
		return w.pick(`true`, `pos.visible`, `false`, `store.visible`)
	case typ == 'l':
		return w.pick(`pos.variation`, `store.variation`)
	case typ == 'm':
		return w.pick(`pos.options`, `store.options`)
	case typ == 's':
		return w.fill(w.pick(`"${%s}"`, `"a ${%s}${%n} ${%b}"`, `"${%s} ${%s}"`, `lower(%s)`, `upper(%s)`, `(%b ? %s : %s)`, `replace(%s, "l", %s)`, `trimprefix(%s, %s)`,
			`"%{ if %b }${%s}%{ else }-${%n}%{ endif }"`, `trimspace(%s)`, `join(%s, %l)`, `{ a = %s, b = %s }["b"]`, `[%s, %s][1]`, `%m["Size"]`, `"${upper("${%s}")}!"`), depth)
	case typ == 'n':
		return w.fill(w.pick(`(%n + %n)`, `(%n - %n)`, `(%n * %n + 0)`, `(0 - %n)`, `(%b ? %n : %n)`, `length(%s)`, `min(%n, %n)`, `max(%n, %n, %n)`, `abs(%n)`, `((%n + %n) * %n + 0)`, `floor(%n)`), depth)
	default:
		return w.fill("("+w.pick(`%s == %s`, `(%s != %s)`, `%n == %n`, `(%n != %n)`, `%n < %n`, `%n <= %n`, `%n > %n`, `%n >= %n`, `(%b && %b)`, `(%b || %b)`, `!(%b)`, `(%b == %b)`, `%l == %l`, `%l != %l`,
			`%m == %m`, `%m != %m`, `(%b ? %b : %b)`, `lower(%s) == lower(%s)`, `lower(%s) != upper(%s)`, `"${%s} ${%s}" == %s`, `"${%s}${%n}" != "${%s}${%b}"`, `%n == null`, `%b && %n != null`)+")", depth)
	}
}

// fuzzRows are what both evaluators see, on either side; the rows agree in some fields and differ in others.
var fuzzRows = []struct {
	sku, name, brand string
	qoh, price       int64
	visible          bool
	options          map[string]string
	variation        []string
}{
	{"a", "Bell", "x", 5, 10, true, map[string]string{"Size": "M"}, []string{"Size=M|L"}},
	{"É x", " é x", "X", -3, 10, false, map[string]string{"Size": "M"}, []string{"Size=M|L"}},
	{"", "Bell a", "", 0, 1, true, map[string]string{"Size": "Bell", "Color": "Red"}, []string{"Color=Red", "Size=M|L"}},
}

func fuzzBatch(t testing.TB, schema *catalog.Schema) *catalog.Batch {
	b := catalog.NewBuilder(schema)
	for _, r := range fuzzRows {
		var options []catalog.Entry
		for k, v := range r.options {
			options = append(options, catalog.Entry{Key: k, Value: v})
		}
		for name, v := range map[string]catalog.Value{
			"sku": catalog.StringValue(r.sku), "name": catalog.StringValue(r.name), "brand": catalog.StringValue(r.brand), "qoh": catalog.NumberValue(catalog.Int(r.qoh)),
			"price": catalog.NumberValue(catalog.Int(r.price)), "visible": catalog.BoolValue(r.visible), "options": catalog.MapValue(options), "variation": catalog.ListValue(r.variation),
		} {
			if err := b.Set(schema.Index(name), v); err != nil {
				t.Fatal(err)
			}
		}
		b.End()
	}
	return b.Batch()
}

func fuzzObject(row int) cty.Value {
	r := fuzzRows[row]
	options, variation := map[string]cty.Value{}, []cty.Value{}
	for k, v := range r.options {
		options[k] = cty.StringVal(v)
	}
	for _, v := range r.variation {
		variation = append(variation, cty.StringVal(v))
	}
	return cty.ObjectVal(map[string]cty.Value{
		"sku": cty.StringVal(r.sku), "name": cty.StringVal(r.name), "brand": cty.StringVal(r.brand), "qoh": cty.NumberIntVal(r.qoh), "price": cty.NumberIntVal(r.price),
		"visible": cty.BoolVal(r.visible), "options": cty.MapVal(options), "variation": cty.ListVal(variation),
	})
}

func fuzzContext(pos, store int) *hcl.EvalContext {
	return &hcl.EvalContext{
		Variables: map[string]cty.Value{"pos": fuzzObject(pos), "store": fuzzObject(store), "local": cty.ObjectVal(map[string]cty.Value{"currency": cty.StringVal("CAD")})},
		Functions: map[string]function.Function{
			"lower": stdlib.LowerFunc, "upper": stdlib.UpperFunc, "replace": stdlib.ReplaceFunc, "trimprefix": stdlib.TrimPrefixFunc, "trimspace": stdlib.TrimSpaceFunc, "join": stdlib.JoinFunc,
			"length": stdlib.StrlenFunc, "min": stdlib.MinFunc, "max": stdlib.MaxFunc, "abs": stdlib.AbsoluteFunc, "floor": stdlib.FloorFunc,
		},
	}
}

// bothWorlds holds all pairs of rows for both evaluators.
type bothWorlds struct {
	frame    Frame
	contexts [][]*hcl.EvalContext
}

func newBothWorlds(t testing.TB) *bothWorlds {
	w := &bothWorlds{}
	w.frame.SetBatch(0, fuzzBatch(t, posSchema))
	w.frame.SetBatch(1, fuzzBatch(t, storeSchema))
	for i := range fuzzRows {
		w.contexts = append(w.contexts, nil)
		for j := range fuzzRows {
			w.contexts[i] = append(w.contexts[i], fuzzContext(i, j))
		}
	}
	return w
}

// compare evaluates one expression in both ways on all pairs of rows; it reports whether HCL could evaluate it at all.
func (both *bothWorlds) compare(t *testing.T, data []byte) bool {
	w := &writer{data: data}
	src := w.expression("sbn"[w.pick("b", "s", "n")[0]%3], 4)
	syntax, diags := hclsyntax.ParseExpression([]byte(src), "test.hcl", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatalf("%s: %v", src, diags)
	}
	e, diags := Compile(syntax, ruleScope())
	if diags.HasErrors() {
		t.Fatalf("%s: %v", src, diags)
	}
	if strings.Count(src, "12345678901234567890") > 6 { // a product of seven may have more than the 154 digits that HCL holds; ours are exact
		return false
	}
	compared := false
	for i := range fuzzRows {
		for j := range fuzzRows {
			want, diags := syntax.Value(both.contexts[i][j])
			if diags.HasErrors() || !want.IsKnown() {
				continue
			}
			compared = true
			both.frame.SetRow(0, i)
			both.frame.SetRow(1, j)
			if got, want := result(e, &both.frame), ctyText(want); got != want {
				t.Errorf("%s on rows %d and %d: got %s, HCL says %s", src, i, j, got, want)
			}
		}
	}
	return compared
}

func ctyText(v cty.Value) string {
	switch v.Type() {
	case cty.String:
		return "'" + v.AsString() + "'"
	case cty.Number:
		return v.AsBigFloat().Text('f', -1)
	}
	return fmt.Sprint(v.True())
}

func TestAgainstHCL(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	const cases = 400
	both := newBothWorlds(t)
	compared := 0
	for range cases {
		data := make([]byte, 60)
		for i := range data {
			data[i] = byte(random.Uint32())
		}
		if both.compare(t, data) {
			compared++
		}
	}
	if compared < cases/2 {
		t.Errorf("HCL could evaluate only %d of %d expressions", compared, cases)
	}
}

func FuzzAgainstHCL(f *testing.F) {
	f.Add([]byte{0, 19, 1, 2, 3, 4, 5, 6})
	both := newBothWorlds(f) // each worker of the fuzzer is a process of its own
	f.Fuzz(func(t *testing.T, data []byte) { both.compare(t, data[:min(len(data), 200)]) })
}
