package ruletest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules"
	"github.com/reconcilehq/reconcile/rules/block"
	"github.com/reconcilehq/reconcile/rules/expr"
)

// fields reads the values that a test gives to one side's fields. A known field has its type; any other one has that of
// its value.
func (l *loader) fields(a *hcl.Attribute) []given {
	var list []given
	l.object(a, `{ qoh = 5, name = "Bell" }`, func(name block.Word, value hclsyntax.Expression) {
		if _, err := catalog.NewSchema(catalog.Field{Name: name.Text, Type: catalog.String}); err != nil {
			l.Fail(name.At, "Not a field's name", "%s.", block.Sentence(err.Error()))
			return
		}
		compiled, diags := expr.Compile(value, l.Scope())
		if known, ok := catalog.KnownField(name.Text); ok && !diags.HasErrors() && !compiled.IsNull() {
			diags = append(diags, compiled.Require(known.Type, fmt.Sprintf("the field %q", name.Text))...)
		}
		l.Diags = append(l.Diags, diags...)
		if diags.HasErrors() {
			return
		}
		v, _ := compiled.Constant() // it can read no field; the literal null has no type
		list = append(list, given{name, v, value.Range()})
	})
	return list
}

// checkTypes checks that a field has one type in all tests.
func (l *loader) checkTypes() {
	var first [2]map[string]given
	for side := range first {
		first[side] = map[string]given{}
	}
	for _, t := range l.tests {
		for side, values := range t.sides {
			for _, g := range values {
				before, ok := first[side][g.name.Text]
				switch {
				case g.value.Type() == catalog.Invalid:
				case !ok:
					first[side][g.name.Text] = g
				case before.value.Type() != g.value.Type():
					t.torn = true
					l.Fail(g.at, "Different types", "%s.%s is a %s at %s, but a %s here. A field has one type.",
						verdict.Sides[side], g.name.Text, before.value.Type(), block.Place(before.at), g.value.Type())
				}
			}
		}
	}
}

// schemas returns the fields that the tests' sides have: all known ones, and those that a test gives a value. A field
// that only one side is given has the same type on the other.
func schemas(tests []*Test) [2]*catalog.Schema {
	var types [2]map[string]catalog.Type
	for side := range types {
		types[side] = map[string]catalog.Type{}
	}
	each := func(do func(side int, g given)) {
		for _, t := range tests {
			for side, values := range t.sides {
				for _, g := range values {
					if _, known := catalog.KnownField(g.name.Text); !known && g.value.Type() != catalog.Invalid {
						do(side, g)
					}
				}
			}
		}
	}
	each(func(side int, g given) { types[side][g.name.Text] = g.value.Type() })
	each(func(side int, g given) {
		if _, ok := types[1-side][g.name.Text]; !ok {
			types[1-side][g.name.Text] = g.value.Type()
		}
	})
	var list [2]*catalog.Schema
	for side := range list {
		fields := catalog.KnownFields()
		for _, name := range slices.Sorted(maps.Keys(types[side])) {
			fields = append(fields, catalog.Field{Name: name, Type: types[side][name]})
		}
		list[side] = catalog.MustSchema(fields...) // the names were checked
	}
	return list
}

// reads returns the fields that a reconciliation's rules, the intentional blocks about them, and its key read.
func reads(c *rules.Config, r *rules.Reconciliation) []expr.Ref {
	var refs []expr.Ref
	add := func(e hclsyntax.Expression, scope *expr.Scope) {
		compiled, _ := expr.Compile(e, scope) // mistakes are reported when the rules are compiled in earnest
		refs = append(refs, compiled.Fields()...)
	}
	for _, rule := range r.Rules {
		add(rule.When, c.Scope(nil, nil))
		if rule.Applies != nil {
			add(rule.Applies, c.Scope(nil, nil))
		}
		if rule.Doubt != nil {
			add(rule.Doubt, c.Scope(nil, nil))
		}
		if rule.Remedy == nil {
			continue
		}
		for _, f := range rule.Remedy.Fields {
			add(f.Value, c.Scope(nil, nil))
			refs = append(refs, expr.Ref{Side: verdict.Store, Field: f.Name, Range: f.Range})
		}
	}
	for _, in := range c.Intentional {
		if in.Where != nil && in.Touches(r) {
			add(in.Where, c.Scope(nil, nil))
		}
	}
	if r.Key != nil {
		add(r.Key, c.KeyScope(nil))
	}
	return refs
}

// untyped reports the fields that a reconciliation reads and whose type nothing tells.
func untyped(c *rules.Config, r *rules.Reconciliation, sides [2]*catalog.Schema) hcl.Diagnostics {
	var diags hcl.Diagnostics
	for _, ref := range reads(c, r) {
		if sides[ref.Side].Index(ref.Field) >= 0 {
			continue
		}
		diags = rules.Merge(diags, hcl.Diagnostics{block.Mistake(ref.Range, "Type of the field is not known",
			"%q is none of the fields that every connector knows, and no test gives it a value, which would tell its type.%s Otherwise give it one in a test, such as %s = { %s = 1 }.",
			ref.Field, catalog.DidYouMean(ref.Field, sides[ref.Side].Names()), ref.Side, ref.Field)})
	}
	return diags
}

// unread reports fields of a test that nothing reads and nobody knows: most likely a slip.
func unread(c *rules.Config, t *Test) hcl.Diagnostics {
	var diags hcl.Diagnostics
	read := map[string]bool{}
	for _, ref := range reads(c, t.Reconciliation) {
		read[ref.Field] = true
	}
	names := slices.Sorted(maps.Keys(read))
	for _, f := range catalog.KnownFields() {
		names = append(names, f.Name)
	}
	for _, values := range t.sides {
		for _, g := range values {
			if _, known := catalog.KnownField(g.name.Text); !known && !read[g.name.Text] {
				diags = append(diags, block.Mistake(g.name.At, "Unknown field", "No rule reads %q, and it is none of the fields that every connector knows.%s Fields that rules read are: %s.",
					g.name.Text, catalog.DidYouMean(g.name.Text, names), strings.Join(slices.Sorted(maps.Keys(read)), ", ")))
			}
		}
	}
	return diags
}
