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
	Doc        string       // one line for people

	// build compiles a call whose arguments have been checked; at is where it stands. It returns nil after it reported
	// an error. Opaque arguments have no functions and maybe no type, but then the result is not evaluated either.
	build func(c *compiler, args []*node, at hcl.Range) *node
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

// pure is the build of a function that needs nothing but its arguments.
func pure(build func(args []*node) *node) func(*compiler, []*node, hcl.Range) *node {
	return func(_ *compiler, args []*node, _ hcl.Range) *node { return build(args) }
}

// The types' names are shorter here than anywhere else, because the table reads better so.
const (
	str  = catalog.String
	num  = catalog.Number
	flag = catalog.Bool
	lst  = catalog.List
	dic  = catalog.Map
)

// functions is the one place where a function is made known: an entry is all it takes.
var functions = []Function{
	{"lower", []Parameter{param("text", str)}, str, "The text in lower case.", pure(lower)},
	{"upper", []Parameter{param("text", str)}, str, "The text in upper case.", pure(upper)},
	{"trimspace", []Parameter{param("text", str)}, str, "The text without white space at both ends.", pure(text1(strings.TrimSpace))},
	{"trimprefix", []Parameter{param("text", str), param("prefix", str)}, str, "The text without the prefix, if it has it.", pure(text2(strings.TrimPrefix))},
	{"trimsuffix", []Parameter{param("text", str), param("suffix", str)}, str, "The text without the suffix, if it has it.", pure(text2(strings.TrimSuffix))},
	{"startswith", []Parameter{param("text", str), param("prefix", str)}, flag, "Whether the text starts with the prefix.", pure(test2(strings.HasPrefix))},
	{"endswith", []Parameter{param("text", str), param("suffix", str)}, flag, "Whether the text ends with the suffix.", pure(test2(strings.HasSuffix))},
	{"contains", []Parameter{param("in", lst, str), param("what", str)}, flag, "Whether the list has the item, or the text the other text in it.", pure(contains)},
	{"replace", []Parameter{param("text", str), param("old", str), param("new", str)}, str, "The text with every occurrence of old replaced.", pure(replace)},
	{"regex", []Parameter{fixed("pattern", str), param("text", str)}, str, `The first match of the RE2 pattern, or of its first group if it has one; "" without a match.`, regex},
	{"matches", []Parameter{fixed("pattern", str), param("text", str)}, flag, "Whether the RE2 pattern matches anywhere in the text.", matches},
	{"regexreplace", []Parameter{fixed("pattern", str), param("text", str), param("new", str)}, str, "The text with every match of the RE2 pattern replaced; $1 in new stands for the first group.", regexReplace},
	{"join", []Parameter{param("separator", str), param("list", lst)}, str, "The list's items as one text, with the separator between them.", pure(join)},
	{"split", []Parameter{param("separator", str), param("text", str)}, lst, `The text cut at each separator; the empty list for "".`, pure(split)},
	{"sort", []Parameter{param("list", lst)}, lst, "The list sorted by its items' bytes.", pure(list1(sorted))},
	{"distinct", []Parameter{param("list", lst)}, lst, "The list without items that it had before.", pure(list1(distinct))},
	{"keys", []Parameter{param("map", dic)}, lst, "The map's keys, sorted.", pure(keys)},
	{"values", []Parameter{param("map", dic)}, lst, "The map's values, in the order of its keys.", pure(values)},
	{"length", []Parameter{param("of", str, lst, dic)}, num, "How many characters the text, or entries the list or map has.", pure(length)},
	{"tostring", []Parameter{param("value", str, num, flag)}, str, "The value as text; numbers in their shortest form.", pure(toString)},
	{"tonumber", []Parameter{param("text", str)}, num, "The number that the text is; null if it is none.", pure(toNumber)},
	{"abs", []Parameter{param("n", num)}, num, "The number without its sign.", pure(number1(catalog.Decimal.Abs))},
	{"min", []Parameter{repeated("n", num)}, num, "The least of the numbers.", pure(extreme(less))},
	{"max", []Parameter{repeated("n", num)}, num, "The greatest of the numbers.", pure(extreme(greater))},
	{"round", []Parameter{param("n", num), optional("digits", num)}, num, "The number rounded to so many digits after the point (0 if left out), half away from zero.", pure(round)},
	{"floor", []Parameter{param("n", num)}, num, "The greatest integer that is not above the number.", pure(number1(catalog.Decimal.Floor))},
	{"ceil", []Parameter{param("n", num)}, num, "The least integer that is not below the number.", pure(number1(catalog.Decimal.Ceil))},
	{"coalesce", []Parameter{repeated("value", anyType...)}, catalog.Invalid, `The first argument that is neither null nor "" nor empty.`, pure(coalesce)},
	{"env", []Parameter{fixed("name", str), {Name: "default", Types: []catalog.Type{str}, Optional: true, Constant: true}}, str, "An environment variable, or the default if it is not set. Not in rules.", environment},
}
