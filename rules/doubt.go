package rules

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/reconcilehq/reconcile/engine/verdict"
)

// A doubt is what would be true of pairs if a rule took something for granted that is not so, such as a setting that was not
// kept up to date. It changes no cell. Where more pairs speak against the rule than for it, people are to be told, once.

// doubt reads a rule's doubt and what to say of it. The one is of no use without the other.
func (l *loader) doubt(attrs hcl.Attributes, r *Rule) {
	r.DoubtNote = l.Text(attrs, "doubt_note")
	doubt, ok := attrs["doubt"]
	switch note, noted := attrs["doubt_note"]; {
	case !ok && noted:
		l.Fail(note.NameRange, "Note without a doubt", "doubt_note says what a rule's doubt means, and rule %q has none.", r.Code)
	case ok && r.DoubtNote == "":
		l.Fail(doubt.NameRange, "Doubt without a note", "Where the doubt of rule %q holds for many items, a warning says what that means: give it a doubt_note.", r.Code)
	case ok && r.On != verdict.Matched:
		l.Fail(doubt.NameRange, "Doubt about items of one side", "Doubts are counted among matched items, and rule %q is about others.", r.Code)
	case ok:
		r.Doubt = doubt.Expr.(hclsyntax.Expression)
	}
}

// Weight says how many pairs speak for a rule and how many against it.
type Weight struct {
	Rule         int // place in Program.Rules
	For, Against int // pairs of which the rule is true, and of which its doubt is
}

// fewest is how many pairs must speak against a rule: a single one can be chance.
const fewest = 2

// Doubtful reports whether more speaks against the rule than for it.
func (w Weight) Doubtful() bool { return w.Against >= fewest && w.Against > w.For }

// Add adds the numbers of another evaluator.
func (w *Weight) Add(other Weight) {
	w.For += other.For
	w.Against += other.Against
}

// Weights returns, of each rule with a doubt, how many of the pairs that were evaluated speak for it and against it. Those that
// an outlook settles do neither.
func (e *Evaluator) Weights() []Weight { return e.weights }

// weigh counts the pair that was evaluated last.
func (e *Evaluator) weigh(o *Outlook) {
	for i := range e.weights {
		if e.truths[e.weights[i].Rule] == verdict.True {
			e.weights[i].For++
		}
	}
	for _, rule := range o.doubts {
		if e.truths[rule] == verdict.Exempt {
			continue
		}
		if v, known := e.program.Rules[rule].doubt.Bool(&e.frame); known && v {
			for i := range e.weights {
				if e.weights[i].Rule == rule {
					e.weights[i].Against++
				}
			}
		}
	}
}
