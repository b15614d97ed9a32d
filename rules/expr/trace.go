package expr

import (
	"slices"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// Kind is what a step of a Trace does.
type Kind uint8

// The kinds.
const (
	Literal     Kind = iota // a value that stands in the source, or the literal null
	LocalValue              // local.NAME, with what may follow it
	FieldValue              // a field of a side, with what may follow it
	Parentheses             // one part
	Logic                   // && or || between two or more parts
	Unary                   // ! or -
	Comparison              // two parts
	Arithmetic              // two parts
	Conditional             // condition, result if true, result if false
	Call                    // the arguments are the parts
	Index                   // what is indexed, and the index unless it is a name
	Template                // a text that is put together from its parts
	Collection              // a list or map that is put together from its parts
)

// Trace is how an expression came to its value on a pair of rows: the value, and those of the parts that it was
// computed from.
type Trace struct {
	Kind  Kind
	Op    string    // the operator, or the function's name
	Range hcl.Range // where it stands

	// Value is the result, boxed; of a null it has the type only, and of the literal null not even that. A secret is a text
	// that says so.
	Value catalog.Value
	Null  bool

	// Ref is the field that a FieldValue reads; nil otherwise.
	Ref *Ref

	// Function is what a Call calls; nil otherwise.
	Function *Function

	// Parts are the operands in the order of the source. All of them were evaluated, even those that did not matter.
	// A chain of one logical operator is one step with many parts.
	Parts []*Trace

	// Decided are the places in Parts of those that made the value what it is: of a false && the first false part and
	// of a true || the first true one; of ?: the condition and the result that it chose; where the value is null, the
	// parts that made it null, of which there are none where the operation itself has no result (a division by zero).
	// Otherwise it is all of them.
	Decided []int
}

// Trace evaluates the expression on the frame's pair of rows, step by step. It is for explanations: it takes many times as
// long as the expression itself, and boxes all values.
func (e *Expr) Trace(f *Frame) *Trace { return e.root.trace(f) }

func (n *node) trace(f *Frame) *Trace {
	t := &Trace{Kind: n.kind, Op: n.op, Range: n.rng}
	v, known := n.value(f)
	if !known && !n.opaque && !n.null {
		v = catalog.NullValue(n.typ)
	}
	if n.secret && known && n.typ != catalog.Bool {
		v = catalog.StringValue("(sensitive)")
	}
	t.Value, t.Null = v, !known
	for _, part := range n.parts() {
		t.Parts = append(t.Parts, part.trace(f))
	}
	switch n.kind {
	case FieldValue:
		t.Ref = n.ref()
	case Call:
		t.Function = n.function
	case Collection:
		t.Op = ""
	}
	t.Decided = t.decided()
	return t
}

// parts returns the operands as people read them. HCL nests a && b && c to the left, but these are three parts; and a key
// of a map that is a bare word is none.
func (n *node) parts() []*node {
	switch n.kind {
	case Logic:
		chain := []*node{n.operands[1]}
		left := n.operands[0]
		for left.kind == Logic && left.op == n.op {
			chain = append(chain, left.operands[1])
			left = left.operands[0]
		}
		chain = append(chain, left)
		slices.Reverse(chain)
		return chain
	case Collection:
		return slices.DeleteFunc(slices.Clone(n.operands), func(o *node) bool { return o.bareWord })
	}
	return n.operands
}

// ref returns the field that a name stands for, with or without indexes behind it.
func (n *node) ref() *Ref {
	for n = n.bare(); n.field == nil; n = n.operands[0].bare() {
		if n.lacked != nil {
			return n.lacked
		}
	}
	return &Ref{Side: n.field.side, Field: n.field.name, Range: n.rng}
}

// Refs returns the fields that a step and its parts read, each once.
func (t *Trace) Refs() []Ref {
	var list []Ref
	if t.Ref != nil {
		list = append(list, *t.Ref)
	}
	for _, p := range t.Parts {
		for _, ref := range p.Refs() {
			if !slices.ContainsFunc(list, func(r Ref) bool { return r.Side == ref.Side && r.Field == ref.Field }) {
				list = append(list, ref)
			}
		}
	}
	return list
}
