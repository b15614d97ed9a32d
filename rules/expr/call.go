package expr

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

func (c *compiler) compileCall(e *hclsyntax.FunctionCallExpr) *node {
	rng := e.Range()
	args := make([]*node, len(e.Args))
	before := c.mayLack
	c.mayLack = before || slices.ContainsFunc(c.scope.table(), func(fn Function) bool { return fn.Name == e.Name && fn.mayLack })
	for i, arg := range e.Args {
		args[i] = c.compile(arg)
	}
	c.mayLack = before
	fn, ok := c.function(e, c.scope.table())
	if !ok {
		return unknown(rng)
	}
	if e.ExpandFinal {
		return c.errorf(rng, "Argument expansion is not supported", "Write the arguments of %s one by one, without \"...\".", fn.Name)
	}
	if !c.arity(fn, e) || !c.arguments(fn, args) {
		return unknown(rng)
	}
	result, ok := fn.resultType(args)
	if !ok {
		a, b := differing(args)
		return c.errorf(b.rng, "Wrong type", "The arguments of %s must have one type; this is a %s, the first a %s.%s",
			fn.Name, b.typ, a.typ, agreement(a, b))
	}
	if fn.NoResult != "" && len(args) > 0 {
		c.noteText(args[0])
	}
	c.lookAtOrder(fn, args, rng)
	if fn.searches {
		c.lookForCased(args[0], args[1], rng)
	}
	n := fn.build(c, args, rng)
	if n == nil {
		return unknown(rng)
	}
	n = n.as(Call, fn.Name, fn.Facts|n.facts).from(rng, args...)
	n.typ, n.function = result, fn
	if c.scope.Sharing == nil || n.constant || n.opaque || c.diags.HasErrors() {
		return n // it is not evaluated, or not for each pair
	}
	return c.share(n)
}

// noteText notes that a field is a text of which a function tries to make something else.
func (c *compiler) noteText(n *node) {
	x := n.bare().field
	if x == nil {
		return
	}
	if i := slices.IndexFunc(c.fields, func(r Ref) bool { return r.Side == x.side && r.Field == x.name }); i >= 0 {
		c.texts = append(c.texts, c.fields[i])
	}
}

// function looks the called function up.
func (c *compiler) function(e *hclsyntax.FunctionCallExpr, known []Function) (*Function, bool) {
	names := make([]string, len(known))
	for i := range known {
		if names[i] = known[i].Name; names[i] == e.Name {
			return &known[i], true
		}
	}
	if strings.Contains(e.Name, "::") {
		c.errorf(e.NameRange, "Unknown function", "There are no functions with \"::\" in their names here.%s", available(names))
		return nil, false
	}
	advice := instead(e.Name)
	if advice == "" {
		advice = catalog.DidYouMean(e.Name, names) + available(names)
	}
	c.errorf(e.NameRange, "Unknown function", "There is no function %q.%s", e.Name, advice)
	return nil, false
}

// arity reports whether a call has as many arguments as the function takes.
func (c *compiler) arity(fn *Function, e *hclsyntax.FunctionCallExpr) bool {
	least, most := 0, len(fn.Parameters)
	for _, p := range fn.Parameters {
		if !p.Optional {
			least++
		}
		if p.Repeated {
			most = len(e.Args)
		}
	}
	switch n := len(e.Args); {
	case n < least:
		c.errorf(e.Range(), "Too few arguments", "Its form is %s.", fn.Signature())
	case n > most:
		rng := hcl.RangeBetween(e.Args[most].Range(), e.Args[n-1].Range())
		c.errorf(rng, "Too many arguments", "The form of %s is %s.", fn.Name, fn.Signature())
	default:
		return true
	}
	return false
}

// arguments reports whether the arguments are of types that the function takes, and constant where they must be.
func (c *compiler) arguments(fn *Function, args []*node) bool {
	if fn.turned(args) {
		c.errorf(hcl.RangeBetween(args[0].rng, args[1].rng), "Wrong order", "The arguments stand the other way round: %s.", fn.Signature())
		return false
	}
	ok := true
	for i, arg := range args {
		p := fn.Parameters[min(i, len(fn.Parameters)-1)]
		switch {
		case arg.null:
			c.errorf(arg.rng, "Unexpected null", "Argument %q of %s cannot be null.", p.Name, fn.Name)
			ok = false
		case arg.mistyped():
		case !slices.Contains(p.Types, arg.typ):
			advice := ""
			for _, t := range p.Types {
				if advice == "" {
					advice = conversion(arg, t)
				}
			}
			c.errorf(arg.rng, "Wrong type", "Argument %q of %s must be a %s; this is a %s.%s", p.Name, fn.Name, alternatives(p.Types), arg.typ, advice)
			ok = false
		case p.Constant && !arg.constant && !arg.opaque:
			c.errorf(arg.rng, "Constant needed", "Argument %q of %s is needed before any item is read, so it can use literals and local values, but no fields.", p.Name, fn.Name)
			ok = false
		case p.Constant && arg.constant && arg.nullable:
			c.errorf(arg.rng, "Unexpected null", "Argument %q of %s comes to null.", p.Name, fn.Name)
			ok = false
		}
	}
	return ok
}

// turned reports whether two arguments do not fit as they stand, and do the other way round.
func (fn *Function) turned(args []*node) bool {
	if len(args) < 2 || len(fn.Parameters) < 2 {
		return false
	}
	fits := func(arg *node, p Parameter) bool {
		return !arg.null && !arg.mistyped() && slices.Contains(p.Types, arg.typ) && (!p.Constant || arg.constant && !arg.nullable)
	}
	a, b := fn.Parameters[0], fn.Parameters[1]
	return !(fits(args[0], a) && fits(args[1], b)) && fits(args[1], a) && fits(args[0], b)
}

// resultType returns the type of a call; ok is false if the arguments should have one type and have not.
func (fn *Function) resultType(args []*node) (t catalog.Type, ok bool) {
	if fn.Result != catalog.Invalid {
		return fn.Result, true
	}
	if a, b := differing(args); b != nil {
		return catalog.Invalid, false
	} else if a != nil {
		return a.typ, true
	}
	return catalog.Invalid, true
}

// differing returns the first argument whose type is known, and the first after it that has another type.
func differing(args []*node) (a, b *node) {
	for _, n := range args {
		switch {
		case n.mistyped():
		case a == nil:
			a = n
		case n.typ != a.typ:
			return a, n
		}
	}
	return a, nil
}

func alternatives(types []catalog.Type) string {
	names := make([]string, len(types))
	for i, t := range types {
		names[i] = t.String()
	}
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return fmt.Sprintf("%s or %s", strings.Join(names[:len(names)-1], ", "), names[len(names)-1])
}
