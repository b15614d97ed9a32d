package rules

import (
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules/source"
)

// FieldsOf returns the fields that are needed of a source, whichever reconciliation is run. They are those that Compile would
// have read of it. But no source is asked which fields it has, so there can be names among them that it does not have.
func (c *Config) FieldsOf(s *source.Source) []string {
	fields := map[string]bool{}
	for _, r := range c.Reconciliations {
		for side, read := range map[verdict.Side]*source.Source{verdict.Pos: r.Pos, verdict.Store: r.Store} {
			if read == s {
				c.fieldsOf(r, side, fields)
			}
		}
	}
	return slices.Sorted(maps.Keys(fields))
}

func (c *Config) fieldsOf(r *Reconciliation, side verdict.Side, fields map[string]bool) {
	fields["sku"], fields["name"] = true, true
	ofKey := map[string]bool{"sku": true}
	named(r.Key, "item", ofKey)
	if len(ofKey) == 1 { // then parents are known by their SKUs
		fields[parentField] = true
	}
	maps.Copy(fields, ofKey)
	for _, rule := range r.Rules {
		named(rule.When, side.String(), fields)
		named(rule.Applies, side.String(), fields)
		named(rule.Doubt, side.String(), fields)
		if rule.Remedy == nil {
			continue
		}
		for _, f := range rule.Remedy.Fields {
			named(f.Value, side.String(), fields)
			if side == verdict.Store {
				fields[f.Name] = true
			}
		}
	}
	for _, in := range c.Intentional {
		if !in.Touches(r) {
			continue
		}
		named(in.Where, side.String(), fields)
		for _, a := range in.Accepted {
			if a.Side == side {
				fields[a.Field] = true
			}
		}
	}
}

// named adds the fields that an expression reads of a side.
func named(e hclsyntax.Expression, side string, fields map[string]bool) {
	if e == nil {
		return
	}
	for _, traversal := range e.Variables() {
		if len(traversal) < 2 || traversal.RootName() != side {
			continue
		}
		switch step := traversal[1].(type) {
		case hcl.TraverseAttr:
			fields[step.Name] = true
		case hcl.TraverseIndex: // store["name"]
			if step.Key.Type().FriendlyName() == "string" {
				fields[step.Key.AsString()] = true
			}
		}
	}
}
