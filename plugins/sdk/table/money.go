package table

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/sdk/table/grid"
)

// money is what the marks of the amounts in one field have said so far. Amounts without a mark fit any currency.
type money struct {
	column string // the column's name, for messages
	none   string // why the field's numbers are no amounts, "" if they can be
	is     catalog.Currency
	mark   string // that said so, as it stands in the table
	where  string // it stands
}

// mark is a currency's mark as it stands at an amount.
type mark struct {
	is   catalog.Currency
	text string
}

// noAmount says what the numbers of a known field are that are no amounts of money; "" of all other fields.
func noAmount(field string) string {
	switch unit := catalog.UnitOf(field); unit {
	case catalog.NoUnit, catalog.Money:
		return ""
	default:
		return unit.String()
	}
}

// fits says why a mark cannot stand in the field; nil if it can.
func (m *money) fits(mk mark) *grid.BadRow {
	if mk.is == "" {
		return nil
	}
	if m.none != "" {
		return &grid.BadRow{Column: m.column, Err: fmt.Errorf("%s is an amount of money, and the field is %s", grid.Quote(mk.text), m.none)}
	}
	if _, ok := m.is.Meet(mk.is); !ok {
		return &grid.BadRow{Column: m.column, Err: fmt.Errorf("%s is an amount in another currency than %s (%s): amounts in one column are of one currency",
			grid.Quote(mk.text), grid.Quote(m.mark), m.where)}
	}
	return nil
}

// says reports whether a mark fits, and says no more than those before.
func (m *money) says(mk mark) bool {
	is, ok := m.is.Meet(mk.is)
	return ok && is == m.is && m.none == ""
}

// take takes a mark that fits. where says where it stands; it is asked only where the mark says more than those before.
func (m *money) take(mk mark, where func() string) {
	if is, _ := m.is.Meet(mk.is); is != m.is {
		m.is, m.mark, m.where = is, strings.Clone(mk.text), where()
	}
}

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
