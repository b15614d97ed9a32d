package expr

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

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

	// Value is the result, boxed; of a null it has the type only, and of the literal null not even that.
	Value catalog.Value
	Null  bool

	// Ref is the field that a FieldValue reads; nil otherwise.
	Ref *Ref

	// Parts are the operands in the order of the source. All of them were evaluated, even those that did not matter.
	// A chain of one logical operator is one step with many parts.
	Parts []*Trace

	// Decided are the places in Parts of those that made the value what it is: of a false && the first false part and
	// of a true || the first true one; of ?: the condition and the result that it chose; where the value is null, the
	// parts that made it null, of which there are none where the operation itself has no result (a division by zero).
	// Otherwise it is all of them.
	Decided []int
}

// TraceOf evaluates an expression once more, step by step, on the frame's pair of rows. scope is the one that it was
// compiled with, without mistakes. It is for explanations: it takes thousands of times as long as an Expr, whose result
// it always agrees with, because each step's value comes from compiling that step.
func TraceOf(e hcl.Expression, scope *Scope, f *Frame) *Trace {
	syntax, ok := asSyntax(e)
	if !ok {
		return &Trace{Range: e.Range(), Null: true}
	}
	t := &tracer{scope: scope, frame: f}
	return t.trace(syntax)
}

type tracer struct {
	scope *Scope
	frame *Frame
}

func (t *tracer) trace(e hclsyntax.Expression) *Trace {
	n := &Trace{Range: e.Range()}
	n.Value, n.Null = t.value(e)
	t.shape(n, e)
	n.Decided = n.decided()
	return n
}

// value evaluates a part on its own.
func (t *tracer) value(e hclsyntax.Expression) (v catalog.Value, null bool) {
	compiled, diags := Compile(e, t.scope)
	if diags.HasErrors() || compiled.root.opaque || compiled.root.null {
		return catalog.Value{}, true
	}
	if compiled.root.known(t.frame) {
		return compiled.Value(t.frame), false
	}
	return catalog.NullValue(compiled.typ), true
}

// known evaluates the node and reports whether the result is not null. Boxed strings, lists and maps do not tell.
func (n *node) known(f *Frame) (known bool) {
	switch n.typ {
	case catalog.String:
		_, known = n.text(f)
	case catalog.Number:
		_, known = n.number(f)
	case catalog.Bool:
		_, known = n.truth(f)
	case catalog.List:
		_, known = n.list(f)
	case catalog.Map:
		_, known = n.dict(f)
	}
	return known
}

// shape fills in what the step does, and its parts.
func (t *tracer) shape(n *Trace, e hclsyntax.Expression) {
	switch e := e.(type) {
	case *hclsyntax.ScopeTraversalExpr:
		t.name(n, e.Traversal)
	case *hclsyntax.ParenthesesExpr:
		t.fill(n, Parentheses, "", e.Expression)
	case *hclsyntax.TemplateWrapExpr:
		t.fill(n, Template, "", e.Wrapped)
	case *hclsyntax.TemplateExpr:
		if !e.IsStringLiteral() {
			t.fill(n, Template, "", e.Parts...)
		}
	case *hclsyntax.RelativeTraversalExpr:
		t.fill(n, Index, "", e.Source)
	case *hclsyntax.IndexExpr:
		t.fill(n, Index, "", e.Collection, e.Key)
	case *hclsyntax.UnaryOpExpr:
		op := "!"
		if e.Op == hclsyntax.OpNegate {
			op = "-"
		}
		t.fill(n, Unary, op, e.Val)
	case *hclsyntax.BinaryOpExpr:
		t.binary(n, e)
	case *hclsyntax.ConditionalExpr:
		t.fill(n, Conditional, "?:", e.Condition, e.TrueResult, e.FalseResult)
	case *hclsyntax.FunctionCallExpr:
		t.fill(n, Call, e.Name, e.Args...)
	case *hclsyntax.TupleConsExpr:
		t.fill(n, Collection, "", e.Exprs...)
	case *hclsyntax.ObjectConsExpr:
		t.fill(n, Collection, "", objectParts(e)...)
	}
}

func (t *tracer) fill(n *Trace, kind Kind, op string, parts ...hclsyntax.Expression) {
	n.Kind, n.Op = kind, op
	for _, p := range parts {
		n.Parts = append(n.Parts, t.trace(p))
	}
}

// objectParts returns a map's keys and values but for keys that are bare words.
func objectParts(e *hclsyntax.ObjectConsExpr) []hclsyntax.Expression {
	var parts []hclsyntax.Expression
	for _, item := range e.Items {
		if key, ok := item.KeyExpr.(*hclsyntax.ObjectConsKeyExpr); !ok {
			parts = append(parts, item.KeyExpr)
		} else if key.ForceNonLiteral || hcl.ExprAsKeyword(key.Wrapped) == "" {
			parts = append(parts, key.Wrapped)
		}
		parts = append(parts, item.ValueExpr)
	}
	return parts
}

func (t *tracer) name(n *Trace, traversal hcl.Traversal) {
	n.Kind = LocalValue
	c := &compiler{scope: t.scope}
	c.traversal(traversal)
	if len(c.fields) == 1 {
		n.Kind, n.Ref = FieldValue, &c.fields[0]
	}
}

var operators = map[*hclsyntax.Operation]struct {
	kind Kind
	text string
}{
	hclsyntax.OpLogicalAnd: {Logic, "&&"}, hclsyntax.OpLogicalOr: {Logic, "||"},
	hclsyntax.OpEqual: {Comparison, "=="}, hclsyntax.OpNotEqual: {Comparison, "!="},
	hclsyntax.OpLessThan: {Comparison, "<"}, hclsyntax.OpLessThanOrEqual: {Comparison, "<="},
	hclsyntax.OpGreaterThan: {Comparison, ">"}, hclsyntax.OpGreaterThanOrEqual: {Comparison, ">="},
	hclsyntax.OpAdd: {Arithmetic, "+"}, hclsyntax.OpSubtract: {Arithmetic, "-"},
	hclsyntax.OpMultiply: {Arithmetic, "*"}, hclsyntax.OpDivide: {Arithmetic, "/"}, hclsyntax.OpModulo: {Arithmetic, "%"},
}

// binary traces an operator. HCL nests a && b && c to the left; people read it as three parts.
func (t *tracer) binary(n *Trace, e *hclsyntax.BinaryOpExpr) {
	op := operators[e.Op]
	if op.kind != Logic {
		t.fill(n, op.kind, op.text, e.LHS, e.RHS)
		return
	}
	chain := []hclsyntax.Expression{e.RHS}
	left := e.LHS
	for {
		inner, ok := left.(*hclsyntax.BinaryOpExpr)
		if !ok || inner.Op != e.Op {
			break
		}
		chain = append(chain, inner.RHS)
		left = inner.LHS
	}
	n.Kind, n.Op = Logic, op.text
	n.Parts = append(n.Parts, t.trace(left))
	for i := len(chain) - 1; i >= 0; i-- {
		n.Parts = append(n.Parts, t.trace(chain[i]))
	}
}
