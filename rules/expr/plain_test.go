package expr

import (
	"math/big"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// plain evaluates an expression as the language is described, and in no other way: it walks the syntax tree, all values are
// boxed, numbers are pairs of big integers wherever that is all it takes. It is what compiled expressions are held against.
type plain struct {
	scope *Scope
	sides [2]map[string]catalog.Value
}

// unknownOr is a value or unknown, which any type can be within an expression.
type unknownOr struct {
	catalog.Value
	unknown bool
}

var unknownValue = unknownOr{unknown: true}

func known(v catalog.Value) unknownOr { return unknownOr{Value: v, unknown: v.IsNull()} }
func text(s string) unknownOr         { return known(catalog.StringValue(s)) }
func truth(b bool) unknownOr          { return known(catalog.BoolValue(b)) }
func num2(d catalog.Decimal) unknownOr {
	return known(catalog.NumberValue(d))
}

func isNullLiteral(e hclsyntax.Expression) bool {
	switch e := e.(type) {
	case *hclsyntax.ParenthesesExpr:
		return isNullLiteral(e.Expression)
	case *hclsyntax.LiteralValueExpr:
		return e.Val.IsNull()
	}
	return false
}

func (p *plain) eval(e hclsyntax.Expression) unknownOr {
	switch e := e.(type) {
	case *hclsyntax.ParenthesesExpr:
		return p.eval(e.Expression)
	case *hclsyntax.TemplateWrapExpr:
		return p.eval(e.Wrapped)
	case *hclsyntax.LiteralValueExpr:
		return p.literal(e.Val)
	case *hclsyntax.TemplateExpr:
		all := ""
		for _, part := range e.Parts {
			v := p.eval(part)
			if v.unknown {
				return unknownValue
			}
			all += v.Text()
		}
		return text(all)
	case *hclsyntax.ScopeTraversalExpr:
		return p.named(e.Traversal)
	case *hclsyntax.RelativeTraversalExpr:
		return p.steps(p.eval(e.Source), e.Traversal)
	case *hclsyntax.IndexExpr:
		return index(p.eval(e.Collection), p.eval(e.Key))
	case *hclsyntax.UnaryOpExpr:
		v := p.eval(e.Val)
		switch {
		case v.unknown:
			return unknownValue
		case e.Op == hclsyntax.OpNegate:
			return num2(bigOp(catalog.Int(0), v.Number(), (*big.Int).Sub))
		}
		return truth(!v.Bool())
	case *hclsyntax.BinaryOpExpr:
		return p.binary(e)
	case *hclsyntax.ConditionalExpr:
		cond := p.eval(e.Condition)
		switch {
		case cond.unknown:
			return unknownValue
		case cond.Bool():
			return p.eval(e.TrueResult)
		}
		return p.eval(e.FalseResult)
	case *hclsyntax.TupleConsExpr:
		var items []string
		for _, item := range e.Exprs {
			v := p.eval(item)
			if v.unknown {
				return unknownValue
			}
			items = append(items, v.Str())
		}
		return known(catalog.ListValue(items))
	case *hclsyntax.ObjectConsExpr:
		var entries []catalog.Entry
		for _, item := range e.Items {
			key, value := p.key(item.KeyExpr), p.eval(item.ValueExpr)
			if key.unknown || value.unknown {
				return unknownValue
			}
			entries = append(entries, catalog.Entry{Key: key.Str(), Value: value.Str()})
		}
		return known(catalog.MapValue(entries))
	case *hclsyntax.FunctionCallExpr:
		return p.call(e)
	}
	panic("no such expression")
}

func (p *plain) key(e hclsyntax.Expression) unknownOr {
	if key, ok := e.(*hclsyntax.ObjectConsKeyExpr); ok {
		if word := hcl.ExprAsKeyword(key.Wrapped); word != "" && !key.ForceNonLiteral {
			return text(word)
		}
		e = key.Wrapped
	}
	return p.eval(e)
}

func (p *plain) literal(v cty.Value) unknownOr {
	switch {
	case v.IsNull():
		return unknownValue
	case v.Type() == cty.String:
		return text(v.AsString())
	case v.Type() == cty.Bool:
		return truth(v.True())
	}
	d, err := catalog.ParseDecimal(v.AsBigFloat().Text('g', -1))
	if err != nil {
		panic(err)
	}
	return num2(d)
}

func (p *plain) named(t hcl.Traversal) unknownOr {
	name := ""
	switch step := t[1].(type) {
	case hcl.TraverseAttr:
		name = step.Name
	case hcl.TraverseIndex:
		name = step.Key.AsString()
	}
	var v unknownOr
	switch t.RootName() {
	case "pos":
		v = known(p.sides[0][name])
	case "store":
		v = known(p.sides[1][name])
	default:
		v = known(p.scope.Locals[name].Value)
	}
	return p.steps(v, t[2:])
}

func (p *plain) steps(v unknownOr, t hcl.Traversal) unknownOr {
	for _, step := range t {
		switch step := step.(type) {
		case hcl.TraverseAttr:
			v = index(v, text(step.Name))
		case hcl.TraverseIndex:
			v = index(v, p.literal(step.Key))
		}
	}
	return v
}

// index is "" where there is nothing.
func index(v, key unknownOr) unknownOr {
	if v.unknown || key.unknown {
		return unknownValue
	}
	if v.Type() == catalog.Map {
		for _, e := range v.Entries() {
			if e.Key == key.Str() {
				return text(e.Value)
			}
		}
		return text("")
	}
	for i, item := range v.List() {
		if key.Number().Cmp(catalog.Int(int64(i))) == 0 {
			return text(item)
		}
	}
	return text("")
}

// bigOp does an operation on coefficients at one scale.
func bigOp(a, b catalog.Decimal, do func(z, x, y *big.Int) *big.Int) catalog.Decimal {
	x, y, scale := aligned(a, b)
	return catalog.NewWideDecimal(do(new(big.Int), x, y), scale)
}

func aligned(a, b catalog.Decimal) (x, y *big.Int, scale int) {
	x, scaleX := a.Big()
	y, scaleY := b.Big()
	scale = max(scaleX, scaleY)
	for ; scaleX < scale; scaleX++ {
		x.Mul(x, big.NewInt(10))
	}
	for ; scaleY < scale; scaleY++ {
		y.Mul(y, big.NewInt(10))
	}
	return x, y, scale
}

func compareNumbers(a, b unknownOr) int {
	x, y, _ := aligned(a.Number(), b.Number())
	return x.Cmp(y)
}

func (p *plain) binary(e *hclsyntax.BinaryOpExpr) unknownOr {
	a, b := p.eval(e.LHS), p.eval(e.RHS)
	switch e.Op {
	case hclsyntax.OpEqual, hclsyntax.OpNotEqual:
		want := e.Op == hclsyntax.OpEqual
		switch {
		case isNullLiteral(e.LHS):
			return truth(b.unknown == want)
		case isNullLiteral(e.RHS):
			return truth(a.unknown == want)
		case a.unknown || b.unknown:
			return unknownValue
		case a.Type() == catalog.Number:
			return truth((compareNumbers(a, b) == 0) == want)
		}
		return truth(a.Equal(b.Value) == want)
	case hclsyntax.OpLogicalAnd, hclsyntax.OpLogicalOr:
		settles := e.Op == hclsyntax.OpLogicalOr
		for _, v := range []unknownOr{a, b} {
			if !v.unknown && v.Bool() == settles {
				return truth(settles)
			}
		}
		if a.unknown || b.unknown {
			return unknownValue
		}
		return truth(!settles)
	}
	if a.unknown || b.unknown {
		return unknownValue
	}
	switch e.Op {
	case hclsyntax.OpLessThan:
		return truth(compareNumbers(a, b) < 0)
	case hclsyntax.OpLessThanOrEqual:
		return truth(compareNumbers(a, b) <= 0)
	case hclsyntax.OpGreaterThan:
		return truth(compareNumbers(a, b) > 0)
	case hclsyntax.OpGreaterThanOrEqual:
		return truth(compareNumbers(a, b) >= 0)
	case hclsyntax.OpAdd:
		return num2(bigOp(a.Number(), b.Number(), (*big.Int).Add))
	case hclsyntax.OpSubtract:
		return num2(bigOp(a.Number(), b.Number(), (*big.Int).Sub))
	case hclsyntax.OpMultiply:
		x, scaleX := a.Number().Big()
		y, scaleY := b.Number().Big()
		return num2(catalog.NewWideDecimal(x.Mul(x, y), scaleX+scaleY))
	case hclsyntax.OpModulo:
		if b.Number().Sign() == 0 {
			return unknownValue
		}
		return num2(bigOp(a.Number(), b.Number(), (*big.Int).Rem))
	}
	if b.Number().Sign() == 0 {
		return unknownValue
	}
	q, _ := a.Number().Quo(b.Number()) // has tests of its own
	return num2(q)
}

// call evaluates a call by the function's entry in the table: what is said there of nulls holds, and otherwise the function
// is asked what it gives for constants. Where somebody has written down in plain what a function does, that counts.
func (p *plain) call(e *hclsyntax.FunctionCallExpr) unknownOr {
	i := slices.IndexFunc(p.scope.functions, func(fn Function) bool { return fn.Name == e.Name })
	fn := &p.scope.functions[i]
	args := make([]unknownOr, len(e.Args))
	anyUnknown := false
	for i, arg := range e.Args {
		args[i] = p.eval(arg)
		anyUnknown = anyUnknown || args[i].unknown
	}
	if anyUnknown && fn.Facts.has(NullOfNull) {
		return unknownValue
	}
	if plainly, ok := inPlain[fn.Name]; ok {
		return plainly(args)
	}
	nodes := make([]*node, len(args))
	for i, arg := range e.Args {
		compiled, _ := Compile(arg, p.scope) // for its type, which an unknown value does not tell
		nodes[i] = constantNode(args[i], compiled.Type())
	}
	v, known := fn.build(&compiler{scope: p.scope}, nodes, e.Range()).value(&Frame{})
	return unknownOr{Value: v, unknown: !known}
}

// constantNode returns a node that always has the value.
func constantNode(v unknownOr, typ catalog.Type) *node {
	if !v.unknown {
		return fromValue(v.Value, hcl.Range{})
	}
	n := *nullNode(hcl.Range{})
	n.typ, n.null = typ, false
	return &n
}
