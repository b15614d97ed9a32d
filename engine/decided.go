package engine

import (
	"github.com/reconcilehq/reconcile/engine/match"
	"github.com/reconcilehq/reconcile/engine/row"
	"github.com/reconcilehq/reconcile/engine/spool"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules"
)

// What is known of most pairs when they meet, which values are equal and which are not, decides all rules. These are not evaluated.

// judge returns the number of the outlook on a pair, or match.Undecided if it has none. Unless that says that there is no discrepancy, the
// pair itself is needed.
func judge(e *rules.Evaluator) match.Judge {
	return func(k *verdict.Known) (outlook int32, visit bool) {
		if o := e.Outlook(k); o.Number >= 0 {
			return o.Number, !o.Settled
		}
		return match.Undecided, false
	}
}

// Decided implements match.Visitor.
func (w *worker) Decided(outlook int32, pairs int) bool {
	for len(w.decided) <= int(outlook) {
		w.decided = append(w.decided, 0)
	}
	w.decided[outlook] += pairs
	return w.job.All || w.parents != nil || w.job.Unchecked && w.unchecked(outlook)
}

// unchecked reports whether items with an outlook that is Decided are not checked.
func (w *worker) unchecked(outlook int32) bool {
	cells, _ := w.evaluator.Cells(w.job.Program.OutlookOf(outlook))
	return w.job.Program.Class(cells) == verdict.Unchecked
}

// known is what a worker knows of the pairs with an outlook.
type known struct {
	met     bool
	open    *rules.Outlook // that does not decide them; nil: it does, and the rest counts
	outcome int32          // its index
	lists   bool           // the result lists them
	counted bool           // Decided counts them
}

// of returns what is known of pairs with an outlook.
func (w *worker) of(outlook int32) *known {
	for len(w.known) <= int(outlook) {
		w.known = append(w.known, known{})
	}
	k := &w.known[outlook]
	if !k.met {
		o := w.job.Program.OutlookOf(outlook)
		if !o.Decided {
			*k = known{met: true, open: o}
			return k
		}
		at := w.internOutcome(w.evaluator.Cells(o))
		*k = known{met: true, outcome: at, lists: w.lists(at), counted: o.Settled}
	}
	return k
}

// decidedPair takes a pair that an outlook decides. One that Decided has counted is visited since items without a discrepancy are asked
// for, too, or for the parents that it names.
func (w *worker) decidedPair(e *match.Entry, it *spool.Item, k *known) error {
	if !k.counted {
		w.counts.matched[k.outcome]++
		w.summary.Items++
		w.summary.Status[verdict.Matched]++
	}
	if !k.lists {
		return nil
	}
	it.Outcome = k.outcome
	if w.job.Brief {
		e.Whole() // for SKU and name
	}
	takeRest(it, e)
	return w.keepMatched(it)
}

// takeRest has an item take the rest of an entry.
func takeRest(it *spool.Item, e *match.Entry) {
	it.Rows = e.Item
	if e.Rest != nil {
		of := e.Side().Other()
		it.Rows[of], it.Rest[of] = e.Rest, true
	}
}

// openPair takes a pair that has to be evaluated.
func (w *worker) openPair(e *match.Entry, it *spool.Item, outlook *rules.Outlook) error {
	if w.job.Brief {
		e.Whole()
	}
	takeRest(it, e)
	p := &w.pairs
	lookAt(w.views, it)
	for side, view := range w.views {
		p.decoders[side].AddView(view, outlook.Reads(verdict.Side(side)))
	}
	p.outlooks = append(p.outlooks, outlook)
	p.copy(it)
	if len(p.items) == batchSize {
		return w.evaluatePairs()
	}
	return nil
}

// lookAt turns views of both sides to a pair as it is kept.
func lookAt(views [2]*row.View, it *spool.Item) {
	switch it.Rest {
	case [2]bool{false, true}:
		row.LookAtRest(views, 0, it.Rows[0], it.Rows[1])
	case [2]bool{true, false}:
		row.LookAtRest(views, 1, it.Rows[1], it.Rows[0])
	default:
		row.LookAtPair(views, it.Rows[0], it.Rows[1])
	}
}
