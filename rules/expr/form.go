package expr

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// form is the shape of an expression: what Settle needs to know of it, of which the compiled functions tell nothing.
type form struct {
	kind     formKind
	op       string // the operator or the function's name; what an index is, where a name says it
	parts    []*form
	typ      catalog.Type
	nullable bool
	strict   bool // it is null exactly where one of its parts is
	sides    uint8
	field    field          // of a fieldForm
	constant *catalog.Value // of a constantForm; a null has the type only, the literal null not even that
	test     int            // its place among the tests of its side; -1 if it is none
	expr     *Expr
}

type formKind uint8

const (
	otherForm formKind = iota // of which no more is known than that equal parts make it equal
	fieldForm
	constantForm
	logicForm
	notForm
	choiceForm
	equalityForm // == and !=
	orderForm
)

// formOf returns the form of an expression that was compiled in the scope without a mistake.
func formOf(e hcl.Expression, scope *Scope) *form {
	syntax, ok := asSyntax(e)
	if !ok {
		return &form{test: -1, nullable: true}
	}
	switch e := syntax.(type) {
	case *hclsyntax.ParenthesesExpr:
		return formOf(e.Expression, scope)
	case *hclsyntax.TemplateWrapExpr:
		return formOf(e.Wrapped, scope)
	}
	compiled, _ := Compile(syntax, scope)
	f := &form{typ: compiled.typ, nullable: compiled.root.nullable, test: -1, expr: compiled}
	for _, ref := range compiled.fields {
		f.sides |= 1 << ref.Side
	}
	if v, ok := compiled.Constant(); ok {
		f.kind, f.constant = constantForm, &v
		return f
	}
	if x := compiled.root.field; x != nil {
		f.kind, f.field = fieldForm, *x
		return f
	}
	f.fill(syntax, scope)
	return f
}

// fill sets the kind and the parts of what is neither a constant nor a plain field.
func (f *form) fill(e hclsyntax.Expression, scope *Scope) {
	parts := func(list ...hclsyntax.Expression) {
		for _, p := range list {
			f.parts = append(f.parts, formOf(p, scope))
		}
	}
	switch e := e.(type) {
	case *hclsyntax.ScopeTraversalExpr: // a field with indexes behind it
		c := &compiler{scope: scope}
		n := c.traversal(e.Traversal[:2])
		f.parts = []*form{{kind: fieldForm, typ: n.typ, nullable: n.nullable, sides: f.sides, field: *n.field, test: -1}}
		f.op = "." + stepsText(e.Traversal[2:])
	case *hclsyntax.RelativeTraversalExpr:
		parts(e.Source)
		f.op = "." + stepsText(e.Traversal)
	case *hclsyntax.IndexExpr:
		parts(e.Collection, e.Key)
		f.op, f.strict = "[]", true
	case *hclsyntax.TemplateExpr:
		parts(e.Parts...)
		f.op, f.strict = "template", true
	case *hclsyntax.TupleConsExpr:
		parts(e.Exprs...)
		f.op, f.strict = "list", true
	case *hclsyntax.UnaryOpExpr:
		parts(e.Val)
		f.op, f.strict = "-", true
		if e.Op == hclsyntax.OpLogicalNot {
			f.kind = notForm
		}
	case *hclsyntax.ConditionalExpr:
		parts(e.Condition, e.TrueResult, e.FalseResult)
		f.kind, f.op = choiceForm, "?:"
	case *hclsyntax.FunctionCallExpr:
		parts(e.Args...)
		f.op = e.Name + "()"
		switch {
		case e.Name == "coalesce", e.Name == "tonumber", e.Name == "round" && len(e.Args) > 1: // null in other cases, too, or in fewer
		default:
			f.strict = true
		}
	case *hclsyntax.BinaryOpExpr:
		parts(e.LHS, e.RHS)
		f.op, f.strict = operators[e.Op].text, true
		switch kind := operators[e.Op].kind; {
		case kind == Logic:
			f.kind, f.strict = logicForm, false
		case f.op == "==" || f.op == "!=":
			f.kind = equalityForm
		case kind == Comparison:
			f.kind = orderForm
		case f.op == "/" || f.op == "%":
			f.strict = false
		}
	default: // its parts are not known: it equals nothing but itself, see same
		f.op = "?"
	}
}

// stepsText writes indexes so that those that differ have texts that differ.
func stepsText(t hcl.Traversal) string {
	text := ""
	for _, step := range t {
		switch step := step.(type) {
		case hcl.TraverseAttr:
			text += "s" + step.Name + "\x00"
		case hcl.TraverseIndex:
			text += "i" + step.Key.GoString() + "\x00"
		default:
			text += "?\x00"
		}
	}
	return text
}

// walk calls do with the form and all its parts, from the outside in, as long as do returns true.
func (f *form) walk(do func(*form) bool) {
	if !do(f) {
		return
	}
	for _, p := range f.parts {
		p.walk(do)
	}
}
