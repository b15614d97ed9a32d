package source

import (
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// mayShow reports whether a setting that is not sensitive can be shown: a text or a bare word where a number or a bool belongs
// may be a token that somebody put into the wrong line.
func mayShow(e hclsyntax.Expression, want catalog.SettingType) bool {
	switch want {
	case catalog.SettingNumber, catalog.SettingBool, catalog.SettingNumbers:
		return !hasWords(e)
	default:
		return true
	}
}

// hostMayShow is mayShow for the settings that are the host's own: numbers, lengths of time, and "on" or "off".
func hostMayShow(e hcl.Expression) bool {
	if v, diags := e.Value(nil); !diags.HasErrors() && v.IsWhollyKnown() && !v.IsNull() && v.Type() == cty.String {
		text := v.AsString()
		_, err := time.ParseDuration(text)
		return err == nil || text == "on" || text == "off"
	}
	node, ok := e.(hclsyntax.Expression)
	return ok && !hasWords(node)
}

// hasWords reports whether an expression has a text in it, or a word that is not the language's.
func hasWords(e hclsyntax.Expression) bool {
	found := false
	_ = hclsyntax.VisitAll(e, func(n hclsyntax.Node) hcl.Diagnostics { // it returns what the function does
		switch n := n.(type) {
		case *hclsyntax.LiteralValueExpr:
			found = found || n.Val.Type() == cty.String
		case *hclsyntax.TemplateExpr:
			found = true
		case *hclsyntax.ScopeTraversalExpr:
			found = found || n.Traversal.RootName() != "local"
		}
		return nil
	})
	return found
}
