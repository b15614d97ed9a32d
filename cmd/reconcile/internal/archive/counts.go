package archive

import (
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/verdict"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
)

// CountsOf returns what a result found, in few numbers.
func CountsOf(r *report.Result) store.Counts {
	s := &r.Summary
	c := store.Counts{Nothing: r.Nothing(), Items: s.Items, Matched: s.Status[verdict.Matched], Synchronized: s.Classes[verdict.Agrees], NotSynchronized: s.Classes[verdict.Differs],
		NotChecked: s.Classes[verdict.Unchecked] + s.UncheckedSingles, Intentional: s.Classes[verdict.Excused], Rules: map[string]int{}}
	for _, status := range verdict.Statuses {
		if status != verdict.Matched {
			c.NotPaired += s.Status[status] - s.Intended[status] - s.Parents[status]
		}
	}
	for i, rule := range r.Rules {
		if i < len(s.Rules) {
			c.Rules[rule.Code] = s.Rules[i][verdict.NotSynchronized]
		}
	}
	return c
}
