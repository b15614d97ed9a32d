package expr

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// errorf reports a mistake. It returns a node for the expression, of which what is around it says nothing more.
func (c *compiler) errorf(rng hcl.Range, summary, detail string, args ...any) *node {
	c.diags = append(c.diags, &hcl.Diagnostic{
		Severity: hcl.DiagError, Summary: summary, Detail: fmt.Sprintf(detail, args...), Subject: rng.Ptr(),
	})
	return unknown(rng)
}

// require reports whether n has the wanted type or one that is not known, and says what to do if it has not. use names
// what the value is wanted for: "the index of a list".
func (c *compiler) require(n *node, want catalog.Type, use string) bool {
	if n.typ == want || n.mistyped() {
		return true
	}
	if n.null {
		c.errorf(n.rng, "Unexpected null", "%s must be a %s, not null.", capital(use), want)
		return false
	}
	c.errorf(n.rng, "Wrong type", "%s must be a %s; this is a %s.%s", capital(use), want, n.typ, conversion(n, want))
	return false
}

// typed advises how a field of columns becomes a number in its source; "" for what is no such text.
func typed(n *node) string {
	x := n.bare().field
	if x == nil || n.typ != catalog.String {
		return ""
	}
	if _, known := catalog.KnownField(x.name); known {
		return "" // it is what it is
	}
	return fmt.Sprintf("have its source read the field as one, if that takes types: types = { %s = \"number\" }", x.name)
}

// behind puts an advice behind what leads to it; "" if there is none.
func behind(before, advice string) string {
	if advice == "" {
		return ""
	}
	return before + advice
}

// conversion advises how to make a value of the wanted type out of n; it starts with a space unless it is empty.
func conversion(n *node, want catalog.Type) string {
	if n.literal {
		if advice := requote(n, want); advice != "" {
			return advice
		}
	}
	switch {
	case want == catalog.Bool && n.function != nil && n.function.insteadOfBool != "":
		return " " + n.function.insteadOfBool
	case want == catalog.Bool && n.typ == catalog.String && n.literal:
		return " If it is meant as a condition, leave out the quotes around it."
	case want == catalog.Bool && n.typ == catalog.String:
		return ` Compare it, for example with == or !=; != "" says whether there is a text.`
	case want == catalog.Bool && n.typ == catalog.Number:
		return " Compare it, for example with != 0."
	case want == catalog.Bool:
		return " Compare it, or use contains or length."
	case want == catalog.String && n.typ == catalog.Number && n.constant && n.kind == Arithmetic: // 2027-03-31
		return " If it is meant as a text, put it in quotes."
	case want == catalog.Number && n.bare().kind == Comparison:
		return eachByItself
	case want == catalog.String && (n.typ == catalog.Number || n.typ == catalog.Bool):
		return " Use tostring to make a text of it."
	case want == catalog.Number && n.typ == catalog.String:
		return " Use tonumber to read a number from a text" + behind(", or ", typed(n)) + "."
	case want == catalog.Number && (n.typ == catalog.List || n.typ == catalog.Map):
		return " Use length to count what it holds."
	case want == catalog.String && n.typ == catalog.List:
		return " Use an index such as [0] for one item, or join for all of them."
	case want == catalog.String && n.typ == catalog.Map:
		return ` Name the key that is meant, for example ["Size"].`
	case want == catalog.List && n.typ == catalog.Map:
		return " Use keys or values."
	case want == catalog.List && n.typ == catalog.String:
		return " Put it in brackets for a list of one, or use split."
	}
	return ""
}

const eachByItself = " Write each comparison by itself: a < b && b < c."

// requote advises on literals whose quotes are missing or too many.
func requote(n *node, want catalog.Type) string {
	switch {
	case n.typ == catalog.String && want == catalog.Number:
		text, _ := n.constantText()
		if d, err := catalog.ParseDecimal(text); err == nil {
			return fmt.Sprintf(" Write the number without quotes: %s.", d)
		}
		if text == "" {
			return " A number that is missing is null: compare with null."
		}
		return " Write a number, without quotes and without a unit."
	case n.typ == catalog.String && want == catalog.Bool:
		if text, _ := n.constantText(); text == "true" || text == "false" {
			return fmt.Sprintf(" Write it without quotes: %s.", text)
		}
	case n.typ == catalog.Number && want == catalog.String:
		d, _ := n.number(&Frame{})
		return fmt.Sprintf(" Write it in quotes: \"%s\".", d)
	case n.typ == catalog.Bool && want == catalog.String:
		truth, _ := n.truth(&Frame{})
		return fmt.Sprintf(" Write it in quotes: \"%t\".", truth)
	}
	return ""
}

// listed is how many names a diagnostic lists at most: more of them hide what matters.
const listed = 30

// available lists names where there are few; it starts with a space unless it is empty.
func available(names []string) string {
	if len(names) == 0 || len(names) > listed {
		return ""
	}
	return " There are: " + strings.Join(names, ", ") + "."
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
