package report

import (
	"fmt"

	"github.com/reconcilehq/reconcile/engine/verdict"
)

// whyNone says why no item is shown, and whether that is good news.
func (r *Result) whyNone(o Options) (text string, good bool) {
	s := &r.Summary
	switch {
	case r.Pos.none() && r.Store.none():
		return r.nothingCompared(o), false
	case r.Chosen != "" && len(o.Rules)+len(o.SKUs) == 0:
		return "No item is " + r.Chosen + ".", false
	case len(o.Rules) > 0 || len(o.SKUs) > 0:
		return r.whyFiltered(o), false
	case !r.compared():
		return r.nothingCompared(o), false
	case s.notChecked() > 0:
		n := s.notChecked()
		text = fmt.Sprintf("No discrepancy was found, but %s not checked; see below.", are(n))
		if o.flags {
			text += fmt.Sprintf(" --unchecked shows %s.", plural(n, "it", "them"))
		}
		return text, false
	case r.Skipped() > 0:
		return "Every item that could be read is synchronized. Rows that could not be read were left out; see below.", false
	case !r.AllClear():
		return "No discrepancy was found.", false
	}
	return "✓ Everything is synchronized.", true
}

// nothingCompared says that nothing was compared, and why no item is shown all the same.
func (r *Result) nothingCompared(o Options) string {
	text, look := r.NothingCompared()
	if r.empty() || r.Summary.Status[verdict.Matched] > 0 { // else what follows says where the items are
		text += " " + look
	}
	switch s := &r.Summary; {
	case r.Skipped() > 0:
		text += " Rows that could not be read were left out; see below."
	case s.UncheckedSingles > 0:
		n := s.UncheckedSingles
		text += fmt.Sprintf(" %s of one side and not checked", are(n))
		if o.flags {
			text += fmt.Sprintf("; --unchecked shows %s", plural(n, "it", "them"))
		}
		text += "."
	case s.MeantToBe() > 0:
		n := s.MeantToBe()
		text += fmt.Sprintf(" %s meant to be on one side only", are(n))
		if o.flags {
			text += fmt.Sprintf("; --all shows %s", plural(n, "it", "them"))
		}
		text += "."
	}
	return text
}
