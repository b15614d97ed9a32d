package source

import (
	"slices"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/rules/block"
)

// MayRead returns the paths of files that a source may read: each text in its block, as if it were a path. Only the connector
// knows which of them are, and it is not asked: no text that is not meant as one is likely to be the name of a file.
func (c *Config) MayRead(s *Source) []string {
	d := c.settingsReader()
	var paths []string
	for _, text := range d.texts(s.body) {
		if text != "" {
			paths = append(paths, c.absolute(text))
		}
	}
	return paths
}

// texts returns all texts in a block and the blocks in it, as far as they can be read.
func (d *settingsReader) texts(body *hclsyntax.Body) []string {
	var texts []string
	for _, a := range sortedAttributes(body) {
		expressions := []hclsyntax.Expression{a.Expr}
		if tuple, ok := a.Expr.(*hclsyntax.TupleConsExpr); ok {
			expressions = slices.Clone(tuple.Exprs)
		}
		for _, e := range expressions {
			if v, diags := block.Constant(e, d.scope, catalog.String, "It"); !diags.HasErrors() && v.Type() == catalog.String {
				texts = append(texts, v.Str())
			}
		}
	}
	for _, b := range body.Blocks {
		texts = append(texts, d.texts(b.Body)...)
	}
	return texts
}
