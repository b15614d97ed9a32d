package screen

import (
	"slices"

	"github.com/reconcilehq/reconcile/engine/history"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// Excused returns the positions of items of which a cell is intentional, or that are meant to be of one side.
func (r *Run) Excused() ([]int32, error) {
	var list []int32
	wanted := []history.Filter{{Statuses: []verdict.Status{verdict.PosOnly, verdict.StoreOnly}}}
	for rule := range r.About().Rules {
		wanted = append(wanted, history.Filter{Cells: []history.Cells{{Rule: rule, Marks: []history.Mark{history.Excused}}}})
	}
	for _, f := range wanted {
		found, err := r.Filter(f)
		if err != nil {
			return nil, r.Failed(err)
		}
		list = append(list, found...)
	}
	slices.Sort(list)
	return slices.Compact(list), nil
}
