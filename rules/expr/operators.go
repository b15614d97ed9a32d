package expr

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

func (c *compiler) unary(e *hclsyntax.UnaryOpExpr) *node {
	n := c.compile(e.Val)
	switch e.Op {
	case hclsyntax.OpNegate:
		if !c.require(n, catalog.Number, "the operand of -") {
			return unknown(e.SrcRange)
		}
		negated := numberNode(map1(n.number, catalog.Decimal.Neg)).as(Unary, "-", NullOnlyOfNull).from(e.SrcRange, n)
		negated.literal = n.literal
		return negated
	case hclsyntax.OpLogicalNot:
		if !c.require(n, catalog.Bool, "the operand of !") {
			return unknown(e.SrcRange)
		}
		return truthNode(map1(n.truth, func(b bool) bool { return !b })).as(Unary, "!", NullOnlyOfNull).from(e.SrcRange, n)
	}
	return c.errorf(e.SymbolRange, "Unsupported operator", "This operator is not supported.")
}

func (c *compiler) binary(e *hclsyntax.BinaryOpExpr) *node {
	a, b := c.compileOperands(e)
	switch e.Op {
	case hclsyntax.OpEqual:
		return c.equality(a, b, "==", true, e.SrcRange)
	case hclsyntax.OpNotEqual:
		return c.equality(a, b, "!=", false, e.SrcRange)
	case hclsyntax.OpLessThan:
		return c.order(a, b, "<", less, e.SrcRange)
	case hclsyntax.OpLessThanOrEqual:
		return c.order(a, b, "<=", less|same, e.SrcRange)
	case hclsyntax.OpGreaterThan:
		return c.order(a, b, ">", greater, e.SrcRange)
	case hclsyntax.OpGreaterThanOrEqual:
		return c.order(a, b, ">=", greater|same, e.SrcRange)
	case hclsyntax.OpLogicalAnd:
		return c.logic(a, b, "&&", false, e.SrcRange)
	case hclsyntax.OpLogicalOr:
		return c.logic(a, b, "||", true, e.SrcRange)
	case hclsyntax.OpAdd:
		return c.arithmetic(a, b, "+", catalog.Decimal.Add, e.SrcRange)
	case hclsyntax.OpSubtract:
		return c.arithmetic(a, b, "-", catalog.Decimal.Sub, e.SrcRange)
	case hclsyntax.OpMultiply:
		return c.arithmetic(a, b, "*", catalog.Decimal.Mul, e.SrcRange)
	case hclsyntax.OpDivide:
		return c.division(a, b, "/", catalog.Decimal.Quo, e.SrcRange)
	case hclsyntax.OpModulo:
		return c.division(a, b, "%", catalog.Decimal.Mod, e.SrcRange)
	}
	return c.errorf(e.SrcRange, "Unsupported operator", "This operator is not supported.")
}

// compileOperands compiles both operands. Fields in those of * and / may have another unit behind it; those that other operators put
// together have to be in one unit already. What is compared with null or with 0 may be in any.
func (c *compiler) compileOperands(e *hclsyntax.BinaryOpExpr) (a, b *node) {
	before := c.scaled
	defer func() { c.scaled = before }()
	compile := func(one, other hclsyntax.Expression) *node {
		switch e.Op {
		case hclsyntax.OpMultiply, hclsyntax.OpDivide:
			c.scaled = before || converts(other)
		case hclsyntax.OpEqual, hclsyntax.OpNotEqual, hclsyntax.OpLessThan, hclsyntax.OpLessThanOrEqual, hclsyntax.OpGreaterThan, hclsyntax.OpGreaterThanOrEqual:
			c.scaled = isNothing(other)
		default:
			c.scaled = false
		}
		return c.compile(one)
	}
	return compile(e.LHS, e.RHS), compile(e.RHS, e.LHS)
}

// logic compiles && and ||. Where an operand is what decides says (false for &&, true for ||), that is the result, even if
// the other operand is null.
func (c *compiler) logic(a, b *node, op string, decides bool, rng hcl.Range) *node {
	ok := c.require(a, catalog.Bool, "an operand of "+op)
	if !c.require(b, catalog.Bool, "an operand of "+op) || !ok {
		return unknown(rng)
	}
	c.lookAtChain(a, b, op, rng)
	x, y := a.truth, b.truth
	return truthNode(func(f *Frame) (bool, bool) {
		p, pKnown := x(f)
		if pKnown && p == decides {
			return decides, true
		}
		q, qKnown := y(f)
		if qKnown && q == decides {
			return decides, true
		}
		return !decides && pKnown && qKnown, pKnown && qKnown
	}).as(Logic, op, KnownOfKnown).from(rng, a, b)
}

func (c *compiler) operands(a, b *node, op string) bool {
	if op == "+" && a.typ == catalog.String && b.typ == catalog.String {
		c.errorf(hcl.RangeBetween(a.rng, b.rng), "Wrong type",
			`+ adds numbers. To put texts together, write them into one: "${a}${b}".`)
		return false
	}
	ok := c.require(a, catalog.Number, "an operand of "+op)
	return c.require(b, catalog.Number, "an operand of "+op) && ok
}

func (c *compiler) arithmetic(a, b *node, op string, do func(x, y catalog.Decimal) catalog.Decimal, rng hcl.Range) *node {
	if !c.operands(a, b, op) {
		return unknown(rng)
	}
	return numberNode(map2(a.number, b.number, do)).as(Arithmetic, op, NullOnlyOfNull).from(rng, a, b)
}

