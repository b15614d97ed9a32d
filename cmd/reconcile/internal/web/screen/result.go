package screen

import (
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// Result returns what a query leaves, in its order, for package report to write. Where there are items among them whose values were not
// kept, it has no values at all: none would look like a value that is unknown.
func (r *Run) Result(q Query) (*report.Result, error) {
	list, err := r.List(q)
	if err != nil {
		return nil, err
	}
	positions := list.Positions()
	result := r.Only(positions)
	result.Brief = false // as is seen to here
	whole, err := r.haveValues(q.Show, positions)
	if !whole {
		result.PosFields, result.StoreFields = nil, nil
	}
	return result, err
}

// haveValues reports whether the values of all items were kept that a filter leaves.
func (r *Run) haveValues(show string, positions []int32) (bool, error) {
	if key := r.filterOf(show).Key; key == all || key == verdict.Agrees.String() {
		return false, nil
	}
	const step = 10_000
	for from := 0; from < len(positions); from += step {
		rows, err := r.Run.Rows(positions[from:min(from+step, len(positions))])
		if err != nil {
			return false, err
		}
		for i := range rows {
			if !rows[i].Values {
				return false, nil
			}
		}
	}
	return true, nil
}
