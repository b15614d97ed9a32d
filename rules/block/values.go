package block

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/rules/expr"
)

// Constant evaluates an attribute of the configuration's own; ok is false if that is not possible. what names its use in
// messages.
func (r *Reader) Constant(e hcl.Expression, want catalog.Type, what string) (v catalog.Value, ok bool) {
	if refs := References(e); len(refs) > 0 {
		r.shown = append(r.shown, use{e.Range(), what, refs})
	}
	v, diags := Constant(e, r.Scope(), want, what)
	r.Diags = append(r.Diags, diags...)
	return v, !diags.HasErrors() && v.Type() == want
}

// Constant evaluates an expression that reads no field. The value is invalid, without a diagnostic, where it depends on
// a local name that was reported already.
func Constant(e hcl.Expression, scope *expr.Scope, want catalog.Type, what string) (catalog.Value, hcl.Diagnostics) {
	compiled, diags := expr.Compile(e, scope)
	if diags.HasErrors() {
		return catalog.Value{}, diags
	}
	diags = append(diags, compiled.Require(want, what)...)
	v, ok := compiled.Constant()
	if diags.HasErrors() || !ok || v.Type() != want {
		return catalog.Value{}, diags
	}
	if compiled.AlwaysNull() {
		return catalog.Value{}, append(diags, Mistake(e.Range(), "No value", "%s comes to null.", what))
	}
	return v, diags
}

// Text evaluates the attribute of that name; "" if it is left out or wrong.
func (r *Reader) Text(attrs hcl.Attributes, name string) string {
	a, ok := attrs[name]
	if !ok {
		return ""
	}
	v, _ := r.Constant(a.Expr, catalog.String, fmt.Sprintf("%q", name))
	return v.Str()
}

// Word is one string of a list, with its place.
type Word struct {
	Text string
	At   hcl.Range
}

// Words evaluates a list of strings, keeping the place of each element of a literal list.
func (r *Reader) Words(attrs hcl.Attributes, name string) []Word {
	list, _ := r.List(attrs, name)
	return list
}

// List is Words, and says whether the attribute is there and right: where it is, a list without an element is an empty list.
func (r *Reader) List(attrs hcl.Attributes, name string) (list []Word, ok bool) {
	a, ok := attrs[name]
	if !ok {
		return nil, false
	}
	tuple, literal := a.Expr.(*hclsyntax.TupleConsExpr)
	if !literal {
		v, ok := r.Constant(a.Expr, catalog.List, fmt.Sprintf("%q", name))
		for _, s := range v.List() {
			list = append(list, Word{s, a.Expr.Range()})
		}
		return list, ok
	}
	for _, e := range tuple.Exprs {
		v, right := r.Constant(e, catalog.String, fmt.Sprintf("An element of %q", name))
		if ok = ok && right; right {
			list = append(list, Word{v.Str(), e.Range()})
		}
	}
	return list, ok
}

// Duration evaluates an attribute that says how long; 0 if it is wrong.
func (r *Reader) Duration(e hcl.Expression, name string) time.Duration {
	v, ok := r.Constant(e, catalog.String, strconv.Quote(name))
	if !ok {
		return 0
	}
	long, err := time.ParseDuration(v.Str())
	if err != nil || long <= 0 {
		r.Fail(e.Range(), "Invalid duration", `%q is a time such as "90s" or "2m".`, name)
		return 0
	}
	return long
}

// Choice returns that of the allowed values whose text an attribute has; the first if it is left out or wrong.
func Choice[T fmt.Stringer](r *Reader, attrs hcl.Attributes, name string, allowed []T) T {
	a, ok := attrs[name]
	if !ok {
		return allowed[0]
	}
	v, ok := r.Constant(a.Expr, catalog.String, fmt.Sprintf("%q", name))
	if !ok {
		return allowed[0]
	}
	var names []string
	for _, value := range allowed {
		if value.String() == v.Str() {
			return value
		}
		names = append(names, value.String())
	}
	r.Fail(a.Expr.Range(), "Value not allowed", "%q cannot be %q.%s It is one of: %s.", name, v.Str(), catalog.DidYouMean(v.Str(), names), strings.Join(names, ", "))
	return allowed[0]
}
