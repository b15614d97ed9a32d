package table

import (
	"cmp"
	"slices"

	"github.com/reconcilehq/reconcile/plugins/sdk/table/grid"
)

// agree takes what the marks of the last block say of the currencies of their columns. Rows whose amounts are in another
// currency than those before, in one of their columns, are returned with what is wrong with them; unread rows do not
// count. Where there are rows of either kind it takes nothing: the block is added again without them.
func (w *blockWriter) agree(unread []int) map[int]*grid.BadRow {
	type place struct{ row, column int }
	var marked []place
	marks := map[place]mark{}
	together := map[int]money{}
	for i, c := range w.columns {
		numbers, ok := c.(*numbersColumn)
		if !ok || len(numbers.marks) == 0 {
			continue
		}
		together[i] = *numbers.money
		for _, m := range numbers.marks {
			marked = append(marked, place{m.row, i})
			marks[place{m.row, i}] = m.mark
		}
	}
	slices.SortFunc(marked, func(a, b place) int { return cmp.Or(a.row-b.row, a.column-b.column) })
	var bad map[int]*grid.BadRow
	for from := 0; from < len(marked); {
		row, to := marked[from].row, from
		for to < len(marked) && marked[to].row == row {
			to++
		}
		_, skip := slices.BinarySearch(unread, row)
		for _, at := range marked[from:to] {
			so := together[at.column]
			if wrong := so.fits(marks[at]); wrong != nil && !skip {
				if bad == nil {
					bad = map[int]*grid.BadRow{}
				}
				bad[row], skip = wrong, true
			}
		}
		for _, at := range marked[from:to] {
			if so := together[at.column]; !skip {
				so.take(marks[at], func() string { return w.blocks.BlockPlace(row) })
				together[at.column] = so
			}
		}
		from = to
	}
	if len(bad) == 0 && len(unread) == 0 {
		for i, so := range together {
			*w.columns[i].(*numbersColumn).money = so
		}
	}
	return bad
}
