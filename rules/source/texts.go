package source

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/rules/block"
	"github.com/reconcilehq/reconcile/rules/hidden"
)

// MayRead returns the paths of files that a source may read: each text in its block, as if it were a path. Only the connector
// knows which of them are, and it is not asked: no text that is not meant as one is likely to be the name of a file. Secrets are not looked up for
// that: this may be a command that has no use for them.
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

// Written is a file that a source's connector writes where the source is changed.
type Written struct {
	Source *Source
	Path   string
	At     hcl.Range // where the setting stands
}

// Written returns what a source writes; nil if it writes no file, or its name cannot be read.
func (c *Config) Written(s *Source) *Written {
	a, named := s.body.Attributes["changes_file"]
	if s.Connector != "file" || !named {
		return nil
	}
	v, diags := block.Constant(a.Expr, c.settingsReader().scope, catalog.String, "It")
	if diags.HasErrors() || v.Type() != catalog.String || v.Str() == "" {
		return nil
	}
	return &Written{Source: s, Path: c.absolute(v.Str()), At: a.SrcRange}
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
			if calls(e, "secret") || hidden.LooksSecret(a.Name) && calls(e, "env") {
				continue
			}
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

// calls reports whether an expression calls the function.
func calls(e hclsyntax.Expression, function string) (found bool) {
	_ = hclsyntax.VisitAll(e, func(n hclsyntax.Node) hcl.Diagnostics {
		call, ok := n.(*hclsyntax.FunctionCallExpr)
		found = found || ok && call.Name == function
		return nil
	})
	return found
}
