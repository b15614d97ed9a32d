package prose

import (
	"strings"

	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules/explain"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/words"
)

// explanation writes how a rule came to its cell.
func (p *Page) explanation(x *explain.Explanation, indent int) {
	cell := x.Cell.State
	p.Labelled(x.Code, cell, x.Title+": "+outcome(x), indent)
	indent += p.labels
	const when = len("when ")
	if x.Applies != "" {
		p.Text(indent, len("applies "), "applies "+x.Applies)
	}
	p.Text(indent, when, "when "+x.Condition+"  ("+words.Position(x.Place)+")")
	if x.Values != "" {
		p.Text(indent+when, 0, x.Values)
	}
	p.Text(indent+when, 0, strings.Join(x.Reasons, " "))
	for _, s := range consequences(x) {
		p.Text(indent, 0, s)
	}
}

// outcome says what a cell is, and who explained it.
func outcome(x *explain.Explanation) string {
	switch x.Cell.State {
	case verdict.NotSynchronized:
		if x.Severity != verdict.Error {
			return "N, not synchronized (" + x.Severity.String() + ")"
		}
		return "N, not synchronized"
	case verdict.Intentional:
		return "I, intentional"
	case verdict.NotApplicable:
		if x.Cell.Unknown {
			return "-, unknown"
		}
		return "-, not about this item"
	}
	if x.Cell.Explained {
		return "S, explained by " + words.Enumerate(x.ExplainedBy)
	}
	return "S, synchronized"
}

// consequences says what follows from a condition that is true: who explains whom, what excuses it, what to do.
func consequences(x *explain.Explanation) []string {
	var list []string
	if x.Cell.Explained {
		is := "is true as well and explains it"
		if len(x.ExplainedBy) > 1 {
			is = "are true as well and explain it"
		}
		list = append(list, "But "+words.Enumerate(x.ExplainedBy)+" "+is+". A discrepancy has one cause, so "+x.Code+" reads S.")
	}
	if len(x.Explains) > 0 {
		read := "reads"
		if len(x.Explains) > 1 {
			read = "read"
		}
		list = append(list, "It explains "+words.Enumerate(x.Explains)+", which therefore "+read+" S.")
	}
	if x.Intent != nil {
		list = append(list, excuse(x))
	} else {
		list = append(list, x.Excuses...)
	}
	if x.Cell.State == verdict.NotSynchronized && x.Note != "" {
		list = append(list, "Note: "+x.Note)
	}
	return list
}

// excuse says which block made a discrepancy intentional, and why.
func excuse(x *explain.Explanation) string {
	in := x.Intent
	parts := []string{`Intentional by "` + in.Name + `" (` + in.Place() + "): " + sentence(in.Reason)}
	if in.BuiltIn() {
		parts = []string{"Intentional: " + sentence(in.Reason) + " (" + in.Place() + ")"}
	}
	parts = append(parts, x.Excuses...)
	if in.Owner != "" {
		parts = append(parts, "Owner: "+sentence(in.Owner))
	}
	if !in.Starts.IsZero() {
		parts = append(parts, "It holds from "+in.Starts.Format("2006-01-02")+".")
	}
	if !in.Expires.IsZero() {
		parts = append(parts, "It holds until "+in.Expires.Format("2006-01-02")+".")
	}
	return strings.Join(parts, " ")
}

// sentence ends a text of the configuration with a full stop.
func sentence(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if s == "" || strings.ContainsAny(s[len(s)-1:], ".!?") {
		return s
	}
	return s + "."
}
