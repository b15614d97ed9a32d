// Package expr type-checks HCL expressions and compiles them to functions over the columns of a pair of batches.
//
// It gives HCL's syntax a meaning that rules need, and that HCL's own evaluator does not have: numbers are exact decimals,
// types are checked before anything is read, a null makes the result null instead of failing, and an evaluation costs
// nanoseconds and no allocation in the usual cases.
//
// Compile makes one checked tree of an expression, and there are three who read it: Expr evaluates it, Settler says what it
// comes to from what is known of a pair without evaluating it, and Trace says how it came to its value. What the functions
// of the language are, and what is known of each, stands in one table (functions.go).
//
// It is not a general evaluator of HCL. What it leaves out (for expressions, splats, nested lists and maps) is refused
// at compile time with the place.
package expr

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// MaxSides is the number of items that an expression can read at once.
const MaxSides = len(verdict.Sides)

// Side is a name whose attributes are fields: "pos" and "store" in a rule, "item" in a key.
type Side struct {
	Name string
	// Schema has the fields. Where it is nil the fields are not known, because the source could not give its schema:
	// then every field is accepted and what is done with it is not checked.
	Schema *catalog.Schema
}

// Scope is what an expression may refer to.
type Scope struct {
	Sides  []Side           // at most MaxSides; none for a value of the configuration
	Locals map[string]Local // what local.NAME stands for
	Each   *Each            // what each.NAME stands for; nil: there is no list of shops
	// Getenv looks up an environment variable for env(). Where it is nil, env is refused.
	Getenv func(name string) (value string, found bool)
	// Secret looks up a secret for secret(). Where it is nil, secret is refused.
	Secret func(name string) (string, error)
	// MayLack has the expression name known fields that their side does not offer: they are null, or absent. Elsewhere only
	// what is handed to a function that may lack its arguments can name such fields.
	MayLack bool
	// Sharing is the same one for expressions that share their calls; nil: each is on its own.
	Sharing *Sharing

	functions []Function // in place of the language's own; for tests
}

// table returns the functions that can be called.
func (s *Scope) table() []Function {
	if s.functions != nil {
		return s.functions
	}
	return functions
}

// Local is a value that the configuration gives a name to.
type Local struct {
	Value catalog.Value // the zero Value stands for the literal null
	// Broken says that the definition has a mistake, which is reported where it stands: uses of the name are accepted
	// without a second diagnostic.
	Broken bool
	// Secret says that the value is not to be shown: what is computed from it is not shown by traces either.
	Secret bool
}

// Ref is a field that an expression reads.
type Ref struct {
	Side  verdict.Side // its place in Scope.Sides; of what reads one item only, the first
	Field string
	Range hcl.Range // where it is first read

	// Scaled says that it is multiplied or divided each time before it is compared, so that its unit may have become another.
	Scaled bool
}

// Expr is a compiled expression. It is immutable, so that many goroutines can use it, each with its own Frame.
type Expr struct {
	root   *node
	typ    catalog.Type
	fields []Ref
	lacks  []Ref
	texts  []Ref
}

// Compile checks an expression and compiles it. It reports every mistake that it finds; the Expr is never nil, and
// evaluates to null if there was one. Fields are bound by their position in the sides' schemas: the batches that the
// Expr is evaluated on must have exactly these schemas. With a side whose schema is nil, the Expr serves for checking
// only and evaluates to null as well, as far as it reads fields.
//
// Compile has no side effects but calls of Getenv and Secret. Its diagnostics hold no values other than those that stand in the
// expression as literals.
func Compile(e hcl.Expression, scope *Scope) (*Expr, hcl.Diagnostics) {
	c := &compiler{scope: scope, mayLack: scope.MayLack}
	root := c.whole(e)
	if !root.constant {
		// Of a constant expression the caller knows from Constant that it is pointless as a whole.
		c.diags = append(c.diags, c.pointless...)
	}
	if c.diags.HasErrors() {
		root = unknown(root.rng)
	}
	return &Expr{root: root, typ: root.typ, fields: c.fields, lacks: c.lacks, texts: c.texts}, c.diags
}

