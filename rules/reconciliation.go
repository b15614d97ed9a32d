package rules

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/rules/grammar"
	"github.com/reconcilehq/reconcile/rules/source"
)

// DefaultMaxSkew is by how much the ages of the two sides may differ where a reconciliation does not say it.
const DefaultMaxSkew = 15 * time.Minute

func (l *loader) reconciliation(b *hcl.Block) {
	attrs := l.Attributes(b, grammar.Reconciliation)
	r := &Reconciliation{Name: b.Labels[0], Title: b.Labels[0], Range: b.DefRange, MaxSkew: DefaultMaxSkew}
	if a, ok := attrs["pos"]; ok {
		r.Pos, r.posRange = l.source(a), a.Expr.Range()
	}
	if a, ok := attrs["store"]; ok {
		r.Store, r.storeRange = l.source(a), a.Expr.Range()
	}
	if a, ok := attrs["key"]; ok {
		r.Key = a.Expr.(hclsyntax.Expression)
	}
	if a, ok := attrs["max_skew"]; ok {
		r.MaxSkew = l.Duration(a.Expr, "max_skew")
	}
	if a, ok := attrs["title"]; ok {
		if r.Title = strings.TrimSpace(l.Text(attrs, "title")); r.Title == "" || strings.ContainsFunc(r.Title, unicode.IsControl) {
			l.Fail(a.Expr.Range(), "Invalid title", `"title" is what people call the reconciliation, on one line, such as "BigCommerce".`)
		}
	}
	if r.Pos != nil && r.Pos == r.Store {
		l.Fail(r.storeRange, "Same source on both sides", "A reconciliation compares two sources; here pos and store are both %s.", r.Pos.Address())
	}
	r.Rules = l.columns(attrs)
	if len(r.Rules) == 0 && !l.Diags.HasErrors() {
		l.Fail(b.DefRange, "No rules", "The reconciliation has no rule to check. Write at least one rule block.")
	}
	l.config.Reconciliations = append(l.config.Reconciliations, r)
}

// columns returns the rules of a reconciliation in the order of its columns.
func (l *loader) columns(attrs hcl.Attributes) []*Rule {
	if _, ok := attrs["rules"]; !ok {
		return l.config.Rules
	}
	var columns []*Rule
	seen := map[string]bool{}
	for _, w := range l.Words(attrs, "rules") {
		switch {
		case !l.checkCode(w, "The reconciliation names"):
		case seen[w.Text]:
			l.Fail(w.At, "Duplicate rule", "Rule %q is in the list already.", w.Text)
		default:
			seen[w.Text] = true
			columns = append(columns, l.config.Rule(w.Text))
		}
	}
	return columns
}

// source resolves a reference such as source.amberpos.shop; nil after a diagnostic.
func (l *loader) source(a *hcl.Attribute) *source.Source {
	traversal, diags := hcl.AbsTraversalForExpr(a.Expr)
	if diags.HasErrors() || len(traversal) != 3 || traversal.RootName() != "source" {
		l.Fail(a.Expr.Range(), "Not a source", "%q names a source: source.CONNECTOR.NAME, without quotes.", a.Name)
		return nil
	}
	step := func(i int) string {
		if t, ok := traversal[i].(hcl.TraverseAttr); ok {
			return t.Name
		}
		return ""
	}
	address := "source." + step(1) + "." + step(2)
	var known []string
	for _, s := range l.config.Sources {
		if s.Address() == address {
			return s
		}
		known = append(known, s.Address())
	}
	there := "There is no source block."
	if len(known) > 0 {
		there = "There are: " + strings.Join(known, ", ") + "."
	}
	l.Fail(a.Expr.Range(), "Unknown source", "There is no %s.%s %s", fmt.Sprintf("source %q %q", step(1), step(2)), catalog.DidYouMean(address, known), there)
	return nil
}

// Choose returns the reconciliation of that name, or the only one if name is "". The diagnostic says which there are.
func (c *Config) Choose(name string) (*Reconciliation, hcl.Diagnostics) {
	var names []string
	for _, r := range c.Reconciliations {
		names = append(names, r.Name)
	}
	switch r := c.Reconciliation(name); {
	case r != nil:
		return r, nil
	case name == "" && len(names) == 1:
		return c.Reconciliations[0], nil
	case len(names) == 0:
		return nil, hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "No reconciliation",
			Detail: "The configuration has no reconciliation block, which says what to compare with what."}}
	case name == "":
		return nil, hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "Which reconciliation?",
			Detail: "The configuration has several: " + strings.Join(names, ", ") + ". Name one."}}
	}
	return nil, hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "Unknown reconciliation",
		Detail: fmt.Sprintf("There is no reconciliation %q.%s There are: %s.", name, catalog.DidYouMean(name, names), strings.Join(names, ", "))}}
}
