package expr

import (
	"math/big"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// compiler turns one expression's syntax tree into nodes.
type compiler struct {
	scope  *Scope
	fields []Ref
	lacks  []Ref // known fields that their sides do not offer
	texts  []Ref // see Expr.Texts

	mayLack bool // whether such fields may be named here
	scaled  bool // what is compiled is multiplied or divided by something that may bring it into another unit

	diags hcl.Diagnostics
	// pointless are the warnings about comparisons whose result is always the same.
	pointless hcl.Diagnostics
}

func (c *compiler) compile(e hcl.Expression) *node {
	syntax, ok := asSyntax(e)
	if !ok {
		return c.errorf(e.Range(), "Unsupported syntax", "Write this expression in HCL's native syntax; JSON is not understood here.")
	}
	if c.scaled && len(measuredSides(syntax)) > 1 {
		c.scaled = false // what is around it comes too late: the two sides meet here
		defer func() { c.scaled = true }()
	}
	switch e := syntax.(type) {
	case *hclsyntax.LiteralValueExpr:
		return c.literal(e)
	case *hclsyntax.ParenthesesExpr:
		n := c.compile(e.Expression)
		return n.wrapped(Parentheses, e.SrcRange, n)
	case *hclsyntax.TemplateExpr:
		return c.compileTemplate(e)
	case *hclsyntax.TemplateWrapExpr:
		n := c.compile(e.Wrapped)
		text := n.wrapped(Template, e.SrcRange, n)
		text.literal = false
		return text
	case *hclsyntax.ScopeTraversalExpr:
		return c.traversal(e.Traversal)
	case *hclsyntax.RelativeTraversalExpr:
		n := c.compile(e.Source)
		item := c.steps(n, e.Traversal)
		return item.wrapped(Index, item.rng, n)
	case *hclsyntax.IndexExpr:
		return c.index(c.compile(e.Collection), c.compile(e.Key), e.SrcRange)
	case *hclsyntax.UnaryOpExpr:
		return c.unary(e)
	case *hclsyntax.BinaryOpExpr:
		return c.binary(e)
	case *hclsyntax.ConditionalExpr:
		return c.conditional(e)
	case *hclsyntax.FunctionCallExpr:
		return c.compileCall(e)
	case *hclsyntax.TupleConsExpr:
		return c.listLiteral(e)
	case *hclsyntax.ObjectConsExpr:
		return c.mapLiteral(e)
	case *hclsyntax.ExprSyntaxError:
		return unknown(e.SrcRange) // reported when it was parsed
	}
	return c.refuse(syntax)
}

// refuse reports syntax that HCL knows and this language does not.
func (c *compiler) refuse(e hclsyntax.Expression) *node {
	switch e := e.(type) {
	case *hclsyntax.ForExpr:
		return c.errorf(e.SrcRange, "For expressions are not supported",
			"Lists and maps can be compared as a whole, indexed, or handed to functions such as contains, keys, values, sort, distinct and join.")
	case *hclsyntax.TemplateJoinExpr:
		return c.errorf(e.Range(), "For directives are not supported", "Use join to put the items of a list into a text.")
	case *hclsyntax.SplatExpr:
		c.compile(e.Source)
		return c.errorf(e.SrcRange, "Splat expressions are not supported",
			"The items of lists and maps have no attributes; use keys or values for those of a map.")
	}
	return c.errorf(e.Range(), "Unsupported syntax", "This kind of expression is not supported.")
}

func (c *compiler) literal(e *hclsyntax.LiteralValueExpr) *node {
	var n *node
	switch v := e.Val; {
	case v.IsNull():
		return nullNode(e.SrcRange)
	case v.Type() == cty.String:
		n = fromValue(catalog.StringValue(v.AsString()), e.SrcRange)
	case v.Type() == cty.Bool:
		n = fromValue(catalog.BoolValue(v.True()), e.SrcRange)
	case v.Type() == cty.Number:
		d, err := decimal(v.AsBigFloat())
		if err != nil {
			return c.errorf(e.SrcRange, "Number out of range", "The number has %v.", err)
		}
		n = fromValue(catalog.NumberValue(d), e.SrcRange)
	default:
		return c.errorf(e.SrcRange, "Unsupported value", "A value of this type is not supported.")
	}
	n.literal = true
	return n
}

// mostBits is how many bits a number may have before and behind its point: those of some 1200 digits, more than a catalog.Decimal has.
const mostBits = 4096

// decimal returns the number that was written. HCL holds literals as binary numbers of 512 bits, and the shortest text
// that stands for such a one is what was written, up to some 150 digits.
func decimal(f *big.Float) (catalog.Decimal, error) {
	// The text of one with a large exponent takes minutes to make, and has more digits than a number may have.
	if exponent := f.MantExp(nil); f.IsInf() || exponent > mostBits || exponent < -mostBits {
		return catalog.Decimal{}, catalog.ErrRange
	}
	return catalog.ParseDecimal(f.Text('g', -1))
}

func (c *compiler) listLiteral(e *hclsyntax.TupleConsExpr) *node {
	items := make([]*node, len(e.Exprs))
	ok := true
	for i, item := range e.Exprs {
		items[i] = c.compile(item)
		ok = c.require(items[i], catalog.String, "an item of a list") && ok
	}
	if !ok {
		return unknown(e.SrcRange)
	}
	return listNode(func(f *Frame) (list, bool) {
		texts, known := evalTexts(f, items)
		return listOf(texts), known
	}).as(Collection, "list", NullOnlyOfNull).from(e.SrcRange, items...)
}

func (c *compiler) mapLiteral(e *hclsyntax.ObjectConsExpr) *node {
	keys, values := make([]*node, len(e.Items)), make([]*node, len(e.Items))
	var operands []*node
	seen := map[string]bool{}
	ok := true
	for i, item := range e.Items {
		keys[i], values[i] = c.mapKey(item.KeyExpr), c.compile(item.ValueExpr)
		operands = append(operands, keys[i], values[i])
		ok = c.require(keys[i], catalog.String, "a key of a map") && ok
		ok = c.require(values[i], catalog.String, "a value of a map") && ok
		if key, constant := keys[i].constantText(); constant {
			if seen[key] {
				c.errorf(keys[i].rng, "Key given twice", "The map has this key already; give each key once.")
				ok = false
			}
			seen[key] = true
		}
	}
	if !ok {
		return unknown(e.SrcRange)
	}
	return dictNode(func(f *Frame) (dict, bool) {
		k, keysKnown := evalTexts(f, keys)
		v, valuesKnown := evalTexts(f, values)
		if !keysKnown || !valuesKnown {
			return dict{}, false
		}
		entries := make([]catalog.Entry, len(k))
		for i := range entries {
			entries[i] = catalog.Entry{Key: k[i], Value: v[i]}
		}
		return dictOf(catalog.MapValue(entries).Entries()), true
	}).as(Collection, "map", NullOnlyOfNull).from(e.SrcRange, operands...)
}

// mapKey compiles a key; a bare word stands for itself.
func (c *compiler) mapKey(e hclsyntax.Expression) *node {
	key, ok := e.(*hclsyntax.ObjectConsKeyExpr)
	if !ok {
		return c.compile(e)
	}
	if word := hcl.ExprAsKeyword(key.Wrapped); word != "" && !key.ForceNonLiteral {
		n := fromValue(catalog.StringValue(word), key.Range())
		n.bareWord = true
		return n
	}
	return c.compile(key.Wrapped)
}

// evalTexts evaluates strings into a new slice; known is false if one of them is null.
func evalTexts(f *Frame, nodes []*node) (texts []string, known bool) {
	texts = make([]string, len(nodes))
	for i, n := range nodes {
		if texts[i], known = n.text(f); !known {
			return nil, false
		}
	}
	return texts, true
}
