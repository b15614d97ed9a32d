package expr

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// steps compiles what follows a name or a value: attributes and indexes that are literals.
func (c *compiler) steps(n *node, t hcl.Traversal) *node {
	for _, step := range t {
		rng := hcl.RangeBetween(n.rng, step.SourceRange())
		switch step := step.(type) {
		case hcl.TraverseAttr:
			n = c.attribute(n, step.Name, rng)
		case hcl.TraverseIndex:
			n = c.index(n, c.literal(&hclsyntax.LiteralValueExpr{Val: step.Key, SrcRange: step.SrcRange}), rng)
		default:
			return c.errorf(step.SourceRange(), "Splat expressions are not supported",
				"The items of lists and maps have no attributes; use keys or values for those of a map.")
		}
	}
	return n
}

func (c *compiler) attribute(n *node, name string, rng hcl.Range) *node {
	switch {
	case n.mistyped():
		return unknown(rng)
	case n.typ == catalog.Map:
		return c.index(n, fromValue(catalog.StringValue(name), rng), rng)
	case n.typ == catalog.List:
		return c.errorf(rng, "No such attribute", "This is a %s, whose items are numbered from 0: write [0] for the first.", n.typ)
	case n.null:
		return c.errorf(rng, "No such attribute", "null has no attributes.")
	}
	return c.errorf(rng, "No such attribute", "This is a %s, which has no attributes; only a map has.", n.typ)
}

// index compiles an item of a list or the value of a map's key. Both are "" where there is none, as an absent string is.
func (c *compiler) index(n, key *node, rng hcl.Range) *node {
	if n.mistyped() || key.mistyped() {
		return unknown(rng)
	}
	switch n.typ {
	case catalog.List:
		if !c.require(key, catalog.Number, "the index of a list") {
			return unknown(rng)
		}
		return textNode(map2(n.list, key.number, itemAt)).as(Index, "", NullOnlyOfNull).from(rng, n, key)
	case catalog.Map:
		if !c.require(key, catalog.String, "the key of a map") {
			return unknown(rng)
		}
		return textNode(map2(n.dict, key.text, dict.lookup)).as(Index, "", NullOnlyOfNull).from(rng, n, key)
	}
	if n.null {
		return c.errorf(rng, "Invalid index", "null cannot be indexed.")
	}
	return c.errorf(rng, "Invalid index", "This is a %s; only lists and maps can be indexed.", n.typ)
}

func itemAt(l list, at catalog.Decimal) string {
	i, whole := at.Whole()
	if !whole || i < 0 || i >= l.len() {
		return ""
	}
	return l.at(i)
}
