package expr

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// alwaysSo warns of a part of a condition that comes to the same whatever the items are: mostly a slip, of which nobody would hear
// again, since a rule that is never true calls everything synchronized.
func (c *compiler) alwaysSo(truth bool, rng hcl.Range, detail string) {
	summary := "Condition can never be true"
	if truth {
		summary = "Condition is always true"
	}
	c.pointless = append(c.pointless, &hcl.Diagnostic{Severity: hcl.DiagWarning, Summary: summary, Detail: detail, Subject: rng.Ptr()})
}

// lookAtComparison warns of a comparison of a value with itself, and of one with what the value can never be.
func (c *compiler) lookAtComparison(a, b *node, want relation, rng hcl.Range) {
	if a.same(b) && !a.constant {
		c.alwaysSo(want.has(0), rng, "Both sides of the comparison are the same value. Compare the one of pos with that of store.")
		return
	}
	if want != same && want != less|greater {
		return
	}
	for _, pair := range [][2]*node{{a, b}, {b, a}} {
		if call, value := pair[0].bare(), pair[1]; value.constant && !call.constant && c.neverGives(call, value) {
			detail := fmt.Sprintf("%s gives no such value: it would change it, too.", call.function.Name)
			if value.literal && value.typ == catalog.String {
				text, _ := value.constantText()
				detail = fmt.Sprintf("%s never gives %q. Write what it makes of that.", call.function.Name, text)
			}
			c.alwaysSo(want != same, rng, detail)
			return
		}
	}
}

// neverGives reports whether a call can never come to the constant: what its function makes of its own result is that result, and
// of the constant it makes another value.
func (c *compiler) neverGives(call, value *node) bool {
	if call.kind != Call || !call.facts.has(Idempotent) || len(call.operands) != 1 {
		return false
	}
	again := call.function.build(c, []*node{value}, value.rng)
	was, known := value.value(&Frame{})
	is, isKnown := again.value(&Frame{})
	return known && isKnown && !was.Equal(is)
}

// lookForCased warns of a search for a text in one whose letters were all made lower or upper case, and of such a text among others,
// where what is looked for has letters of the other case.
func (c *compiler) lookForCased(in, what *node, rng hcl.Range) {
	for _, pair := range [][2]*node{{in, what}, {what, in}} {
		cased, other := pair[0], pair[1]
		if cased.cased == nil || !other.constant || other.opaque {
			continue
		}
		convert := converter(cased.cased.upper)
		never := other.typ == catalog.List && len(other.constantTexts()) > 0 || cased == in
		for _, text := range other.constantTexts() {
			never = never && convert(text) != text
		}
		if never {
			c.alwaysSo(false, rng, "What is looked for has letters of the other case: lower makes all letters small, upper makes them capitals.")
		}
	}
}

// constantTexts returns the texts that a constant text or list holds.
func (n *node) constantTexts() []string {
	v, _ := n.value(&Frame{})
	if n.typ == catalog.List {
		return v.List()
	}
	return []string{v.Str()}
}

// same reports whether two expressions come to the same value for every pair of rows. What is too unusual to tell is not.
func (n *node) same(o *node) bool {
	n, o = n.bare(), o.bare()
	switch {
	case n.typ != o.typ || n.secret || o.secret || n.opaque || o.opaque:
		return false
	case n.constant && o.constant:
		v, known := n.value(&Frame{})
		w, too := o.value(&Frame{})
		return known == too && v.Equal(w)
	case n.constant || o.constant:
		return false
	case n.field != nil || o.field != nil:
		return n.field != nil && o.field != nil && *n.field == *o.field
	case n.kind != o.kind || n.op != o.op || len(n.operands) == 0 || len(n.operands) != len(o.operands):
		return false
	}
	for i := range n.operands {
		if !n.operands[i].same(o.operands[i]) {
			return false
		}
	}
	return true
}

// mostLeaves is how many parts a chain of && or || may have for them to be held against each other.
const mostLeaves = 64

