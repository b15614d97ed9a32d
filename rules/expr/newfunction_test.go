package expr

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// withNewFunctions returns the language's functions and some more, as somebody might add them: each as one entry.
func withNewFunctions() []Function {
	half := func(d catalog.Decimal) (catalog.Decimal, bool) { // null for what is not even
		whole, ok := d.Whole()
		return catalog.Int(int64(whole / 2)), ok && whole%2 == 0
	}
	return append(Functions(),
		// Of which nothing is said, so that whoever adds it cannot forget to say it.
		Function{Name: "hexadecimal", Parameters: []Parameter{param("text", str)}, Result: num, Doc: "The number that the digits are.",
			NoResult: "has other digits", build: pure(func(args []*node) *node {
				return numberNode(func(f *Frame) (catalog.Decimal, bool) {
					s, known := args[0].text(f)
					n, err := strconv.ParseUint(s, 16, 31)
					return catalog.Int(int64(n)), known && err == nil
				})
			})},
		define("half", NullOfNull, []Parameter{param("n", num)}, num, "Half of an even number.", pure(func(args []*node) *node {
			return numberNode(func(f *Frame) (catalog.Decimal, bool) {
				if d, known := args[0].number(f); known {
					return half(d)
				}
				return catalog.Decimal{}, false
			})
		})),
		// It has a result for null, and none for some texts, which cannot be null by themselves.
		Function{Name: "shorten", Parameters: []Parameter{param("text", str), repeated("to", num)}, Result: str, Doc: "The text's beginning.",
			build: pure(func(args []*node) *node {
				return textNode(func(f *Frame) (string, bool) {
					s, known := args[0].text(f)
					if !known {
						s = "" // what comes with a null may be anything
					}
					for _, arg := range args[1:] {
						if d, known := arg.number(f); known {
							n, ok := d.Whole()
							return s[:max(0, min(n, len(s)))], ok && n <= len(s)
						}
					}
					return s, known
				})
			})},
		define("iseven", NullOnlyOfNull|Cheap, []Parameter{param("n", num)}, flag, "Whether it is even.", pure(func(args []*node) *node {
			return truthNode(map1(args[0].number, func(d catalog.Decimal) bool { _, ok := half(d); return ok }))
		})),
		Function{Name: "second", Facts: KnownOfKnown, Parameters: []Parameter{param("a", num), param("b", num)}, Result: num, Doc: "The second.",
			takes: func([]*Trace) int { return 1 }, build: pure(func(args []*node) *node { return numberNode(args[1].number) })},
	)
}

func newScope() *Scope {
	scope := ruleScope()
	scope.functions = withNewFunctions()
	return scope
}

func compileNew(t testing.TB, src string, scope *Scope) *Expr {
	t.Helper()
	e, diags := Compile(parse(t, src), scope)
	if diags.HasErrors() {
		t.Fatalf("%s: %v", src, diags)
	}
	return e
}

// TestNewFunction says that an entry in the table is all that a new function needs, also one that is null for known
// arguments: random expressions with it give the same evaluated, shared, traced and settled as they do in plain.
func TestNewFunction(t *testing.T) {
	l := newLanguage(t, withNewFunctions())
	l.compareMany(t, 600)
	for _, src := range []string{
		`half(pos.qoh) == half(store.qoh)`, `hexadecimal(pos.sku) != hexadecimal(store.sku)`, `hexadecimal(pos.name) == hexadecimal(store.name) || true`,
		`shorten(pos.name, pos.price) == shorten(store.name, store.price)`, `"${shorten(pos.name, 9)}!" != "${shorten(store.name, 9)}!"`,
		`store.name == "${shorten(pos.name, 9)} ${pos.sku}"`, `[shorten(pos.sku, pos.qoh)] == [shorten(store.sku, store.qoh)]`,
		`(iseven(pos.qoh) ? half(pos.qoh) : 0) == (iseven(store.qoh) ? half(store.qoh) : 0)`, `second(pos.price, pos.qoh) == second(store.price, store.qoh)`,
		`half(pos.qoh) == null`, `coalesce(half(pos.qoh), 1) == coalesce(half(store.qoh), 1)`, `!(half(pos.qoh) > 1)`, `tonumber(shorten(pos.upc, 2)) == 12`,
	} {
		l.compareText(t, src, &writer{})
	}
}

