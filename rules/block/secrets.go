package block

import (
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/rules/expr"
)

// use is an attribute that refers to something which may be secret.
type use struct {
	at   hcl.Range
	what string
	refs []string
}

// ofEnvironment is what the name of a variable begins with among references, so that it is no local value's.
const ofEnvironment = "$"

// References returns the local values that an expression refers to, and the environment variables, which begin with $.
func References(e hcl.Expression) []string {
	var refs []string
	for _, t := range e.Variables() {
		if t.RootName() != "local" || len(t) < 2 {
			continue
		}
		if step, ok := t[1].(hcl.TraverseAttr); ok {
			refs = append(refs, step.Name)
		}
	}
	node, ok := e.(hclsyntax.Node)
	if !ok {
		return refs
	}
	_ = hclsyntax.VisitAll(node, func(n hclsyntax.Node) hcl.Diagnostics {
		if call, ok := n.(*hclsyntax.FunctionCallExpr); ok && call.Name == "env" && len(call.Args) > 0 {
			if name, diags := call.Args[0].Value(nil); !diags.HasErrors() && name.Type() == cty.String && name.IsKnown() && !name.IsNull() {
				refs = append(refs, ofEnvironment+name.AsString())
			}
		}
		return nil
	})
	return refs
}

// Secrets returns the local values and variables that are secret where those are: what they are computed from, and what is
// computed from any of these.
func (r *Reader) Secrets(secret []string) map[string]bool {
	known := map[string]bool{}
	var from func(name string)
	from = func(name string) {
		if !known[name] {
			known[name] = true
			for _, n := range r.values.needs[name] {
				from(n)
			}
		}
	}
	for _, name := range secret {
		from(name)
	}
	for more := true; more; {
		more = false
		for name, needs := range r.values.needs {
			if !known[name] && slices.ContainsFunc(needs, func(n string) bool { return known[n] }) {
				known[name], more = true, true
			}
		}
	}
	return known
}

// Named returns the local values and variables whose names fit.
func (r *Reader) Named(fits func(name string) bool) []string {
	var names []string
	for name, needs := range r.values.needs {
		for _, n := range append([]string{name}, needs...) {
			if fits(n) {
				names = append(names, n)
			}
		}
	}
	return names
}

// Values returns the texts that local values and variables hold.
func (r *Reader) Values(names map[string]bool) []string {
	var values []string
	for name := range names {
		if variable, ok := strings.CutPrefix(name, ofEnvironment); ok {
			if value, ok := r.values.getenv(variable); ok {
				values = append(values, value)
			}
			continue
		}
		switch v := r.values.locals[name].Value; v.Type() {
		case catalog.Invalid, catalog.Bool:
		case catalog.List:
			values = append(values, v.List()...)
		case catalog.Map:
			for _, e := range v.Entries() {
				values = append(values, e.Value)
			}
		default:
			values = append(values, v.Text())
		}
	}
	return values
}

// Mark returns the local values, of which those are marked that are secret.
func (r *Reader) Mark(secret map[string]bool) map[string]expr.Local {
	if len(secret) == 0 {
		return r.values.locals
	}
	marked := maps.Clone(r.values.locals)
	for name, local := range marked {
		local.Secret = secret[name]
		marked[name] = local
	}
	return marked
}

// Shown returns mistakes where a secret is the value of an attribute that everybody sees.
func (r *Reader) Shown(secret map[string]bool) hcl.Diagnostics {
	var diags hcl.Diagnostics
	for _, u := range r.shown {
		if i := slices.IndexFunc(u.refs, func(n string) bool { return secret[n] }); i >= 0 {
			name := "local." + u.refs[i]
			if variable, ok := strings.CutPrefix(u.refs[i], ofEnvironment); ok {
				name = "The environment variable " + variable
			}
			diags = append(diags, Mistake(u.at, "Secret in what is shown", "%s holds a secret: a sensitive setting of a source uses it, too. %s is shown in messages and reports, so it cannot have such a value.",
				name, Sentence(u.what)))
		}
	}
	return diags
}

// Unshown reads attributes of which nobody sees the values.
func (r *Reader) Unshown(read func()) {
	before := len(r.shown)
	read()
	r.shown = r.shown[:before]
}
