package explain

import (
	"fmt"
	"slices"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/rules/expr"
)

// reasons says, in sentences, which part of a condition decided, and by which values.
func (w wording) reasons(t *expr.Trace) []string {
	for t.Kind == expr.Parentheses {
		t = t.Parts[0]
	}
	if t.Null {
		return []string{w.unknown(t, "there is nothing to compare")}
	}
	if t.Kind == expr.Logic {
		return w.logic(t)
	}
	return append([]string{w.clause(t) + "."}, w.difference(t)...)
}

// logic says which part of && or || decided.
func (w wording) logic(t *expr.Trace) []string {
	if len(t.Decided) > 1 {
		said := map[bool]string{true: "are true.", false: "are false."}[t.Value.Bool()]
		all := fmt.Sprintf("All %d parts ", len(t.Parts))
		if len(t.Parts) == 2 {
			all = "Both parts "
		}
		list := []string{all + said}
		for _, p := range t.Parts {
			list = append(list, w.difference(p)...)
		}
		return list
	}
	part := t.Parts[t.Decided[0]]
	list := []string{fmt.Sprintf("The %s part decides: %s.", ordinal(t.Decided[0], len(t.Parts)), w.clause(part))}
	return append(list, w.difference(part)...)
}

// ordinal names the i-th of n parts.
func ordinal(i, n int) string {
	names := []string{"first", "second", "third", "fourth", "fifth", "sixth"}
	switch {
	case i == n-1 && n > 2:
		return "last"
	case i < len(names):
		return names[i]
	}
	return fmt.Sprintf("%dth", i+1)
}

// clause says what a part came to, with its values put in: "5 != 4 is true". The part is not null.
func (w wording) clause(t *expr.Trace) string {
	is := " is " + w.value(t.Value)
	switch t.Kind {
	case expr.Parentheses:
		return w.clause(t.Parts[0])
	case expr.FieldValue, expr.LocalValue, expr.Literal:
		return w.source(t) + is
	case expr.Comparison:
		return w.filled(t) + is + w.sides(t)
	case expr.Logic:
		if len(t.Decided) == 1 {
			return w.clause(t.Parts[t.Decided[0]])
		}
	case expr.Conditional:
		cond, chosen := t.Parts[t.Decided[0]], t.Parts[t.Decided[1]]
		return w.clause(cond) + ", so what counts is that " + w.clause(chosen)
	}
	return w.filled(t) + is
}

// sides says what the two sides of a comparison come to, where that does not stand in it already.
func (w wording) sides(t *expr.Trace) string {
	a, b := t.Parts[0], t.Parts[1]
	for _, pair := range [][2]*expr.Trace{{a, b}, {b, a}} {
		if pair[1].Kind == expr.Literal && pair[1].Null {
			return fmt.Sprintf(": %s is %s", w.written(pair[0]), w.valueOf(pair[0]))
		}
	}
	switch {
	case !computed(a) && !computed(b), t.Op == "==" && t.Value.Bool():
		return ""
	case a.Value.Equal(b.Value):
		return ": both are " + w.value(a.Value)
	}
	return fmt.Sprintf(": %s and %s", w.value(a.Value), w.value(b.Value))
}

// computed reports whether a part with its values put in does not yet show what it comes to.
func computed(t *expr.Trace) bool {
	switch t.Kind {
	case expr.Call, expr.Arithmetic, expr.Conditional:
		return true
	case expr.Parentheses, expr.Unary:
		return computed(t.Parts[0])
	}
	return false
}

// unknown says why a condition has no result, and what follows from that.
func (w wording) unknown(t *expr.Trace, so string) string {
	var fields, others []string
	for _, cause := range t.Causes() {
		if cause.Kind == expr.FieldValue {
			fields = append(fields, w.source(cause))
		} else {
			others = append(others, w.noResult(cause))
		}
	}
	said := others
	switch len(fields) {
	case 0:
	case 1:
		said = append([]string{fields[0] + " is unknown"}, others...)
	default:
		said = append([]string{enumerate(fields) + " are unknown"}, others...)
	}
	if len(said) == 0 {
		said = []string{w.written(t) + " has no value"}
	}
	return enumerate(said) + ", so " + so + "."
}

// noResult says why an operation has no result for values that are known.
func (w wording) noResult(t *expr.Trace) string {
	filled := w.filled(t)
	switch {
	case t.Kind == expr.Arithmetic:
		return filled + " is a division by zero"
	case t.Kind == expr.Literal:
		return "the condition says null itself"
	case t.Kind == expr.Call && t.Function.NoResult != "":
		return fmt.Sprintf("%s %s (%s)", w.valueOf(t.Parts[0]), t.Function.NoResult, w.written(t))
	}
	return filled + " has no result"
}

// difference says what makes two texts, lists or maps differ that were found unequal, where that is hard to see.
func (w wording) difference(t *expr.Trace) []string {
	for t.Kind == expr.Parentheses {
		t = t.Parts[0]
	}
	if t.Kind != expr.Comparison || t.Null || t.Value.Bool() != (t.Op == "!=") || t.Op != "==" && t.Op != "!=" {
		if t.Kind == expr.Logic && len(t.Decided) == 1 && !t.Null {
			return w.difference(t.Parts[t.Decided[0]])
		}
		return nil
	}
	a, b := t.Parts[0], t.Parts[1]
	said := ""
	switch a.Value.Type() {
	case catalog.String:
		said = w.texts(a, b)
	case catalog.List:
		said = w.only(a, b, a.Value.List(), b.Value.List())
	case catalog.Map:
		said = w.only(a, b, entries(a.Value), entries(b.Value))
	}
	if said == "" {
		return nil
	}
	return []string{said}
}

// differences says what makes the values differ by which a condition was decided, where that is hard to see.
func (w wording) differences(t *expr.Trace) (list []string) {
	for t.Kind == expr.Parentheses {
		t = t.Parts[0]
	}
	if t.Kind != expr.Logic || t.Null || len(t.Decided) < 2 {
		return w.difference(t)
	}
	for _, p := range t.Parts {
		list = append(list, w.difference(p)...)
	}
	return list
}

func entries(v catalog.Value) []string {
	var list []string
	for _, e := range v.Entries() {
		list = append(list, entry(e))
	}
	return list
}

// only says what one of two lists has and the other lacks.
func (w wording) only(a, b *expr.Trace, as, bs []string) string {
	missing := func(from, in []string) []string {
		var list []string
		for _, s := range from {
			if !slices.Contains(in, s) {
				list = append(list, w.text(s))
			}
		}
		return list
	}
	onlyA, onlyB := missing(as, bs), missing(bs, as)
	switch {
	case len(as) == 0 || len(bs) == 0 || len(as)+len(bs) <= 2:
		return "" // one look is enough
	case len(onlyA)+len(onlyB) == 0:
		return "They hold the same in another order, or another number of times."
	case len(onlyB) == 0:
		return fmt.Sprintf("Only %s has %s.", w.written(a), enumerate(onlyA))
	case len(onlyA) == 0:
		return fmt.Sprintf("Only %s has %s.", w.written(b), enumerate(onlyB))
	}
	return fmt.Sprintf("Only %s has %s; only %s has %s.", w.written(a), enumerate(onlyA), w.written(b), enumerate(onlyB))
}
