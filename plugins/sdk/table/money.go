package table

import (
	"fmt"
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
