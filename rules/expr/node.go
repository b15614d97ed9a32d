package expr

import (
	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// eval computes a value of a pair of rows. known is false if it is null; the value is the zero one then.
type eval[T any] func(f *Frame) (v T, known bool)

// node is a checked expression. Of its functions exactly the one of its type is set; none if it is opaque.
type node struct {
	typ catalog.Type // Invalid for the literal null, and where the type is not known
	rng hcl.Range

	null     bool // the literal null
	opaque   bool // never to be evaluated: a mistake in it was reported, or it hangs on a schema that is not known
	constant bool // reads no field
	nullable bool // the result can be null
	decided  bool // nullable does not follow from the operands
	literal  bool // its value stands in the source, so that diagnostics may repeat it

	text   eval[string]
	number eval[catalog.Decimal]
	truth  eval[bool]
	list   eval[list]
	dict   eval[dict]

	// What operators can do better with than with the functions above:
	field    *field   // the plain field that this is
	template template // the parts of a string that is put together
	cased    *cased   // the string that this is in lower or upper case
	call     string   // the name of the function called, for advice
}

func textNode(f eval[string]) *node            { return &node{typ: catalog.String, text: f} }
func numberNode(f eval[catalog.Decimal]) *node { return &node{typ: catalog.Number, number: f} }
func truthNode(f eval[bool]) *node             { return &node{typ: catalog.Bool, truth: f} }
func listNode(f eval[list]) *node              { return &node{typ: catalog.List, list: f} }
func dictNode(f eval[dict]) *node              { return &node{typ: catalog.Map, dict: f} }

// unknown is what stands for an expression after a mistake: whatever uses it is silent about it.
func unknown(rng hcl.Range) *node { return unevaluated(catalog.Invalid, rng) }

// unevaluated is an expression of which no more than the type is known.
func unevaluated(typ catalog.Type, rng hcl.Range) *node {
	return &node{typ: typ, rng: rng, opaque: true, nullable: true}
}

// mistyped reports that the type is not known, not even as that of the literal null.
func (n *node) mistyped() bool { return n.typ == catalog.Invalid && !n.null }

func nullNode(rng hcl.Range) *node {
	return &node{
		rng: rng, null: true, constant: true, nullable: true,
		text: constant("", false), number: constant(catalog.Decimal{}, false), truth: constant(false, false),
		list: constant(list{}, false), dict: constant(dict{}, false),
	}
}

func constant[T any](v T, known bool) eval[T] {
	return func(*Frame) (T, bool) { return v, known }
}

// fromValue returns the node of a boxed value; that of the zero Value is the literal null.
func fromValue(v catalog.Value, rng hcl.Range) *node {
	var n *node
	switch v.Type() {
	case catalog.String:
		n = textNode(constant(v.Str(), true))
	case catalog.Number:
		n = numberNode(constant(v.Number(), !v.IsNull()))
	case catalog.Bool:
		n = truthNode(constant(v.Bool(), !v.IsNull()))
	case catalog.List:
		n = listNode(constant(listOf(v.List()), true))
	case catalog.Map:
		n = dictNode(constant(dictOf(v.Entries()), true))
	default:
		return nullNode(rng)
	}
	n.rng, n.constant, n.nullable = rng, true, v.IsNull()
	return n
}

// from completes a node that is computed from others: it is constant if they all are, and evaluated at once then; it
// can be null if one of them can, unless that is decided already.
func (n *node) from(rng hcl.Range, operands ...*node) *node {
	n.rng, n.constant = rng, true
	for _, o := range operands {
		if o.opaque {
			return unevaluated(n.typ, rng)
		}
		n.constant = n.constant && o.constant
		n.nullable = n.nullable || o.nullable && !n.decided
	}
	if n.constant {
		n.fold()
	}
	return n
}

// fold replaces a constant's function by its result.
func (n *node) fold() {
	var f Frame
	known := true
	switch n.typ {
	case catalog.String:
		n.text, known = folded(n.text, &f)
	case catalog.Number:
		n.number, known = folded(n.number, &f)
	case catalog.Bool:
		n.truth, known = folded(n.truth, &f)
	case catalog.List:
		n.list, known = folded(n.list, &f)
	case catalog.Map:
		n.dict, known = folded(n.dict, &f)
	}
	n.nullable = !known
	n.template, n.cased = nil, nil
}

func folded[T any](f eval[T], frame *Frame) (eval[T], bool) {
	v, known := f(frame)
	return constant(v, known), known
}

// constantText returns the value of a constant string that is not null.
func (n *node) constantText() (string, bool) {
	if n.typ != catalog.String || !n.constant {
		return "", false
	}
	return n.text(&Frame{})
}

// map1, map2 and map3 lift functions of plain values to functions of rows: null if an argument is.

func map1[A, R any](a eval[A], do func(A) R) eval[R] {
	return func(f *Frame) (r R, known bool) {
		x, known := a(f)
		if !known {
			return r, false
		}
		return do(x), true
	}
}

func map2[A, B, R any](a eval[A], b eval[B], do func(A, B) R) eval[R] {
	return func(f *Frame) (r R, known bool) {
		x, known := a(f)
		if !known {
			return r, false
		}
		y, known := b(f)
		if !known {
			return r, false
		}
		return do(x, y), true
	}
}

func map3[A, B, C, R any](a eval[A], b eval[B], c eval[C], do func(A, B, C) R) eval[R] {
	return func(f *Frame) (r R, known bool) {
		x, known := a(f)
		if !known {
			return r, false
		}
		y, known := b(f)
		if !known {
			return r, false
		}
		z, known := c(f)
		if !known {
			return r, false
		}
		return do(x, y, z), true
	}
}
