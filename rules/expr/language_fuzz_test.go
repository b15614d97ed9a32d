package expr

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// notOffered are known fields that their sides do not have, as the condition of applies may name them.
var notOffered = map[byte][]string{
	's': {`store.upc`, `pos.bin`, `store.bin`},
	'n': {`store.sale_price`, `pos.pending`, `pos.weight`, `store.weight`},
	'b': {`store.tracked`},
}

// wholeLanguage writes a random expression of a type in all of the language: s, n, b, l or m.
func (w *writer) wholeLanguage(typ byte, depth int) string {
	if depth <= 0 {
		if leaves := notOffered[typ]; w.lacking && len(leaves) > 0 && w.pick("no", "no", "yes") == "yes" {
			return w.pick(leaves...)
		}
		switch typ {
		case 's':
			return w.pick(`pos.name`, `store.name`, `"a"`, `""`, `pos.brand`, `store.brand`, `"12.50"`, `"É x"`, `pos.sku`, `store.sku`, `local.currency`, `pos.upc`, `"${1 / 0}x"`, `pos.options.Size`, `store.options["Size"]`, `pos.variation[0]`)
		case 'n':
			return w.pick(`pos.price`, `store.price`, `pos.qoh`, `store.qoh`, `pos.sale_price`, `store.pending`, `0`, `1`, `-2.5`, `0.1`, `12345678901234567890.5`, `local.limit`)
		case 'b':
			return w.pick(`pos.visible`, `store.visible`, `pos.tracked`, `true`, `false`, `local.on`)
		case 'l':
			return w.pick(`pos.variation`, `store.variation`, `local.brands`, `[]`)
		}
		return w.pick(`pos.options`, `store.options`, `local.names`, `{}`)
	}
	patterns := map[byte][]string{
		's': {`%s`, `"${%s} ${%n}"`, `"${%s}"`, `"a${%b}${%s}"`, `(%b ? %s : %s)`, `%l[0]`, `%l[%n]`, `%m["Size"]`, `%m[%s]`, `"%{ if %b }x${%s}%{ else }y%{ endif }"`, `(%s)`},
		'n': {`%n`, `(%n + %n)`, `(%n - %n)`, `%n * %n`, `(%n / %n)`, `%n % %n`, `-(%n)`, `(%b ? %n : %n)`,
			`(%b ? %n : null)`, `(%n)`},
		'b': {`(%s == %s)`, `(%s != %s)`, `(pos.name != store.name)`, `(pos.brand == store.brand)`, `(pos.price == store.price)`, `(pos.qoh != store.qoh)`, `(pos.visible == store.visible)`, `(pos.options != store.options)`,
			`(%n == %n)`, `(%n != %n)`, `(%n < %n)`, `(%n <= %n)`, `(%n > %n)`, `(%n >= %n)`, `(%b && %b)`, `(%b || %b)`, `!%b`, `(%b == %b)`, `(%b != %b)`, `(%l == %l)`, `(%l != %l)`, `(%m == %m)`, `(%m != %m)`,
			`(%n == null)`, `(null != %n)`, `(%b == null)`, `(%b ? %b : %b)`,
			`(lower(pos.brand) != lower(store.brand))`, `(store.name == "${pos.name} ${pos.sku}")`, `(lower(%s) == upper(%s))`, `(abs(pos.price - store.price) > 0.01)`, `(%b)`},
		'l': {`%l`, `[%s, %s]`, `[%s]`, `(%b ? %l : %l)`},
		'm': {`%m`, `{ a = %s, b = %s }`, `{ (%s) = %s, (pos.name) = "x" }`, `(%b ? %m : %m)`},
	}
	if typ == 'b' && w.pick("no", "yes", "no") == "yes" {
		return w.mirrored(depth)
	}
	return w.filled(w.pick(append(patterns[typ], w.calls[typ]...)...), depth-1)
}

