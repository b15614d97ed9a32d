package expr

import (
	"regexp/syntax"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// KeepsLook reports whether the expression's value has the same catalog.Look as a field of the first side, whatever that field is:
// then items with equal values have fields of one look. It is false where that cannot be told.
func (e *Expr) KeepsLook(field string) bool {
	n := e.root.bare()
	for n != nil && n.function != nil {
		if n.function.keepsLook == nil {
			return false
		}
		if n = n.function.keepsLook(n.operands); n != nil {
			n = n.bare()
		}
	}
	return n != nil && n.field != nil && n.field.side == 0 && n.field.name == field
}

// lookOfFirst is for functions that take something from their first argument, or change its case. What they take has to be
// without letters and digits, and so what they put in its place.
func lookOfFirst(args []*node) *node {
	for _, other := range args[1:] {
		if text, known := other.constantText(); !known || !signs(text) {
			return nil
		}
	}
	return args[0]
}

// leadingZeros is the pattern of leading zeros before something that shows, as keys that were proposed have it: a look has none.
const leadingZeros = `^0+([^\pC\pZ])`

// lookOfReplaced is for regexreplace.
func lookOfReplaced(args []*node) *node {
	pattern, known := args[0].constantText()
	with, withKnown := args[2].constantText()
	switch {
	case !known || !withKnown:
		return nil
	case pattern == leadingZeros && with == "$1":
		return args[1]
	case !signs(with):
		return nil
	}
	if tree, err := syntax.Parse(pattern, syntax.Perl); err != nil || !matchesSigns(tree) {
		return nil
	}
	return args[1]
}

// mostSigns bounds how many characters of a class are looked at.
const mostSigns = 1 << 12

// matchesSigns reports whether nothing that a pattern matches has a letter or a digit in it.
func matchesSigns(tree *syntax.Regexp) bool {
	switch tree.Op {
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return false
	case syntax.OpLiteral:
		if !signs(string(tree.Rune)) {
			return false
		}
	case syntax.OpCharClass:
		looked := 0
		for i := 0; i < len(tree.Rune); i += 2 {
			for r := tree.Rune[i]; r <= tree.Rune[i+1]; r++ {
				if looked++; looked > mostSigns || !signs(string(r)) {
					return false
				}
			}
		}
	}
	for _, part := range tree.Sub {
		if !matchesSigns(part) {
			return false
		}
	}
	return true
}

// signs reports whether a text has no letter and no digit. Behind another digit a zero is one, too.
func signs(text string) bool { return catalog.Look("1"+text) == "1" }
