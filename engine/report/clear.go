package report

import "github.com/reconcilehq/reconcile/engine/verdict"

// Discrepancies reports whether there is anything that somebody has to look at: a cell of a rule whose severity is Error is N,
// an item is not checked, or not matched and not meant to be so, a row was skipped and may be an item, or a side has no item at all.
func (r *Result) Discrepancies() bool {
	if r.Skipped() > 0 || r.Summary.Unmatched() > 0 || r.Summary.Classes[verdict.Unchecked] > 0 || r.empty() {
		return true
	}
	for i, rule := range r.Rules {
		if rule.Severity == verdict.Error && r.Summary.Rules[i][verdict.NotSynchronized] > 0 {
			return true
		}
	}
	return false
}

// AllClear reports whether every item is synchronized, meant to be as it is, or a parent of such, all rows were read, and there are items on both
// sides.
func (r *Result) AllClear() bool {
	s := &r.Summary
	return s.Classes[verdict.Agrees]+s.Classes[verdict.Excused]+s.MeantToBe()+s.AreParents() == s.Items && r.Skipped() == 0 && !r.empty()
}

// empty reports whether a side has no item. Rows that were not read may be some.
func (r *Result) empty() bool { return r.Pos.none() || r.Store.none() }

func (s *Source) none() bool { return s.Items+s.Unreadable+s.Skipped == 0 }

// WarnOfEmpty warns of a side that has no item: nothing is compared then, which looks like nothing being wrong.
func (r *Result) WarnOfEmpty() {
	for _, side := range verdict.Sides {
		if source := r.Source(side); source.none() {
			r.Warn(Warning{Source: source.Name, Text: "it has no item, so nothing was compared: see whether the right file, query or account is read"})
		}
	}
}
