package expr

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// outline writes what a trace says in one line: the value, and in brackets the parts that decided.
func outline(src string, n *Trace) string {
	text := string(n.Range.SliceBytes([]byte(src))) + "=" + n.Value.Text()
	if n.Null {
		text = string(n.Range.SliceBytes([]byte(src))) + "=null"
	}
	if len(n.Decided) == 0 {
		return text
	}
	var parts []string
	for _, i := range n.Decided {
		parts = append(parts, outline(src, n.Parts[i]))
	}
	return text + " [" + strings.Join(parts, "; ") + "]"
}

func trace(t testing.TB, src string, f *Frame) *Trace {
	t.Helper()
	return compile(t, src).Trace(f)
}

func TestTraceDecides(t *testing.T) {
	for _, c := range []struct{ why, src, want string }{
		{"both operands of a comparison", `pos.qoh != 5`, `pos.qoh != 5=false [pos.qoh=5; 5=5]`},
		{"the first false part of &&", `pos.visible && pos.qoh == 1 && pos.qoh == 2`,
			`pos.visible && pos.qoh == 1 && pos.qoh == 2=false [pos.qoh == 1=false [pos.qoh=5; 1=1]]`},
		{"all parts of a true &&", `pos.visible && true`, `pos.visible && true=true [pos.visible=true; true=true]`},
		{"the first true part of ||", `pos.qoh == 1 || pos.visible || true`, `pos.qoh == 1 || pos.visible || true=true [pos.visible=true]`},
		{"a null does not matter beside what settles it", `pos.tracked && false`, `pos.tracked && false=false [false=false]`},
		{"what is null", `pos.visible && pos.sale_price > 1`, `pos.visible && pos.sale_price > 1=null [pos.sale_price > 1=null [pos.sale_price=null]]`},
		{"the condition and the chosen result", `(pos.visible ? 1 : pos.sale_price)`,
			`(pos.visible ? 1 : pos.sale_price)=1 [pos.visible ? 1 : pos.sale_price=1 [pos.visible=true; 1=1]]`},
		{"only the condition if it is null", `pos.tracked ? 1 : 2`, `pos.tracked ? 1 : 2=null [pos.tracked=null]`},
		{"a test for null has a result", `null == pos.sale_price`, `null == pos.sale_price=true [pos.sale_price=null]`},
		{"what coalesce took", `coalesce(pos.sale_price, pos.price, 1)`, `coalesce(pos.sale_price, pos.price, 1)=10.5 [pos.price=10.5]`},
		{"an absent text is passed over", `coalesce(pos.upc, "", "x")`, `coalesce(pos.upc, "", "x")=x ["x"=x]`},
		{"nothing of a division by zero", `pos.qoh / 0`, `pos.qoh / 0=null`},
		{"parentheses keep their part together", `(true && false) && true`,
			`(true && false) && true=false [(true && false)=false [true && false=false [false=false]]]`},
		{"the parts of a text", `"${pos.name} ${pos.sku}"`, `"${pos.name} ${pos.sku}"=Bell A-1 [pos.name=Bell;  = ; pos.sku=A-1]`},
	} {
		t.Run(c.why, func(t *testing.T) {
			if diff := cmp.Diff(c.want, outline(c.src, trace(t, c.src, testFrame(t)))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTraceCauses(t *testing.T) {
	for src, want := range map[string]string{
		`pos.qoh == 5`:                          ``,
		`pos.sale_price == pos.sale_price + 1`:  `pos.sale_price`,
		`pos.tracked && store.visible`:          `pos.tracked, store.visible`,
		`pos.sale_price > 1 && store.qoh == 3`:  `pos.sale_price`,
		`1 + pos.price / (pos.qoh - 5) > 1`:     `pos.price / (pos.qoh - 5)`,
		`tonumber(pos.sku) > 1`:                 `tonumber(pos.sku)`,
		`pos.name == "${-pos.sale_price}!"`:     `pos.sale_price`,
		`pos.visible ? null : pos.qoh > 1`:      `null`,
		`pos.variation[pos.sale_price] == "x"`:  `pos.sale_price`,
		`{ a = "${store.visible}x" }.a == "x"`:  `store.visible`,
		`coalesce(pos.sale_price, 1 / 0) == 1`:  `pos.sale_price, 1 / 0`,
		`(pos.sale_price > 1) != null ? 1 : -1`: ``,
	} {
		var got []string
		for _, cause := range trace(t, src, testFrame(t)).Causes() {
			got = append(got, string(cause.Range.SliceBytes([]byte(src))))
		}
		if joined := strings.Join(got, ", "); joined != want {
			t.Errorf("%s: got %q, want %q", src, joined, want)
		}
	}
}

// TestTraceAgrees holds traces of generated expressions against their compiled results: the root's value, and that of
// each step as it comes from its own text and from its parts.
func TestTraceAgrees(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	frame := testFrame(t)
	nulls, decisions := 0, 0
	for range 150 {
		data := make([]byte, 60)
		for i := range data {
			data[i] = byte(random.Uint32())
		}
		w := &writer{data: data}
		src := w.expression("sbn"[w.pick("b", "s", "n")[0]%3], 4)
		src = strings.ReplaceAll(src, "pos.price", w.pick("pos.price", "pos.sale_price", "(pos.qoh / (store.qoh - 3))"))
		e, diags := Compile(parse(t, src), ruleScope())
		if diags.HasErrors() {
			continue // a null where none may stand, by chance
		}
		root := trace(t, src, frame)
		if want, got := result(e, frame), traced(root); got != want {
			t.Fatalf("%s: the trace says %s, the compiled expression %s", src, got, want)
		}
		check := &traceChecker{T: t, src: src, frame: frame}
		check.step(root)
		nulls += check.nulls
		decisions += check.decisions
	}
	if nulls < 50 || decisions < 400 {
		t.Errorf("only %d nulls and %d decisions were seen", nulls, decisions)
	}
}

// traced writes a trace's value as result does.
func traced(n *Trace) string {
	switch {
	case n.Null:
		return "null"
	case n.Value.Type() == catalog.String:
		return "'" + n.Value.Text() + "'"
	case n.Value.Type() == catalog.List:
		return "[" + n.Value.Text() + "]"
	case n.Value.Type() == catalog.Map:
		return "{" + n.Value.Text() + "}"
	}
	return n.Value.Text()
}

type traceChecker struct {
	*testing.T
	src              string
	frame            *Frame
	nulls, decisions int
}

func (c *traceChecker) step(n *Trace) {
	text := string(n.Range.SliceBytes([]byte(c.src)))
	if n.Null {
		c.nulls++
		if len(n.Causes()) == 0 {
			c.Errorf("%s in %s is null without a cause", text, c.src)
		}
	}
	if got, ok := recomputed(n); ok {
		c.decisions++
		if got != traced(n) {
			c.Errorf("%s in %s: its parts make %s, the trace says %s", text, c.src, got, traced(n))
		}
	}
	for _, p := range n.Parts {
		if !n.Range.Overlaps(p.Range) {
			c.Errorf("%s in %s has a part elsewhere: %v", text, c.src, p.Range)
		}
		c.step(p)
	}
}

// recomputed returns what the parts that decided make of a step, by rules written down a second time.
func recomputed(n *Trace) (string, bool) {
	var decided []string
	for _, i := range n.Decided {
		decided = append(decided, traced(n.Parts[i]))
	}
	last := ""
	if len(decided) > 0 {
		last = decided[len(decided)-1]
	}
	all := func(text string) bool {
		for _, d := range decided {
			if d != text {
				return false
			}
		}
		return len(decided) > 0
	}
	switch {
	case n.Kind == Parentheses || n.Kind == Conditional:
		return last, true
	case n.Kind == Unary && n.Op == "!" && last != "null":
		return fmt.Sprint(last == "false"), true
	case n.Kind == Logic && all("null"):
		return "null", true
	case n.Kind == Logic && all("true"):
		return "true", n.Op == "||" && len(decided) == 1 || n.Op == "&&" && len(decided) == len(n.Parts)
	case n.Kind == Logic && all("false"):
		return "false", n.Op == "&&" && len(decided) == 1 || n.Op == "||" && len(decided) == len(n.Parts)
	case n.Kind == Logic:
		return "a mixture of " + strings.Join(decided, ", "), true
	case n.Kind == Comparison && len(decided) == 2 && (n.Op == "==" || n.Op == "!="):
		return fmt.Sprint((decided[0] == decided[1]) == (n.Op == "==")), !n.Null
	}
	return "", false
}