func TestNewFunctionSettles(t *testing.T) {
	for src, want := range map[string]struct{ equal, null string }{ // as in TestSettle: twins are equal, then qoh is null, too
		`half(pos.qoh) == half(store.qoh)`:               {"open", "null"}, // they can be odd
		`hexadecimal(pos.sku) == hexadecimal(store.sku)`: {"open", "open"},
		`iseven(pos.qoh) == iseven(store.qoh)`:           {"true", "null"},
		`second(pos.qoh, 1) == second(store.qoh, 1)`:     {"true", "open"}, // of null nothing is said
	} {
		s := NewSettler([]*Expr{compileNew(t, src, newScope())})
		s.Choose(sameNames())
		equal := verdict.Known{Equal: 1<<len(s.Twins()) - 1}
		null := equal
		null.Null = 1 << slices.IndexFunc(s.Twins(), func(twin Twin) bool { return posSchema.Field(twin[0]).Name == "qoh" })
		names := [...]string{"open", "false", "true", "null"}
		if got := [2]string{names[s.Settle(0, &equal)], names[s.Settle(0, &null)]}; got != [2]string{want.equal, want.null} {
			t.Errorf("%s: %v, want %v", src, got, want)
		}
	}
	s := NewSettler([]*Expr{compileNew(t, `pos.name != store.name && (iseven(pos.qoh) || half(pos.qoh) > 2)`, newScope())})
	if got := len(s.Tests(0)); got != 1 {
		t.Errorf("%d tests, want one, for the function that is cheap", got)
	}
}

func TestNewFunctionIsTracedAndShared(t *testing.T) {
	f := testFrame(t) // qoh is 5, and 3 in the store
	n := compileNew(t, `half(pos.qoh) == 1`, newScope()).Trace(f)
	if causes := n.Causes(); !n.Null || len(causes) != 1 || causes[0].Op != "half" || causes[0].Function.Name != "half" {
		t.Errorf("it is null by %v", causes)
	}
	n = compileNew(t, `hexadecimal(pos.name)`, newScope()).Trace(f)
	if !n.Null || n.Function.NoResult != "has other digits" {
		t.Errorf("nothing is said of why there is no result: %+v", n)
	}
	if n = compileNew(t, `second(pos.sale_price, pos.qoh)`, newScope()).Trace(f); !slices.Equal(n.Decided, []int{1}) {
		t.Errorf("the parts %v decided", n.Decided)
	}
	scope := newScope()
	scope.Sharing = NewSharing()
	for range 2 {
		compileNew(t, `half(pos.qoh + 1) == half(store.qoh + 1)`, scope)
	}
	for key, call := range scope.Sharing.calls {
		if call.uses != 2 {
			t.Errorf("%s stands %d times", key, call.uses)
		}
	}
	if len(scope.Sharing.calls) != 2 {
		t.Errorf("%d calls are shared", len(scope.Sharing.calls))
	}
	_, diags := Compile(parse(t, `halv(pos.qoh)`), scope)
	if !strings.Contains(diags.Error(), `Did you mean "half"?`) {
		t.Error(diags)
	}
}

// TestFacts holds what the table says of each function against what its calls give.
func TestFacts(t *testing.T) {
	l := newLanguage(t, withNewFunctions())
	met := map[string]map[string]int{}
	random := rand.New(rand.NewPCG(5, 6))
	patterns := slices.Concat(l.calls['s'], l.calls['n'], l.calls['b'], l.calls['l'], l.calls['m'])
	for i := range 100 * len(patterns) {
		data := make([]byte, 40)
		for at := range data {
			data[at] = byte(random.Uint32())
		}
		w := &writer{data: data, calls: l.calls}
		src := w.filled(patterns[i%len(patterns)], i%4)
		e, diags := Compile(parse(t, src), l.scope())
		if diags.HasErrors() {
			continue
		}
		call := e.root
		l.frame.SetRow(0, random.IntN(len(l.rows)))
		l.frame.SetRow(1, random.IntN(len(l.rows)))
		nulls := 0
		for _, o := range call.operands {
			if _, known := o.value(&l.frame); !known {
				nulls++
			}
		}
		_, known := call.value(&l.frame)
		name := call.function.Name
		if met[name] == nil {
			met[name] = map[string]int{}
		}
		switch facts := call.facts; {
		case nulls > 0 && known && facts.has(NullOfNull):
			t.Fatalf("%s is known, but an argument is null", src)
		case nulls == 0 && !known && facts.has(KnownOfKnown):
			t.Fatalf("%s is null, but no argument is", src)
		case !known && !call.nullable:
			t.Fatalf("%s is null", src)
		case nulls > 0:
			met[name]["null"]++
		default:
			met[name]["known"]++
		}
	}
	for _, fn := range l.table {
		if seen := met[fn.Name]; seen["known"] < 10 || seen["null"] < 3 && fn.Name != "env" && fn.Name != "secret" { // whose arguments are constants
			t.Errorf("%s: only %v calls were seen", fn.Name, seen)
		}
	}
}

// TestNullConstants is about texts that are always null: they are not the empty text.
func TestNullConstants(t *testing.T) {
	l := newLanguage(t, Functions())
	for _, src := range []string{
		`[pos.name, "${1 / 0}x"] == [store.name, "${1 / 0}x"]`, `[pos.name, "${1 / 0}x"] != [store.name, ""]`, `"${pos.name}${1 / 0}x" == store.name`,
	} {
		l.compareText(t, src, &writer{})
	}
	list, _ := sharing(t, `contains("", pos.name)`, `contains("${1 / 0}x", pos.name)`)
	f := testFrame(t)
	if got := [2]string{result(list[0], f), result(list[1], f)}; got != [2]string{"false", "null"} {
		t.Errorf("got %v", got)
	}
}
