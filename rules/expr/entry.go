package expr

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// Parameter is a parameter of a function.
type Parameter struct {
	Name     string
	Types    []catalog.Type // the types that it takes
	Optional bool
	Repeated bool // the last one: takes any number of arguments, at least one
	Constant bool // the argument must not read a field
}

// Function is a function of the configuration language.
type Function struct {
	Name       string
	Parameters []Parameter
	Result     catalog.Type // Invalid: the type of the arguments, which is one for all of them
	Facts      Facts        // what is known of every call; a function of which nothing is said can be null at any time
	Doc        string       // one line for people

	// NoResult says of the first argument why the result is null though no argument is: "is no number". It is empty
	// where that cannot be, or where there is no more to say.
	NoResult string

	// build compiles a call whose arguments have been checked; at is where it stands. It returns nil after it reported
	// an error. Opaque arguments have no functions and maybe no type, but then the result is not evaluated either. The
	// same arguments have to give the same result at all times. If more is known of this call than of every call, its
	// node has the facts.
	build func(c *compiler, args []*node, at hcl.Range) *node

	// takes returns which argument the result was taken from, if it was taken from one; nil if it is made of all of them.
	takes func(args []*Trace) int

	// keepsLook returns the argument whose catalog.Look the result has; nil if that cannot be said of this call.
	keepsLook func(args []*node) *node

	mayLack bool // whether its arguments may name known fields that a source does not offer

	searches bool // whether it says if the first argument has the second

	insteadOfBool string // a sentence on what to call where a bool is wanted
}

// Functions returns all functions, ordered by subject.
func Functions() []Function { return slices.Clone(functions) }

// Signature returns how the function is called, for example "round(n number, [digits number]) number".
func (fn Function) Signature() string {
	params := make([]string, len(fn.Parameters))
	for i, p := range fn.Parameters {
		types := make([]string, len(p.Types))
		for j, t := range p.Types {
			types[j] = t.String()
		}
		params[i] = p.Name
		if len(types) < len(anyType) {
			params[i] += " " + strings.Join(types, "|")
		}
		if p.Repeated {
			params[i] += "..."
		}
		if p.Optional {
			params[i] = "[" + params[i] + "]"
		}
	}
	signature := fn.Name + "(" + strings.Join(params, ", ") + ")"
	if fn.Result != catalog.Invalid {
		signature += " " + fn.Result.String()
	}
	return signature
}

var anyType = []catalog.Type{catalog.String, catalog.Number, catalog.Bool, catalog.List, catalog.Map}

func param(name string, types ...catalog.Type) Parameter { return Parameter{Name: name, Types: types} }

func optional(name string, types ...catalog.Type) Parameter {
	return Parameter{Name: name, Types: types, Optional: true}
}

func repeated(name string, types ...catalog.Type) Parameter {
	return Parameter{Name: name, Types: types, Repeated: true}
}

func fixed(name string, types ...catalog.Type) Parameter {
	return Parameter{Name: name, Types: types, Constant: true}
}

// define returns an entry of the table.
func define(name string, facts Facts, params []Parameter, result catalog.Type, doc string, build func(*compiler, []*node, hcl.Range) *node) Function {
	return Function{Name: name, Facts: facts, Parameters: params, Result: result, Doc: doc, build: build}
}

// The functions below return an entry with one more field set.

func (fn Function) withoutResult(why string) Function {
	fn.NoResult = why
	return fn
}

func (fn Function) taking(which func(args []*Trace) int) Function {
	fn.takes = which
	return fn
}

func (fn Function) keepingLook(of func(args []*node) *node) Function {
	fn.keepsLook = of
	return fn
}

func (fn Function) lackingArguments() Function {
	fn.mayLack = true
	return fn
}

func (fn Function) searching() Function {
	fn.searches = true
	return fn
}

func (fn Function) notForBool(advice string) Function {
	fn.insteadOfBool = advice
	return fn
}

// pure is the build of a function that needs nothing but its arguments.
func pure(build func(args []*node) *node) func(*compiler, []*node, hcl.Range) *node {
	return func(_ *compiler, args []*node, _ hcl.Range) *node { return build(args) }
}