// filled replaces %s, %n, %b, %l and %m in a pattern by expressions of the types, and %c by a constant text.
func (w *writer) filled(pattern string, depth int) string {
	var b strings.Builder
	for i := 0; i < len(pattern); i++ {
		if pattern[i] != '%' || i+1 == len(pattern) || !strings.ContainsRune("snblmc", rune(pattern[i+1])) {
			b.WriteByte(pattern[i])
			continue
		}
		i++
		if pattern[i] == 'c' {
			b.WriteString(w.pick(`"[a-z]+"`, `"(B)(e)"`, `"[0-9]"`, `"^B"`)) // regular expressions are texts, too
			continue
		}
		b.WriteString(w.wholeLanguage(pattern[i], depth))
	}
	return b.String()
}

var letters = map[catalog.Type]byte{catalog.String: 's', catalog.Number: 'n', catalog.Bool: 'b', catalog.List: 'l', catalog.Map: 'm'}

// callPatterns returns patterns of calls of all functions, by the type of their result: with each type that a parameter
// takes, with and without what is optional, with one to three arguments where any number is taken.
func callPatterns(table []Function) map[byte][]string {
	patterns := map[byte][]string{}
	for _, fn := range table {
		results := []catalog.Type{fn.Result}
		if fn.Result == catalog.Invalid {
			results = anyType
		}
		for _, result := range results {
			for _, args := range argumentPatterns(fn.Parameters, fn.Result == catalog.Invalid, result) {
				letter := letters[result]
				patterns[letter] = append(patterns[letter], fn.Name+"("+strings.Join(args, ", ")+")")
			}
		}
	}
	return patterns
}

// argumentPatterns returns what the arguments can be. Where they are alike they are all of the result's type.
func argumentPatterns(params []Parameter, alike bool, result catalog.Type) [][]string {
	if len(params) == 0 {
		return [][]string{nil}
	}
	p := params[0]
	var lists [][]string
	if p.Optional {
		lists = append(lists, nil)
	}
	for _, rest := range argumentPatterns(params[1:], alike, result) {
		for _, typ := range p.Types {
			one := "%" + string(letters[typ])
			switch {
			case alike && typ != result:
				continue
			case p.Constant:
				one = "%c"
			}
			times := 1
			if p.Repeated {
				times = 3
			}
			for n := range times {
				lists = append(lists, append(slices.Repeat([]string{one}, n+1), rest...))
			}
		}
	}
	return lists
}

// mirrored compares an expression with the same one on the other side.
func (w *writer) mirrored(depth int) string {
	typ := w.pick("n", "n", "s", "b", "l", "m")[0]
	op := w.pick("==", "!=")
	if typ == 'n' {
		op = w.pick("==", "!=", "<", "<=", ">", ">=")
	}
	a := w.wholeLanguage(typ, min(depth-1, 2))
	// Only what both sides have has a mirror image.
	a = strings.NewReplacer("store.pending", "store.qoh", "pos.sale_price", "pos.qoh", "pos.tracked", "pos.visible", "pos.upc", "pos.brand").Replace(a)
	return "(" + a + " " + op + " " + strings.NewReplacer("pos.", "store.", "store.", "pos.").Replace(a) + ")"
}

// languageRows are what both evaluators see, on either side: they agree in some fields and differ in others, have nulls,
// absent values and numbers of all sizes.
func languageRows(t testing.TB) []map[string]catalog.Value {
	options := func(size string) catalog.Value {
		return catalog.MapValue([]catalog.Entry{{Key: "Color", Value: "Red"}, {Key: "Size", Value: size}})
	}
	bell := map[string]catalog.Value{
		"sku": catalog.StringValue("A-1"), "name": catalog.StringValue("Bell"), "brand": catalog.StringValue("FENDER"), "price": number(t, "10.50"), "qoh": number(t, "5"), "pending": number(t, "0"),
		"sale_price": number(t, "9.99"), "tracked": catalog.BoolValue(true), "visible": catalog.BoolValue(true), "options": options("M"), "variation": catalog.ListValue([]string{"Color=Red|Blue", "Size=M|L"}), "upc": catalog.StringValue("12.50"),
	}
	with := func(changes map[string]catalog.Value) map[string]catalog.Value {
		row := map[string]catalog.Value{}
		for name, v := range bell {
			row[name] = v
		}
		for name, v := range changes {
			row[name] = v
		}
		return row
	}
	null, nullBool := catalog.NullValue(catalog.Number), catalog.NullValue(catalog.Bool)
	return []map[string]catalog.Value{
		bell,
		with(map[string]catalog.Value{"name": catalog.StringValue("Bell A-1"), "price": number(t, "10.5"), "qoh": number(t, "-3"), "brand": catalog.StringValue("Fender")}),
		with(map[string]catalog.Value{"price": null, "qoh": null, "visible": nullBool, "tracked": nullBool, "sale_price": null, "pending": null, "options": options(""), "upc": catalog.StringValue("")}),
		with(map[string]catalog.Value{"name": catalog.StringValue("É x"), "price": number(t, "12345678901234567890.5"), "qoh": number(t, "0"), "visible": catalog.BoolValue(false), "variation": catalog.ListValue(nil), "brand": catalog.StringValue("")}),
	}
}

