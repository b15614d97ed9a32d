package report

import (
	"fmt"

	"github.com/reconcilehq/reconcile/engine/verdict"
)

// Discrepancies reports whether there is anything that somebody has to look at: a cell of a rule whose severity is Error is N, or
// such a rule read a null; an item is not matched, and neither meant to be so nor a parent; a row was skipped and may be an item; or
// a side has no item at all.
func (r *Result) Discrepancies() bool {
	return r.Skipped() > 0 || r.Summary.Unmatched() > 0 || r.Summary.notChecked() > 0 || r.empty() || r.says(verdict.Error)
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

// AllClear reports whether every item is synchronized, meant to be as it is, or a parent of such, every rule of severity Error could
// be evaluated, all rows were read, and something was compared.
func (r *Result) AllClear() bool {
	s := &r.Summary
	return s.Classes[verdict.Agrees]+s.Classes[verdict.Excused]+s.MeantToBe()+s.AreParents() == s.Items &&
		!r.Discrepancies() && !r.says(verdict.Warning) && s.Status[verdict.Matched] > 0
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
			r.Warn(Warning{Source: source.Name, Text: text + ": see whether the right file, query or account is read"})
		}
	}
}
