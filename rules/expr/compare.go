package expr

import (
	"cmp"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// equality compiles == (want is true) and != (want is false).
func (c *compiler) equality(a, b *node, op string, want bool, rng hcl.Range) *node {
	switch {
	case a.null:
		return c.nullTest(b, want, rng).as(Comparison, op, KnownOfKnown).comparing(a, b)
	case b.null:
		return c.nullTest(a, want, rng).as(Comparison, op, KnownOfKnown).comparing(a, b)
	case a.mistyped() || b.mistyped():
		return unevaluated(catalog.Bool, rng)
	case a.typ != b.typ:
		return c.errorf(rng, "Comparison of different types", "A %s is never equal to a %s.%s", a.typ, b.typ, agreement(a, b))
	}
	if a.opaque || b.opaque {
		return unevaluated(catalog.Bool, rng)
	}
	c.lookAtComparison(a, b, relations[op], rng)
	var equal eval[bool]
	switch a.typ {
	case catalog.String:
		equal = equalTexts(a, b, want)
	case catalog.Number:
		if want {
			equal = related(a, b, same)
		} else {
			equal = related(a, b, less|greater)
		}
	case catalog.Bool:
		equal = map2(a.truth, b.truth, func(x, y bool) bool { return (x == y) == want })
	case catalog.List:
		equal = equalLists(a, b, want)
	case catalog.Map:
		equal = equalMaps(a, b, want)
	}
	return truthNode(equal).as(Comparison, op, NullOnlyOfNull).from(rng, a, b)
}

// comparing sets the operands of a comparison that is computed from one of them alone.
func (n *node) comparing(a, b *node) *node {
	n.operands = []*node{a, b}
	return n
}

// numberField advises, of a field that is compared with a number, how it becomes one.
func numberField(text, number *node) string {
	if number.typ != catalog.Number || typed(text) == "" {
		return ""
	}
	return " If the field is a number, " + typed(text) + "."
}

// agreement advises how two values of different types can be made comparable.
func agreement(a, b *node) string {
	if a.literal {
		if advice := requote(a, b.typ); advice != "" {
			return advice + numberField(b, a)
		}
	}
	if b.literal {
		if advice := requote(b, a.typ); advice != "" {
			return advice + numberField(a, b)
		}
	}
	for _, pair := range [][2]*node{{a, b}, {b, a}} {
		x, y := pair[0], pair[1]
		switch {
		case x.typ == catalog.String && y.typ == catalog.Number:
			return " Use tonumber to read a number from the text" + behind(", or ", typed(x)) + "."
		case x.typ == catalog.String && y.typ == catalog.Bool:
			return " Use tostring to make a text of the bool."
		case x.typ == catalog.List && y.typ == catalog.String:
			return " To look for an item in the list, use contains(list, text)."
		case x.typ == catalog.Map && y.typ == catalog.String:
			return ` Name the key that is meant, for example ["Size"].`
		case x.typ == catalog.Map && y.typ == catalog.List:
			return " Use keys or values of the map."
		case y.typ == catalog.Number && (x.typ == catalog.List || x.typ == catalog.Map):
			return " Use length to count what it holds."
		}
	}
	return ""
}

// nullTest compiles a comparison of n with the literal null, which alone has a result where n is null.
func (c *compiler) nullTest(n *node, want bool, rng hcl.Range) *node {
	if n.opaque {
		return unevaluated(catalog.Bool, rng)
	}
	if !n.nullable || n.null {
		c.warnPointless(n, n.null == want, rng)
	}
	var test *node
	switch n.typ {
	case catalog.String:
		test = truthNode(isNull(n.text, want))
	case catalog.Number:
		test = truthNode(isNull(n.number, want))
	case catalog.Bool:
		test = truthNode(isNull(n.truth, want))
	case catalog.List:
		test = truthNode(isNull(n.list, want))
	case catalog.Map:
		test = truthNode(isNull(n.dict, want))
	default:
		test = truthNode(constant(want, true))
	}
	test.decided = true // also where n is null there is a result
	return test.from(rng, n)
}

func isNull[T any](x eval[T], want bool) eval[bool] {
	return func(f *Frame) (bool, bool) {
		_, known := x(f)
		return known != want, true
	}
}

func (c *compiler) warnPointless(n *node, truth bool, rng hcl.Range) {
	detail := "This value is never null."
	switch {
	case n.null:
		detail = "Both sides are null."
	case n.typ == catalog.String:
		detail = `A string is never null: an absent one is "". Compare it with "" instead.`
	case n.typ == catalog.List:
		detail = "A list is never null: an absent one is empty. Compare it with [] instead."
	case n.typ == catalog.Map:
		detail = "A map is never null: an absent one is empty. Compare it with {} instead."
	}
	c.alwaysSo(truth, rng, detail)
}

// relation is a set of outcomes of a comparison.
type relation uint8

const (
	less relation = 1 << iota
	same
	greater
)

// has reports whether the set has the outcome that cmp.Compare gave.
func (r relation) has(outcome int) bool { return r>>(outcome+1)&1 != 0 }

// turned returns the set for the operands in the other order.
func (r relation) turned() relation { return r&less<<2 | r&same | r&greater>>2 }

func (c *compiler) order(a, b *node, op string, want relation, rng hcl.Range) *node {
	ok := c.require(a, catalog.Number, "an operand of "+op)
	if !c.require(b, catalog.Number, "an operand of "+op) || !ok {
		return unknown(rng)
	}
	if a.opaque || b.opaque {
		return unevaluated(catalog.Bool, rng)
	}
	c.lookAtComparison(a, b, want, rng)
	return truthNode(related(a, b, want)).as(Comparison, op, NullOnlyOfNull).from(rng, a, b)
}

func related(a, b *node, want relation) eval[bool] {
	switch {
	case a.field != nil && b.field != nil:
		return relatedColumns(a.field, b.field, want)
	case a.field != nil && b.constant:
		if limit, known := b.number(&Frame{}); known {
			return relatedConstant(a.field, limit, want)
		}
	case b.field != nil && a.constant:
		if limit, known := a.number(&Frame{}); known {
			return relatedConstant(b.field, limit, want.turned())
		}
	}
	return map2(a.number, b.number, func(x, y catalog.Decimal) bool { return want.has(x.Cmp(y)) })
}

// relatedColumns compares coefficients where the batches hold both columns at one scale, as most of them do.
func relatedColumns(x, y *field, want relation) eval[bool] {
	return func(f *Frame) (bool, bool) {
		a, i := f.numbers(x)
		b, j := f.numbers(y)
		coefA, scaleA, validA, wideA := a.Raw()
		coefB, scaleB, validB, wideB := b.Raw()
		if !validA.Has(i) || !validB.Has(j) {
			return false, false
		}
		if scaleA == scaleB && wideA == nil && wideB == nil {
			return want.has(cmp.Compare(coefA[i], coefB[j])), true
		}
		p, _ := a.At(i)
		q, _ := b.At(j)
		return want.has(p.Cmp(q)), true
	}
}

// relatedConstant compares a column with a constant. Where the constant is exact at the column's scale, it is enough to
// compare coefficients.
func relatedConstant(x *field, constant catalog.Decimal, want relation) eval[bool] {
	const scales = 8 // of most columns
	var limits [scales]int64
	var exact [scales]bool
	if coef, scale, ok := constant.Reduce().Int64(); ok {
		for s := max(scale, 0); s < scales; s++ {
			limits[s], exact[s] = catalog.Rescale(coef, s-scale)
		}
	}
	return func(f *Frame) (bool, bool) {
		c, i := f.numbers(x)
		coef, scale, valid, wide := c.Raw()
		if !valid.Has(i) {
			return false, false
		}
		if scale < scales && exact[scale] && wide == nil {
			return want.has(cmp.Compare(coef[i], limits[scale])), true
		}
		d, _ := c.At(i)
		return want.has(d.Cmp(constant)), true
	}
}

func equalLists(a, b *node, want bool) eval[bool] {
	if x, y := a.field, b.field; x != nil && y != nil {
		return func(f *Frame) (bool, bool) {
			p, i := f.lists(x)
			q, j := f.lists(y)
			return catalog.EqualLists(p, i, q, j) == want, true
		}
	}
	return map2(a.list, b.list, func(x, y list) bool { return x.equal(y) == want })
}

func equalMaps(a, b *node, want bool) eval[bool] {
	if x, y := a.field, b.field; x != nil && y != nil {
		return func(f *Frame) (bool, bool) {
			p, i := f.maps(x)
			q, j := f.maps(y)
			return catalog.EqualMaps(p, i, q, j) == want, true
		}
	}
	return map2(a.dict, b.dict, func(x, y dict) bool { return x.equal(y) == want })
}