// language holds the functions and the pairs of rows for all evaluators.
type language struct {
	table []Function
	calls map[byte][]string
	rows  []map[string]catalog.Value
	sides [2][]map[string]catalog.Value // the rows as the sides have them: null where they do not offer a known field
	frame Frame

	compared int // expressions
	lacked   int // expressions of which the sides do not offer all fields
}

func newLanguage(t testing.TB, table []Function) *language {
	l := &language{table: table, calls: callPatterns(table), rows: languageRows(t)}
	for side, schema := range map[verdict.Side]*catalog.Schema{verdict.Pos: posSchema, verdict.Store: storeSchema} {
		var rows []map[string]catalog.Value
		for _, row := range l.rows {
			own, all := map[string]catalog.Value{}, map[string]catalog.Value{}
			for _, f := range catalog.KnownFields() {
				all[f.Name] = catalog.NullValue(f.Type)
			}
			for _, name := range schema.Names() {
				own[name], all[name] = row[name], row[name]
			}
			rows = append(rows, own)
			l.sides[side] = append(l.sides[side], all)
		}
		l.frame.SetBatch(side, batchOf(t, schema, rows...))
	}
	return l
}

// scope is that of rules, with the functions of the language and an environment.
func (l *language) scope() *Scope {
	scope := ruleScope()
	scope.functions = l.table
	scope.Getenv = func(name string) (string, bool) { return name + " is set", !strings.HasPrefix(name, "^") }
	scope.Secret = func(name string) (string, error) {
		if strings.HasPrefix(name, "^") {
			return "", errors.New("there is none")
		}
		return name + " is secret", nil
	}
	return scope
}

// compare holds an expression, as it was compiled, against the plain evaluator on all pairs of rows; so it does with two of
// it that share their calls, its trace, and what a Settler says of it, if it is a condition.
func (l *language) compare(t *testing.T, data []byte) {
	w := &writer{data: data, calls: l.calls}
	w.lacking = w.pick("condition", "applies") == "applies"
	typ := "bbbsnlm"[w.pick("a", "b", "c", "d", "e", "f", "g")[0]%7]
	l.compareText(t, w.wholeLanguage(typ, 4), w)
}

