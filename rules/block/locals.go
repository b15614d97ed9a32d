package block

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/rules/expr"
)

// ReadLocals evaluates all names that blocks of local names define, each after those that it refers to.
func (r *Reader) ReadLocals(blocks hcl.Blocks) {
	l := &localsReader{Reader: r, attrs: hcl.Attributes{}}
	var names []string
	for _, b := range blocks {
		attrs, diags := b.Body.JustAttributes()
		r.Diags = append(r.Diags, diags...)
		for name, a := range attrs {
			if first, ok := l.attrs[name]; ok {
				r.Fail(a.NameRange, "Duplicate local name", "local.%s is defined at %s already.", name, Place(first.NameRange))
				continue
			}
			l.attrs[name] = a
			names = append(names, name)
		}
	}
	// In the order of the file, so that diagnostics come in it too.
	slices.SortFunc(names, func(a, b string) int { return Compare(l.attrs[a].NameRange, l.attrs[b].NameRange) })
	for _, name := range names {
		l.resolve(name, nil)
	}
}

type localsReader struct {
	*Reader
	attrs hcl.Attributes
}

func (l *localsReader) resolve(name string, path []string) {
	a, defined := l.attrs[name]
	if _, done := l.values.locals[name]; done || !defined {
		return
	}
	if i := slices.Index(path, name); i >= 0 {
		circle := append(slices.Clone(path[i:]), name)
		l.Fail(a.NameRange, "Local names refer to each other", "local.%s: a local name cannot depend on itself.", strings.Join(circle, " needs local."))
		for _, n := range circle {
			l.values.locals[n] = expr.Local{Broken: true}
		}
		return
	}
	path = append(slices.Clone(path), name)
	l.values.needs[name] = References(a.Expr)
	for _, t := range a.Expr.Variables() {
		if t.RootName() == "local" && len(t) > 1 {
			if step, ok := t[1].(hcl.TraverseAttr); ok {
				l.resolve(step.Name, path)
			}
		}
	}
	if _, broken := l.values.locals[name]; broken {
		return // a circle that led back here
	}
	l.values.locals[name] = l.evaluate(name, a)
}

func (l *localsReader) evaluate(name string, a *hcl.Attribute) expr.Local {
	compiled, diags := expr.Compile(a.Expr, l.Scope())
	l.Diags = append(l.Diags, diags...)
	if diags.HasErrors() || compiled.Type() == catalog.Invalid && !compiled.IsNull() {
		return expr.Local{Broken: true}
	}
	v, ok := compiled.Constant()
	if !ok {
		return expr.Local{Broken: true} // what it is computed from was reported
	}
	if compiled.AlwaysNull() {
		l.Fail(a.Expr.Range(), "No value", "local.%s comes to null, which is no value for a local name.", name)
		return expr.Local{Broken: true}
	}
	return expr.Local{Value: v}
}
