package expr

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

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
