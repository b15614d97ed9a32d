package expr

import (
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// eval computes a value of a pair of rows. known is false if it is null; the value is the zero one then.
type eval[T any] func(f *Frame) (v T, known bool)

// node is a checked expression, of which the operands are nodes too. There are three who read the tree: evaluation calls
// the functions that were made of it, Settler looks at its shape, and Trace evaluates each node of it.
//
// Of its functions exactly the one of its type is set; none if it is opaque.
type node struct {
	typ catalog.Type // Invalid for the literal null, and where the type is not known
	rng hcl.Range

	null     bool // the literal null
	opaque   bool // never to be evaluated: a mistake in it was reported, or it hangs on a schema that is not known
	constant bool // reads no field
	nullable bool // the result can be null
	decided  bool // nullable does not follow from the operands
	literal  bool // its value stands in the source, so that diagnostics may repeat it
	secret   bool // it is computed from a secret
	bareWord bool // a key of a map that is written without quotes

	kind     Kind      // what it does
	op       string    // the operator, or the function's name; "" where the kind says all
	function *Function // that a Call calls
	facts    Facts     // of the operator or the function
	operands []*node   // in the order of the source
	inner    *node     // the node whose value this one passes on, because it is (x), "${x}" or a name with indexes; or nil
	sides    uint8     // those that it reads, a bit each

	text   eval[string]
	number eval[catalog.Decimal]
	truth  eval[bool]
	list   eval[list]
	dict   eval[dict]

	// What operators can do better with than with the functions above:
	field    *field   // the plain field that this is
	lacked   *Ref     // the field that this would be if its side offered it
	template template // the parts of a string that is put together
	cased    *cased   // the string that this is in lower or upper case
}

// Facts are what is known of an operation for any operands. What is not said is not relied on: without any facts a result
// counts as one that can be null at any time, whatever the operands are.
type Facts uint8

// The facts.
const (
	NullOfNull   Facts = 1 << iota // where an operand is null, the result is
	KnownOfKnown                   // where no operand is null, the result is not
	Cheap                          // it may be computed for every row, whether or not a condition gets that far
	Idempotent                     // of its own result it makes that result again; of functions with one argument

	NullOnlyOfNull = NullOfNull | KnownOfKnown // the result is null exactly where an operand is
)

// has reports whether all of the other facts are among the facts.
func (f Facts) has(all Facts) bool { return f&all == all }

func textNode(f eval[string]) *node            { return &node{typ: catalog.String, text: f} }
func numberNode(f eval[catalog.Decimal]) *node { return &node{typ: catalog.Number, number: f} }
func truthNode(f eval[bool]) *node             { return &node{typ: catalog.Bool, truth: f} }
func listNode(f eval[list]) *node              { return &node{typ: catalog.List, list: f} }
func dictNode(f eval[dict]) *node              { return &node{typ: catalog.Map, dict: f} }

// unknown returns a node for an expression with a mistake. Whatever uses it reports no second one.
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

// as says what a node does.
func (n *node) as(kind Kind, op string, facts Facts) *node {
	n.kind, n.op, n.facts = kind, op, facts
	return n
}

// from completes a node that is computed from others. It is constant if they all are, and is evaluated at once then. It can
// be null if one of them can, or if its facts do not say that it is known where they are; but not if nullable is decided.
func (n *node) from(rng hcl.Range, operands ...*node) *node {
	n.rng, n.operands, n.constant = rng, operands, true
	if !n.decided {
		n.nullable = !n.facts.has(KnownOfKnown)
	}
	for _, o := range operands {
		if o.opaque {
			return unevaluated(n.typ, rng)
		}
		n.constant = n.constant && o.constant
		n.nullable = n.nullable || o.nullable && !n.decided
		n.sides |= o.sides
		n.secret = n.secret || o.secret
	}
	if n.constant {
		n.fold()
	}
	return n
}

// wrapped returns a node for the same value, written in another way.
func (n *node) wrapped(kind Kind, rng hcl.Range, operands ...*node) *node {
	w := *n
	w.inner, w.kind, w.op, w.rng, w.operands = n, kind, "", rng, operands
	return &w
}

// bare returns the node that computes the value.
func (n *node) bare() *node {
	for n.inner != nil {
		n = n.inner
	}
	return n
}

// walk calls do with the node and all that it is computed from, from the outside in, as long as do returns true. A
// constant is one piece.
func (n *node) walk(do func(*node) bool) {
	if n = n.bare(); !do(n) || n.constant {
		return
	}
	for _, o := range n.operands {
		o.walk(do)
	}
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

// value evaluates a node of any type and boxes the result. known is false if it is null, which a boxed string, list or map
// does not tell.
func (n *node) value(f *Frame) (v catalog.Value, known bool) {
	if n.opaque || n.null {
		return catalog.Value{}, false
	}
	switch n.typ {
	case catalog.String:
		s, known := n.text(f)
		return catalog.StringValue(strings.Clone(s)), known
	case catalog.Number:
		if d, known := n.number(f); known {
			return catalog.NumberValue(d), true
		}
	case catalog.Bool:
		if b, known := n.truth(f); known {
			return catalog.BoolValue(b), true
		}
	case catalog.List:
		l, known := n.list(f)
		return catalog.ListValue(l.clone()), known
	case catalog.Map:
		m, known := n.dict(f)
		return catalog.MapValue(m.clone()), known
	}
	return catalog.NullValue(n.typ), false
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