func (l *language) compareText(t *testing.T, src string, w *writer) {
	t.Helper()
	syntax, diags := hclsyntax.ParseExpression([]byte(src), "test.hcl", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatalf("%s: %v", src, diags)
	}
	scope := l.scope()
	scope.MayLack = w.lacking
	e, diags := Compile(syntax, scope)
	if diags.HasErrors() {
		return // two constant keys that are the same, for example
	}
	l.compared++
	if len(e.Lacks()) > 0 {
		l.lacked++
	}
	scope.Sharing = NewSharing()
	compiled := []*Expr{e}
	for range 2 {
		shared, _ := Compile(syntax, scope)
		compiled = append(compiled, shared)
	}
	var settler *Settler
	if e.Type() == catalog.Bool {
		settler = NewSettler([]*Expr{e})
		settler.Choose(sameNames())
	}
	for i := range l.rows {
		for j := range l.rows {
			l.frame.SetRow(0, i)
			l.frame.SetRow(1, j)
			p := &plain{scope: l.scope(), sides: [2]map[string]catalog.Value{l.sides[0][i], l.sides[1][j]}}
			want := plainText(p.eval(syntax), e.Type())
			for n, e := range compiled {
				if got := result(e, &l.frame); got != want {
					t.Fatalf("%s on rows %d and %d: compiled %s, plainly %s (the %d. of it)", src, i, j, got, want, n+1)
				}
			}
			if got := traced(e.Trace(&l.frame)); got != want && !(e.Secret() && strings.Contains(got, "(sensitive)")) {
				t.Fatalf("%s on rows %d and %d: the trace says %s, plainly it is %s", src, i, j, got, want)
			}
			if settler != nil {
				l.settle(t, src, settler, i, j, want, w)
			}
		}
	}
}

// settle checks that what a Settler knows of a pair without evaluating the condition is what comes of evaluating it,
// whatever part of what there is to know it is told.
func (l *language) settle(t *testing.T, src string, s *Settler, i, j int, want string, w *writer) {
	var all verdict.Known
	for at, twin := range s.Twins() {
		name := posSchema.Field(twin[0]).Name
		if a, b := l.rows[i][name], l.rows[j][name]; a.Equal(b) {
			all.Equal |= 1 << at
			if a.IsNull() {
				all.Null |= 1 << at
			}
		} else if !a.IsNull() && !b.IsNull() {
			all.Differ |= 1 << at
		}
	}
	for _, side := range verdict.Sides {
		for at, test := range s.Tests(side) {
			all.SetTest(side, at, verdict.TruthOf(test.Bool(&l.frame)))
		}
	}
	part := all
	for at := range s.Twins() {
		if w.pick("keep", "drop") == "drop" {
			part.Equal &^= 1 << at
			part.Null &^= 1 << at
			part.Differ &^= 1 << at
		}
	}
	for _, k := range []verdict.Known{all, part, {Equal: all.Equal, Null: all.Null}, {Differ: all.Differ}, {Tests: all.Tests}, {}} {
		truth := s.Settle(0, &k)
		if text := [...]string{"", "false", "true", "null"}[truth]; truth != verdict.Open && text != want {
			t.Fatalf("%s on rows %d and %d: settled as %s with %+v, but it is %s", src, i, j, text, k, want)
		}
	}
}

// sameNames are the fields that both sides have.
func sameNames() []Twin {
	var twins []Twin
	for i, name := range posSchema.Names() {
		if at := storeSchema.Index(name); at >= 0 {
			twins = append(twins, Twin{i, at})
		}
	}
	return twins
}

func plainText(v unknownOr, typ catalog.Type) string {
	switch {
	case v.unknown:
		return "null"
	case typ == catalog.String:
		return "'" + v.Str() + "'"
	case typ == catalog.List:
		return "[" + v.Text() + "]"
	case typ == catalog.Map:
		return "{" + v.Text() + "}"
	}
	return v.Text()
}

// compareMany holds random expressions against the plain evaluator.
func (l *language) compareMany(t *testing.T, many int) {
	random := rand.New(rand.NewPCG(3, 4))
	for range many {
		data := make([]byte, 80)
		for i := range data {
			data[i] = byte(random.Uint32())
		}
		l.compare(t, data)
	}
	if l.compared < many*2/3 || l.lacked < many/10 {
		t.Errorf("only %d of %d expressions were compiled, and only %d name fields that are not offered", l.compared, many, l.lacked)
	}
}

func TestAgainstPlain(t *testing.T) { newLanguage(t, Functions()).compareMany(t, 1500) }

func FuzzAgainstPlain(f *testing.F) {
	f.Add([]byte{0, 19, 1, 2, 3, 4, 5, 6})
	l := newLanguage(f, Functions()) // each worker of the fuzzer is a process of its own
	f.Fuzz(func(t *testing.T, data []byte) { l.compare(t, data[:min(len(data), 300)]) })
}
