package expr

import (
	"strings"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// The types' names are shorter here than anywhere else, because the table reads better so.
const (
	str  = catalog.String
	num  = catalog.Number
	flag = catalog.Bool
	lst  = catalog.List
	dic  = catalog.Map
)

// functions is the one place where a function is made known: an entry is all it takes. What is known of a function (when it
// is null, whether it is cheap, which argument it takes, what explanations say of it) stands in its entry. Nothing else
// goes by a function's name.
var functions = []Function{
	define("lower", NullOnlyOfNull|Idempotent, []Parameter{param("text", str)}, str, "The text in lower case.", pure(lower)).keepingLook(lookOfFirst),
	define("upper", NullOnlyOfNull|Idempotent, []Parameter{param("text", str)}, str, "The text in upper case.", pure(upper)).keepingLook(lookOfFirst),
	define("trimspace", NullOnlyOfNull|Idempotent, []Parameter{param("text", str)}, str, "The text without white space at both ends.", pure(text1(strings.TrimSpace))).keepingLook(lookOfFirst),
	define("trimprefix", NullOnlyOfNull, []Parameter{param("text", str), param("prefix", str)}, str, "The text without the prefix, if it has it.", pure(text2(strings.TrimPrefix))).keepingLook(lookOfFirst),
	define("trimsuffix", NullOnlyOfNull, []Parameter{param("text", str), param("suffix", str)}, str, "The text without the suffix, if it has it.", pure(text2(strings.TrimSuffix))).keepingLook(lookOfFirst),
	define("startswith", NullOnlyOfNull|Cheap, []Parameter{param("text", str), param("prefix", str)}, flag, "Whether the text starts with the prefix.", pure(test2(strings.HasPrefix))).searching(),
	define("endswith", NullOnlyOfNull|Cheap, []Parameter{param("text", str), param("suffix", str)}, flag, "Whether the text ends with the suffix.", pure(test2(strings.HasSuffix))).searching(),
	define("contains", NullOnlyOfNull, []Parameter{param("in", lst, str), param("what", str)}, flag, "Whether the list has the item, or the text the other text in it.", pure(contains)).searching(),
	define("replace", NullOnlyOfNull, []Parameter{param("text", str), param("old", str), param("new", str)}, str, "The text with every occurrence of old replaced.", pure(replace)).keepingLook(lookOfFirst),
	define("regex", NullOnlyOfNull, []Parameter{fixed("pattern", str), param("text", str)}, str, `The first match of the RE2 pattern, or of its first group if it has one; "" without a match.`, regex).
		notForBool("To test whether a text matches a pattern, use matches(pattern, text)."),
	define("matches", NullOnlyOfNull, []Parameter{fixed("pattern", str), param("text", str)}, flag, "Whether the RE2 pattern matches anywhere in the text.", matches),
	define("regexreplace", NullOnlyOfNull, []Parameter{fixed("pattern", str), param("text", str), param("new", str)}, str, "The text with every match of the RE2 pattern replaced; $1 in new stands for the first group.", regexReplace).keepingLook(lookOfReplaced),
	define("join", NullOnlyOfNull, []Parameter{param("separator", str), param("list", lst)}, str, "The list's items as one text, with the separator between them.", pure(join)),
	define("split", NullOnlyOfNull, []Parameter{param("separator", str), param("text", str)}, lst, `The text cut at each separator; the empty list for "".`, pure(split)),
	define("sort", NullOnlyOfNull|Idempotent, []Parameter{param("list", lst)}, lst, "The list sorted by its items' bytes.", pure(list1(sorted))),
	define("distinct", NullOnlyOfNull|Idempotent, []Parameter{param("list", lst)}, lst, "The list without items that it had before.", pure(list1(distinct))),
	define("keys", NullOnlyOfNull, []Parameter{param("map", dic)}, lst, "The map's keys, sorted.", pure(keys)),
	define("values", NullOnlyOfNull, []Parameter{param("map", dic)}, lst, "The map's values, in the order of its keys.", pure(values)),
	define("length", NullOnlyOfNull, []Parameter{param("of", str, lst, dic)}, num, "How many characters the text, or entries the list or map has.", pure(length)),
	define("tostring", NullOnlyOfNull, []Parameter{param("value", str, num, flag)}, str, "The value as text; numbers in their shortest form.", pure(toString)),
	define("tonumber", NullOfNull, []Parameter{param("text", str)}, num, "The number that the text is; null if it is none.", pure(toNumber)).withoutResult("is no number"),
	define("abs", NullOnlyOfNull|Cheap|Idempotent, []Parameter{param("n", num)}, num, "The number without its sign.", pure(number1(catalog.Decimal.Abs))),
	define("min", NullOnlyOfNull|Cheap, []Parameter{repeated("n", num)}, num, "The least of the numbers.", pure(extreme(less))),
	define("max", NullOnlyOfNull|Cheap, []Parameter{repeated("n", num)}, num, "The greatest of the numbers.", pure(extreme(greater))),
	define("round", NullOfNull|Idempotent, []Parameter{param("n", num), optional("digits", num)}, num, "The number rounded to so many digits after the point (0 if left out), half away from zero.", pure(round)),
	define("floor", NullOnlyOfNull|Idempotent, []Parameter{param("n", num)}, num, "The greatest integer that is not above the number.", pure(number1(catalog.Decimal.Floor))),
	define("ceil", NullOnlyOfNull|Idempotent, []Parameter{param("n", num)}, num, "The least integer that is not below the number.", pure(number1(catalog.Decimal.Ceil))),
	define("coalesce", KnownOfKnown|Cheap, []Parameter{repeated("value", anyType...)}, catalog.Invalid, `The first argument that is neither null nor "" nor empty.`, pure(coalesce)).taking(firstPresent).lackingArguments(),
	define("env", NullOnlyOfNull, []Parameter{fixed("name", str), {Name: "default", Types: []catalog.Type{str}, Optional: true, Constant: true}}, str, "An environment variable, or the default if it is not set. Not in rules.", environment),
	define("secret", NullOnlyOfNull, []Parameter{fixed("name", str)}, str, "The secret of that name, from where the secrets block says. In source blocks alone.", secret),
}
