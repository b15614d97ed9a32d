package table

import (
	"fmt"
	"math/bits"
	"strings"

	"github.com/reconcilehq/reconcile/plugins/sdk/table/workbook"
)

// beside are the cells of a sheet with something in them that are below no name. Notes beside a table are common, and so is a column that
// lost its name.
type beside struct {
	count int
	first string // B7
}

func (b *beside) add(c workbook.Cell, row int) {
	if b.count++; b.count == 1 {
		b.first = fmt.Sprintf("%s%d", workbook.ColumnName(c.Column), row)
	}
}

// Notes implements noter.
func (r *xlsxRows) Notes() []string {
	switch where := r.name + rowIn(r.sheet, 0); r.beside.count {
	case 0:
		return nil
	case 1:
		return []string{fmt.Sprintf("%s: cell %s is below no name in the header, and was not read", where, r.beside.first)}
	default:
		return []string{fmt.Sprintf("%s: %d cells are below no name in the header, the first is %s; they were not read", where, r.beside.count, r.beside.first)}
	}
}

// isHeader reports whether the row reads as the header in each column that it names.
func (r *xlsxRows) isHeader() bool {
	cells, named := r.rows.Cells(), 0
	for i, name := range r.header {
		if strings.TrimSpace(name) == "" {
			continue
		}
		if at := r.at[i]; at == 0 || cells[at-1].Kind != workbook.Text || cells[at-1].Stored() != name {
			return false
		}
		named++
	}
	return named > 0
}

// emptyCells are the cells of one column with nothing in them, in rows with items: a bit a row.
type emptyCells []uint64

func (e *emptyCells) add(row int) {
	for row>>6 >= len(*e) {
		*e = append(*e, 0)
	}
	(*e)[row>>6] |= 1 << (row & 63)
}

// first returns the first row of these, both included, whose cell is empty; 0 if there is none.
func (e emptyCells) first(from, to int) int {
	for at := from >> 6; at < len(e) && at <= to>>6; at++ {
		word := e[at]
		if at == from>>6 {
			word &= ^uint64(0) << (from & 63)
		}
		if word != 0 {
			if row := at<<6 + bits.TrailingZeros64(word); row <= to {
				return row
			}
			return 0
		}
	}
	return 0
}

// merged returns an error where a cell that was read as empty is one with those of a row above: people see a value there, and it may
// be meant for each of the rows. Rows that are blank but for that are no items. A sheet says behind its rows which cells are merged.
func (r *xlsxRows) merged() error {
	for column, empty := range r.empty {
		if len(empty) == 0 {
			continue
		}
		from := 0 // the rows above have been looked at
		for _, m := range r.rows.MergedDown(column) {
			if m.First <= r.below { // one with the header
				continue
			}
			from = max(from, m.First+1)
			if row := empty.first(from, m.Last); row > 0 {
				return fmt.Errorf("%s: column %q: the cells %s are merged, and row %d has no value of its own there: nobody says whether what they show is meant for this row, too; take the merge away in a spreadsheet program, and write into each row what it has",
					r.name+rowIn(r.sheet, 0), r.header[column], m.Area, row)
			}
			from = max(from, m.Last+1)
		}
	}
	return nil
}
