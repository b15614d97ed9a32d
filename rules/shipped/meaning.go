package shipped

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// canonical writes an expression so that all that are the same but for how they are written are one text: without brackets that only
// group, comments and white space, and with the operands in one order where that does not matter. What it does not know is written
// by its words.
func canonical(e hclsyntax.Expression, text []byte) string {
	all := func(list []hclsyntax.Expression) []string {
		var parts []string
		for _, e := range list {
			parts = append(parts, canonical(e, text))
		}
		return parts
	}
	call := func(name string, parts ...string) string { return name + "(" + strings.Join(parts, ",") + ")" }
	switch e := e.(type) {
	case *hclsyntax.ParenthesesExpr:
		return canonical(e.Expression, text)
	case *hclsyntax.LiteralValueExpr:
		return literal(e.Val)
	case *hclsyntax.TemplateExpr:
		return call("text", joined(e.Parts, text)...)
	case *hclsyntax.TemplateWrapExpr:
		return call("text", canonical(e.Wrapped, text))
	case *hclsyntax.ScopeTraversalExpr:
		return steps(e.Traversal)
	case *hclsyntax.FunctionCallExpr:
		name := e.Name
		if e.ExpandFinal {
			name += "..."
		}
		return call("call "+name, all(e.Args)...)
	case *hclsyntax.ConditionalExpr:
		return call("if", canonical(e.Condition, text), canonical(e.TrueResult, text), canonical(e.FalseResult, text))
	case *hclsyntax.TupleConsExpr:
		return call("list", all(e.Exprs)...)
	case *hclsyntax.UnaryOpExpr:
		if e.Op == hclsyntax.OpLogicalNot {
			return call("!", canonical(e.Val, text))
		}
		return call("-", canonical(e.Val, text))
	case *hclsyntax.BinaryOpExpr:
		if name, parts := operation(e, text); name != "" {
			return call(name, parts...)
		}
	}
	return call("words", strconv.Quote(tokensOf(e.Range().SliceBytes(text))))
}

// operation names an operator and its operands; "" if it is not known. A chain of && or of || is one.
func operation(e *hclsyntax.BinaryOpExpr, text []byte) (string, []string) {
	left, right := canonical(e.LHS, text), canonical(e.RHS, text)
	sorted := func(list []string) []string {
		slices.Sort(list)
		return list
	}
	switch e.Op {
	case hclsyntax.OpEqual:
		return "==", sorted([]string{left, right})
	case hclsyntax.OpNotEqual:
		return "!=", sorted([]string{left, right})
	case hclsyntax.OpLogicalAnd:
		return "&&", sorted(chain(e.Op, e, text))
	case hclsyntax.OpLogicalOr:
		return "||", sorted(chain(e.Op, e, text))
	case hclsyntax.OpLessThan:
		return "<", []string{left, right}
	case hclsyntax.OpGreaterThan:
		return "<", []string{right, left}
	case hclsyntax.OpLessThanOrEqual:
		return "<=", []string{left, right}
	case hclsyntax.OpGreaterThanOrEqual:
		return "<=", []string{right, left}
	case hclsyntax.OpAdd:
		return "+", []string{left, right}
	case hclsyntax.OpSubtract:
		return "minus", []string{left, right}
	case hclsyntax.OpMultiply:
		return "*", []string{left, right}
	case hclsyntax.OpDivide:
		return "/", []string{left, right}
	case hclsyntax.OpModulo:
		return "%", []string{left, right}
	}
	return "", nil
}

func chain(op *hclsyntax.Operation, e hclsyntax.Expression, text []byte) []string {
	switch inner := e.(type) {
	case *hclsyntax.ParenthesesExpr:
		return chain(op, inner.Expression, text)
	case *hclsyntax.BinaryOpExpr:
		if inner.Op == op {
			return append(chain(op, inner.LHS, text), chain(op, inner.RHS, text)...)
		}
	}
	return []string{canonical(e, text)}
}

// joined writes the parts of a text. Those that stand there in words are one, however the text is broken.
func joined(list []hclsyntax.Expression, text []byte) []string {
	var parts []string
	words := ""
	flush := func() {
		if words != "" {
			parts = append(parts, strconv.Quote(words))
		}
		words = ""
	}
	for _, e := range list {
		if l, ok := e.(*hclsyntax.LiteralValueExpr); ok && l.Val.Type() == cty.String && !l.Val.IsNull() {
			words += l.Val.AsString()
			continue
		}
		flush()
		parts = append(parts, canonical(e, text))
	}
	flush()
	return parts
}

func literal(v cty.Value) string {
	switch {
	case v.IsNull():
		return "null"
	case v.Type() == cty.Number:
		return v.AsBigFloat().Text('p', 0) // the decimal text of one with a large exponent takes minutes to make
	case v.Type() == cty.String:
		return strconv.Quote(v.AsString())
	}
	return fmt.Sprintf("%#v", v)
}

// steps writes a name and what is taken of it: pos.name and pos["name"] are the same.
func steps(t hcl.Traversal) string {
	var b strings.Builder
	for _, step := range t {
		switch step := step.(type) {
		case hcl.TraverseRoot:
			b.WriteString(step.Name)
		case hcl.TraverseAttr:
			b.WriteString("." + step.Name)
		case hcl.TraverseIndex:
			if step.Key.Type() == cty.String && hclsyntax.ValidIdentifier(step.Key.AsString()) {
				b.WriteString("." + step.Key.AsString())
				continue
			}
			b.WriteString("[" + literal(step.Key) + "]")
		}
	}
	return b.String()
}
