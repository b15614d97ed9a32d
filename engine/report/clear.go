package report

import (
	"fmt"
	"strings"

	"github.com/reconcilehq/reconcile/engine/verdict"
)

// Discrepancies reports whether there is anything that somebody has to look at: a cell of a rule whose severity is Error is N, or
// such a rule read a null; an item is not matched, and neither meant to be so nor a parent; a row was skipped and may be an item; a
// side has no item at all; or nothing was compared.
func (r *Result) Discrepancies() bool {
	return r.Skipped() > 0 || r.Summary.Unmatched() > 0 || r.Summary.notChecked() > 0 || r.empty() || !r.compared() || r.says(verdict.Error)
}

// compared reports whether some rule came to a cell of some item: where no item is on both sides, or no rule is about those that are,
// nothing is wrong because nothing was looked at.
func (r *Result) compared() bool {
	if r.Summary.Status[verdict.Matched] == 0 {
		return false
	}
	for i := range r.Rules {
		if r.decided(i) > 0 || r.Summary.unknown(i) > 0 {
			return true
		}
	}
	return false
}

// Nothing says, in a few words, why nothing was compared; "" if something was.
func (r *Result) Nothing() string {
	switch empty := r.Empty(); {
	case empty != "":
		return empty
	case r.Summary.Status[verdict.Matched] == 0:
		return "no item is on both sides"
	case !r.compared():
		n := r.Summary.Status[verdict.Matched]
		return "no rule is about " + plural(n, "the item that is on both sides", "any of the "+items(n)+" that are on both sides")
	}
	return ""
}

// NothingCompared says that nothing was compared, and why; "" if something was. look is what to look at, as a sentence of its own.
func (r *Result) NothingCompared() (text, look string) {
	why := r.Nothing()
	switch {
	case why == "":
		return "", ""
	case r.empty():
		look = "See whether the right file, query or account is read."
	case r.Summary.Status[verdict.Matched] == 0:
		look = "See whether both sides are of the same shop, and whether their keys are written alike."
	default:
		look = "See what applies says in the rules, and which values it reads."
	}
	return "Nothing was compared: " + why + ".", look
}

// Empty says which side has no item at all: then what the other one has looks as if it were missing there. It is "" where both have some.
func (r *Result) Empty() string {
	switch pos, store := r.Pos.none(), r.Store.none(); {
	case pos && store:
		return "neither side has an item"
	case pos:
		return r.side(verdict.Pos) + " has no item"
	case store:
		return r.side(verdict.Store) + " has no item"
	}
	return ""
}

// See is what to do where a side has no item.
const See = "see whether the right file, query or account is read"

// decided is how many cells of a rule say something.
func (r *Result) decided(rule int) int {
	s := &r.Summary
	return s.cells(rule, verdict.Synchronized) + s.cells(rule, verdict.NotSynchronized) + s.cells(rule, verdict.Intentional)
}

// says reports whether a rule of that severity has an N, or read a null where that matters: one of severity Error.
func (r *Result) says(severity verdict.Severity) bool {
	for i, rule := range r.Rules {
		if rule.Severity != severity {
			continue
		}
		if r.Summary.cells(i, verdict.NotSynchronized) > 0 || severity == verdict.Error && r.Summary.unknown(i) > 0 {
			return true
		}
	}
	return false
}

// AllClear reports whether every item is synchronized, meant to be as it is, or a parent of such, every rule whose severity is not Info
// could be evaluated for each item, and those for some, all rows were read, and something was compared.
func (r *Result) AllClear() bool {
	s := &r.Summary
	return s.Classes[verdict.Agrees]+s.Classes[verdict.Excused]+s.MeantToBe()+s.AreParents() == s.Items &&
		!r.Discrepancies() && !r.says(verdict.Warning) && !r.unknown()
}

// unknown reports whether a rule could not be evaluated where that matters: an Info is to be evaluated at all.
func (r *Result) unknown() bool {
	for i, rule := range r.Rules {
		if r.Summary.unknown(i) > 0 && (rule.Severity != verdict.Info || r.decided(i) == 0) {
			return true
		}
	}
	return false
}

// empty reports whether a side has no item. Rows that were not read may be some.
func (r *Result) empty() bool { return r.Pos.none() || r.Store.none() }

func (s *Source) none() bool { return s.Items+s.Unreadable+s.Skipped == 0 }

// WarnOfEmpty warns of a side that has no item: nothing is compared then, which looks like nothing being wrong.
func (r *Result) WarnOfEmpty() {
	for _, side := range verdict.Sides {
		if source := r.Source(side); source.none() {
			text := "it has no item, so nothing was compared"
			if other := r.Source(side.Other()); !other.none() {
				text += fmt.Sprintf(", and what %s has is listed as if it were missing here", other.Name)
			}
			r.Warn(Warning{Source: source.Name, Text: text + ": " + See})
		}
	}
}

// WarnOfNoPair warns where both sides have items, and none is on both: what is listed as missing may be written in another way there, or be another
// shop's. It is to be called when all items are paired.
func (r *Result) WarnOfNoPair() {
	if text, look := r.NothingCompared(); !r.empty() && r.Summary.Status[verdict.Matched] == 0 && r.Summary.Status[verdict.PosOnly] > 0 && r.Summary.Status[verdict.StoreOnly] > 0 {
		r.Warn(Warning{Text: strings.TrimSuffix(text, ".") + ". " + look})
	}
}