// limit is a comparison of a value with a constant.
type limit struct {
	of, constant *node
	is           relation
}

// lookAtChain warns of a chain of && that asks of one value what no value is, and of one of || that every value meets.
func (c *compiler) lookAtChain(a, b *node, op string, rng hcl.Range) {
	left, right := a.limits(op, nil), b.limits(op, nil)
	if len(left) > mostLeaves || len(right) > mostLeaves {
		return
	}
	for _, x := range left {
		for _, y := range right {
			if !x.of.same(y.of) || x.constant.typ != y.constant.typ {
				continue
			}
			switch {
			case op == "&&" && apart(x, y):
				c.alwaysSo(false, rng, "No value is both at once. Where one of the two is enough, write || in place of &&.")
				return
			case op == "||" && apart(x.not(), y.not()):
				c.alwaysSo(true, rng, "Every value that is known is one or the other. Where both are meant, write && in place of ||.")
				return
			}
		}
	}
}

// limits appends the comparisons with constants that a chain of the operator consists of.
func (n *node) limits(op string, list []limit) []limit {
	n = n.bare()
	switch {
	case n.kind == Logic && n.op == op && len(list) <= mostLeaves:
		for _, o := range n.operands {
			list = o.limits(op, list)
		}
	case n.kind == Comparison && len(n.operands) == 2:
		a, b, is := n.operands[0], n.operands[1], relations[n.op]
		if a.constant {
			a, b, is = b, a, is.turned()
		}
		if !a.constant && b.constant && !b.nullable && !b.opaque && (b.typ == catalog.String || b.typ == catalog.Number) {
			list = append(list, limit{a, b, is})
		}
	}
	return list
}

// relations are what the operators of comparisons mean.
var relations = map[string]relation{"==": same, "!=": less | greater, "<": less, "<=": less | same, ">": greater, ">=": greater | same}

// not returns what is the case where the comparison is not.
func (x limit) not() limit {
	x.is ^= less | same | greater
	return x
}

// apart reports whether no value meets both comparisons.
func apart(x, y limit) bool {
	if x.constant.typ == catalog.String {
		s, _ := x.constant.constantText()
		t, _ := y.constant.constantText()
		if s == t {
			return x.is&y.is == 0
		}
		return x.is == same && y.is == same
	}
	p, _ := x.constant.number(&Frame{})
	q, _ := y.constant.number(&Frame{})
	if p.Cmp(q) > 0 {
		x, y, p, q = y, x, q, p
	}
	if p.Cmp(q) == 0 {
		return x.is&y.is == 0
	}
	between := x.is.has(1) && y.is.has(-1)
	below, above := x.is.has(-1) && y.is.has(-1), x.is.has(1) && y.is.has(1)
	atLower, atUpper := x.is.has(0) && y.is.has(-1), x.is.has(1) && y.is.has(0)
	return !between && !below && !above && !atLower && !atUpper
}

// subjects are the functions whose arguments could stand either way round by their types, with the place of the one that is looked into or worked
// on: mostly a field, where the other one is mostly a constant.
var subjects = map[string]int{"startswith": 0, "endswith": 0, "trimprefix": 0, "trimsuffix": 0, "round": 0, "split": 1}

// lookAtOrder warns of a call whose arguments stand the other way round, as it seems: startswith("A", pos.sku) asks whether "A" starts with the SKU.
func (c *compiler) lookAtOrder(fn *Function, args []*node, rng hcl.Range) {
	at, ok := subjects[fn.Name]
	if !ok || len(args) < 2 || !args[at].constant || args[1-at].constant || args[1-at].opaque {
		return
	}
	c.pointless = append(c.pointless, &hcl.Diagnostic{Severity: hcl.DiagWarning, Summary: "Arguments may stand the other way round",
		Detail: fmt.Sprintf("What %s works on is the same for all items here. Its form is %s.", fn.Name, fn.Signature()), Subject: rng.Ptr()})
}
