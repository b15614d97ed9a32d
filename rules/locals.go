package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/rules/expr"
)

// decodeLocals evaluates all local names, each after those that it refers to.
func (d *decoder) decodeLocals(blocks hcl.Blocks) {
	l := &localsDecoder{decoder: d, attrs: hcl.Attributes{}}
	var names []string
	for _, b := range blocks {
		attrs, diags := b.Body.JustAttributes()
		d.diags = append(d.diags, diags...)
		for name, a := range attrs {
			if first, ok := l.attrs[name]; ok {
				d.fail(a.NameRange, "Duplicate local name", "local.%s is defined at %s already.", name, place(first.NameRange))
				continue
			}
			l.attrs[name] = a
			names = append(names, name)
		}
	}
	// In the order of the file, so that diagnostics come in it too.
	slices.SortFunc(names, func(a, b string) int { return compareRanges(l.attrs[a].NameRange, l.attrs[b].NameRange) })
	for _, name := range names {
		l.resolve(name, nil)
	}
}

type localsDecoder struct {
	*decoder
	attrs hcl.Attributes
}

func (l *localsDecoder) resolve(name string, path []string) {
	a, defined := l.attrs[name]
	if _, done := l.config.locals[name]; done || !defined {
		return
	}
	if i := slices.Index(path, name); i >= 0 {
		circle := append(slices.Clone(path[i:]), name)
		l.fail(a.NameRange, "Local names refer to each other", "local.%s: a local name cannot depend on itself.", strings.Join(circle, " needs local."))
		for _, n := range circle {
			l.config.locals[n] = expr.Local{Broken: true}
		}
		return
	}
	path = append(slices.Clone(path), name)
	for _, t := range a.Expr.Variables() {
		if t.RootName() == "local" && len(t) > 1 {
			if step, ok := t[1].(hcl.TraverseAttr); ok {
				l.resolve(step.Name, path)
			}
		}
	}
	if _, broken := l.config.locals[name]; broken {
		return // a circle that led back here
	}
	l.config.locals[name] = l.evaluate(name, a)
}

func (l *localsDecoder) evaluate(name string, a *hcl.Attribute) expr.Local {
	compiled, diags := expr.Compile(a.Expr, l.scope())
	l.diags = append(l.diags, diags...)
	if diags.HasErrors() || compiled.Type() == catalog.Invalid {
		return expr.Local{Broken: true}
	}
	v, ok := compiled.Constant()
	if !ok || v.IsNull() {
		l.fail(a.Expr.Range(), "No value", "local.%s comes to null, which is no value for a local name.", name)
		return expr.Local{Broken: true}
	}
	return expr.Local{Value: v}
}

func compareRanges(a, b hcl.Range) int {
	if c := strings.Compare(a.Filename, b.Filename); c != 0 {
		return c
	}
	return a.Start.Byte - b.Start.Byte
}

// suggest returns ` Did you mean "x"?` where a known name is near.
func suggest(name string, known []string) string {
	if near := expr.Nearest(name, known); near != "" {
		return fmt.Sprintf(" Did you mean %q?", near)
	}
	return ""
}