// whole compiles an expression, of which a constant part can be too large.
func (c *compiler) whole(e hcl.Expression) (root *node) {
	root = unknown(e.Range())
	defer c.caught(e.Range())
	return c.compile(e)
}

// Type returns the type of the result. It is Invalid where that is not known: after a mistake, where it hangs on a
// field of an unknown schema or on a broken local, and for the literal null.
func (e *Expr) Type() catalog.Type { return e.typ }

// IsNull reports whether the expression is the literal null.
func (e *Expr) IsNull() bool { return e.root.null }

// Secret reports whether the result is computed from a secret local value, so that it is not to be shown. What is true or
// false tells no secret.
func (e *Expr) Secret() bool { return e.root.secret && e.typ != catalog.Bool }

// Constant returns the result of an expression that reads no field, and whether this is one. For the literal null that
// is the zero Value.
func (e *Expr) Constant() (catalog.Value, bool) {
	if !e.root.constant {
		return catalog.Value{}, false
	}
	return e.Value(&Frame{}), true
}

// AlwaysNull reports whether the expression reads no field and comes to null, which a boxed text, list or map does not tell.
func (e *Expr) AlwaysNull() bool { return e.root.constant && e.root.nullable }

// Fields returns the fields that the expression reads, in the order in which they first appear, each once.
func (e *Expr) Fields() []Ref { return e.fields }

// Lacks returns the known fields that the expression names and that their sides do not offer, each once.
func (e *Expr) Lacks() []Ref { return e.lacks }

// Texts returns the fields that are texts of which a function makes something else, such as tonumber a number, and nothing where it cannot.
func (e *Expr) Texts() []Ref { return e.texts }

// Range returns where the expression stands.
func (e *Expr) Range() hcl.Range { return e.root.rng }

// Require returns an error that says what to do about it if the expression has another type than the one wanted, and
// nothing if it has that type or if its type is not known. what names the expression's use: "a rule's condition".
func (e *Expr) Require(want catalog.Type, what string) hcl.Diagnostics {
	c := &compiler{}
	c.require(e.root, want, what)
	return c.diags
}

// Bool evaluates an expression of type bool. known is false if the result is null.
func (e *Expr) Bool(f *Frame) (v, known bool) {
	if e.root.truth == nil {
		return false, false
	}
	return e.root.truth(f)
}

// Str evaluates an expression of type string. known is false if the result is null. The string can share memory with
// the frame's batch; clone what is kept for longer.
func (e *Expr) Str(f *Frame) (v string, known bool) {
	if e.root.text == nil {
		return "", false
	}
	return e.root.text(f)
}

// Number evaluates an expression of type number. known is false if the result is null.
func (e *Expr) Number(f *Frame) (v catalog.Decimal, known bool) {
	if e.root.number == nil {
		return catalog.Decimal{}, false
	}
	return e.root.number(f)
}

// Value evaluates an expression of any type. The result is boxed, and shares no memory with the frame's batches. A null
// string, list or map, which only arises from a null within it, is "" or empty.
func (e *Expr) Value(f *Frame) catalog.Value {
	v, _ := e.root.value(f)
	return v
}

// Known evaluates an expression of any type, as Value does, and says whether the result is known: false if it is null.
func (e *Expr) Known(f *Frame) (v catalog.Value, known bool) { return e.root.value(f) }

// asSyntax returns the syntax tree of an expression, and whether it was written in HCL's native syntax.
func asSyntax(e hcl.Expression) (hclsyntax.Expression, bool) {
	if syntax, ok := e.(hclsyntax.Expression); ok {
		return syntax, true
	}
	syntax, ok := hcl.UnwrapExpression(e).(hclsyntax.Expression)
	return syntax, ok
}