// division compiles / and %, whose result is null where the divisor is 0.
func (c *compiler) division(a, b *node, op string, do func(x, y catalog.Decimal) (catalog.Decimal, bool), rng hcl.Range) *node {
	if !c.operands(a, b, op) {
		return unknown(rng)
	}
	x, y := a.number, b.number
	n := numberNode(func(f *Frame) (catalog.Decimal, bool) {
		p, pKnown := x(f)
		q, qKnown := y(f)
		if !pKnown || !qKnown {
			return catalog.Decimal{}, false
		}
		return do(p, q)
	})
	facts := NullOfNull
	if b.constant {
		if divisor, known := b.number(&Frame{}); known && divisor.Sign() != 0 {
			facts = NullOnlyOfNull
		}
	}
	return n.as(Arithmetic, op, facts).from(rng, a, b)
}

func (c *compiler) conditional(e *hclsyntax.ConditionalExpr) *node {
	cond, a, b := c.compile(e.Condition), c.compile(e.TrueResult), c.compile(e.FalseResult)
	ok := c.require(cond, catalog.Bool, "the condition before ?")
	typ, typed := c.armType(a, b, e.SrcRange)
	if !ok || !typed {
		return unknown(e.SrcRange)
	}
	if a.null && b.null {
		return nullNode(e.SrcRange)
	}
	var n *node
	switch typ {
	case catalog.String:
		n = textNode(choose(cond.truth, a.text, b.text))
	case catalog.Number:
		n = numberNode(choose(cond.truth, a.number, b.number))
	case catalog.Bool:
		n = truthNode(choose(cond.truth, a.truth, b.truth))
	case catalog.List:
		n = listNode(choose(cond.truth, a.list, b.list))
	case catalog.Map:
		n = dictNode(choose(cond.truth, a.dict, b.dict))
	default:
		return unknown(e.SrcRange)
	}
	return n.as(Conditional, "?:", KnownOfKnown).from(e.SrcRange, cond, a, b)
}

// armType returns the type that the arms of ?: have in common, Invalid if it is not known.
func (c *compiler) armType(a, b *node, rng hcl.Range) (typ catalog.Type, ok bool) {
	for _, pair := range [][2]*node{{a, b}, {b, a}} {
		arm, other := pair[0], pair[1]
		if arm.null && other.typ != catalog.Invalid && !other.typ.Nullable() {
			c.errorf(arm.rng, "Unexpected null", "The other result is a %s, which cannot be null. Write %s.", other.typ, empty(other.typ))
			return catalog.Invalid, false
		}
	}
	switch {
	case a.typ == catalog.Invalid:
		return b.typ, true
	case b.typ == catalog.Invalid || a.typ == b.typ:
		return a.typ, true
	}
	c.errorf(rng, "Results of different types", "The two results must have one type; the first is a %s, the second a %s.%s",
		a.typ, b.typ, agreement(a, b))
	return catalog.Invalid, false
}

// choose evaluates only the arm that the condition chooses; a null condition chooses none.
func choose[T any](cond eval[bool], a, b eval[T]) eval[T] {
	return func(f *Frame) (none T, known bool) {
		truth, known := cond(f)
		switch {
		case !known:
			return none, false
		case truth:
			return a(f)
		}
		return b(f)
	}
}

// empty returns how the configuration language writes the absent value of a type that has no null.
func empty(t catalog.Type) string {
	switch t {
	case catalog.List:
		return "[]"
	case catalog.Map:
		return "{}"
	}
	return `""`
}

// fieldsIn calls each with the sides and names of the fields that an expression reads.
func fieldsIn(e hcl.Expression, each func(side, name string)) {
	for _, t := range e.Variables() {
		if len(t) < 2 {
			continue
		}
		switch step := t[1].(type) {
		case hcl.TraverseAttr:
			each(t.RootName(), step.Name)
		case hcl.TraverseIndex:
			if step.Key.Type() == cty.String && step.Key.IsKnown() && !step.Key.IsNull() {
				each(t.RootName(), step.Key.AsString())
			}
		}
	}
}

// measuredSides returns the sides of which an expression reads weights or lengths.
func measuredSides(e hcl.Expression) (sides []string) {
	fieldsIn(e, func(side, name string) {
		if unit := catalog.UnitOf(name); (unit == catalog.Weight || unit == catalog.Length) && !slices.Contains(sides, side) {
			sides = append(sides, side)
		}
	})
	return sides
}

// converts reports whether a factor or a divisor can be what leads from one unit to another: a number, or a field of which it is not known
// what it is. Pieces, amounts of money, weights and lengths are no such thing: 2 pieces of 5 kg are not 10 g.
func converts(e hcl.Expression) bool {
	ok := true
	fieldsIn(e, func(_, name string) { ok = ok && catalog.UnitOf(name) == catalog.NoUnit })
	return ok
}

// isNothing reports whether an expression is null or 0, which is the same in each unit.
func isNothing(e hclsyntax.Expression) bool {
	switch e := e.(type) {
	case *hclsyntax.ParenthesesExpr:
		return isNothing(e.Expression)
	case *hclsyntax.LiteralValueExpr:
		return e.Val.IsNull() || e.Val.Type() == cty.Number && e.Val.AsBigFloat().Sign() == 0
	}
	return false
}
