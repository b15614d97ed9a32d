package expr

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// traversal compiles a dotted name: pos.price, local.currency, pos.options["Size"].
func (c *compiler) traversal(t hcl.Traversal) *node {
	root := t.RootName()
	rng := t[0].SourceRange()
	for i, side := range c.scope.Sides {
		if side.Name == root {
			name, rng, ok := c.member(t, "the item", "a field", root+".price")
			if !ok {
				return unknown(rng)
			}
			return c.named(c.fieldNamed(verdict.Side(i), name, rng), t[2:])
		}
	}
	if root == "local" {
		name, rng, ok := c.member(t, "all local values", "one", "local.name")
		if !ok {
			return unknown(rng)
		}
		return c.named(c.localNamed(name, rng), t[2:])
	}
	if root == "each" && c.scope.Each != nil {
		name, rng, ok := c.member(t, "the line of a shop", "a column", "each.shop")
		if !ok {
			return unknown(rng)
		}
		return c.named(c.eachNamed(name, rng), t[2:])
	}
	return c.errorf(rng, "Unknown name", "%s", c.unknownRoot(root, len(t) == 1))
}

// named compiles what follows a name. With it the name is one thing to whoever reads the condition.
func (c *compiler) named(n *node, t hcl.Traversal) *node {
	if len(t) == 0 {
		return n
	}
	item := c.steps(n, t)
	return item.wrapped(n.kind, item.rng)
}

// member returns the name behind a side or "local", and the range up to there.
func (c *compiler) member(t hcl.Traversal, is, part, example string) (name string, rng hcl.Range, ok bool) {
	rng = t[0].SourceRange()
	if len(t) > 1 {
		rng = hcl.RangeBetween(rng, t[1].SourceRange())
		switch step := t[1].(type) {
		case hcl.TraverseAttr:
			return step.Name, rng, true
		case hcl.TraverseIndex:
			if step.Key.Type() == cty.String {
				return step.Key.AsString(), rng, true
			}
		}
	}
	c.errorf(rng, "Name is incomplete", "%q stands for %s; name %s of it, for example %s.", t.RootName(), is, part, example)
	return "", rng, false
}

func (c *compiler) unknownRoot(root string, single bool) string {
	var names []string
	for _, side := range c.scope.Sides {
		names = append(names, side.Name)
		if side.Schema != nil && side.Schema.Index(root) >= 0 {
			return fmt.Sprintf("There is nothing named %q here. Did you mean \"%s.%s\"?", root, side.Name, root)
		}
	}
	if len(c.scope.Locals) > 0 || len(names) == 0 {
		names = append(names, "local")
	}
	if c.scope.Each != nil {
		names = append(names, "each")
	}
	detail := fmt.Sprintf("There is nothing named %q here.%s", root, catalog.DidYouMean(root, names))
	for i, name := range names {
		names[i] = name + ".NAME"
	}
	detail += " What can be used: " + strings.Join(names, ", ") + "."
	if single {
		detail += fmt.Sprintf(" If it is meant as a text, put it in quotes: \"%s\".", root)
	}
	return detail
}

func (c *compiler) localNamed(name string, rng hcl.Range) *node {
	local, ok := c.scope.Locals[name]
	switch {
	case !ok && len(c.scope.Locals) == 0:
		return c.errorf(rng, "Unknown local value", "There is no local value %q: define it in a locals block.", name)
	case !ok:
		names := slices.Sorted(maps.Keys(c.scope.Locals))
		return c.errorf(rng, "Unknown local value", "No locals block defines %q.%s%s", name, catalog.DidYouMean(name, names), available(names))
	case local.Broken:
		return unknown(rng)
	}
	n := fromValue(local.Value, rng)
	n.kind, n.secret = LocalValue, local.Secret
	return n
}

func (c *compiler) fieldNamed(side verdict.Side, name string, rng hcl.Range) *node {
	schema := c.scope.Sides[side].Schema
	column := -1
	if schema != nil {
		if column = schema.Index(name); column < 0 {
			if known, ok := catalog.KnownField(name); ok && c.mayLack {
				return c.lacking(Ref{Side: side, Field: name, Range: rng}, known.Type)
			}
			advice := catalog.DidYouMean(name, schema.Names())
			if _, known := catalog.KnownField(name); known && advice == "" {
				advice = " Where fields are read from columns, the one for it is missing or has another name: add it, or map it in the source block."
			}
			return c.errorf(rng, "Unknown field", "The source of %q has no field %q.%s%s",
				c.scope.Sides[side].Name, name, advice, available(schema.Names()))
		}
	}
	if at := slices.IndexFunc(c.fields, func(r Ref) bool { return r.Side == side && r.Field == name }); at >= 0 {
		c.fields[at].Scaled = c.fields[at].Scaled && c.scaled
	} else {
		if c.fields == nil {
			c.fields = make([]Ref, 0, 4) // few conditions read more
		}
		c.fields = append(c.fields, Ref{Side: side, Field: name, Range: rng, Scaled: c.scaled})
	}
	if schema == nil {
		return unknown(rng)
	}
	n := fieldNode(&field{side, column, name}, schema.Field(column).Type)
	n.rng = rng
	return n
}

// lacking compiles the name of a field that its side does not offer.
func (c *compiler) lacking(ref Ref, typ catalog.Type) *node {
	if !slices.ContainsFunc(c.lacks, func(r Ref) bool { return r.Side == ref.Side && r.Field == ref.Field }) {
		c.lacks = append(c.lacks, ref)
	}
	n := fromValue(catalog.NullValue(typ), ref.Range)
	n.kind, n.nullable, n.lacked = FieldValue, typ.Nullable(), &ref
	return n
}

func fieldNode(x *field, typ catalog.Type) *node {
	n := &node{typ: typ, kind: FieldValue, field: x, sides: 1 << x.side, nullable: typ.Nullable()}
	switch typ {
	case catalog.String:
		n.text = func(f *Frame) (string, bool) {
			c, i := f.strings(x)
			return c.At(i), true
		}
	case catalog.Number:
		n.number = func(f *Frame) (catalog.Decimal, bool) {
			c, i := f.numbers(x)
			return c.At(i)
		}
	case catalog.Bool:
		n.truth = func(f *Frame) (bool, bool) {
			c, i := f.bools(x)
			truth, known := c.At(i)
			return truth && known, known
		}
	case catalog.List:
		n.list = func(f *Frame) (list, bool) {
			c, i := f.lists(x)
			from, to := c.Span(i)
			return list{column: c.Items(), from: from, to: to}, true
		}
	case catalog.Map:
		n.dict = func(f *Frame) (dict, bool) {
			c, i := f.maps(x)
			from, to := c.Span(i)
			return dict{list{column: c.Keys(), from: from, to: to}, list{column: c.Values(), from: from, to: to}}, true
		}
	}
	return n
}
