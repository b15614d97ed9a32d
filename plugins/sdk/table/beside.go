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

// rowSet are rows of a sheet: a bit a row.
type rowSet []uint64

func (s *rowSet) add(row int) {
	for row>>6 >= len(*s) {
		*s = append(*s, 0)
	}
	(*s)[row>>6] |= 1 << (row & 63)
}

// word returns the bits of rows 64*at to 64*at+63.
func (s rowSet) word(at int) uint64 {
	if at < len(s) {
		return s[at]
	}
	return 0
}

// first returns the first row of these, both included, that is in the set and not in except; 0 if there is none.
func (s rowSet) first(from, to int, except rowSet) int {
	for at := from >> 6; at < len(s) && at <= to>>6; at++ {
		word := s[at] &^ except.word(at)
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

// merged returns an error where people see another value than was read, since cells are one with others. A cell that was read as empty
// may be one with those of a row above: people see a value there, and it may be meant for each of the rows. And a cell that is not
// shown may hold a value of its own, which programs keep or not when they merge cells. Rows that are blank but for that are no items. A
// sheet says behind its rows which cells are merged.
func (r *xlsxRows) merged() error {
	for column, asked := range r.asked {
		if !asked {
			continue
		}
		from, seen := 0, 0 // the rows above have been looked at
		for _, m := range r.rows.MergedIn(column) {
			seen = max(seen, m.Hidden, r.below)
			if row := r.items.first(seen, m.Last, r.empty[column]); row > 0 {
				return fmt.Errorf("%s: column %q: the cells %s are merged, and what they hide is read: the value of row %d, where people see another or none; take the merge away in a spreadsheet program, and look which is right",
					r.name+rowIn(r.sheet, 0), r.header[column], m.Area, row)
			}
			seen = max(seen, m.Last+1)
			if m.First == m.Last || m.First <= r.below { // within one row, or with the header
				continue
			}
			from = max(from, m.First+1)
			if row := r.empty[column].first(from, m.Last, nil); row > 0 {
				return fmt.Errorf("%s: column %q: the cells %s are merged, and row %d has no value of its own there: nobody says whether what they show is meant for this row, too; take the merge away in a spreadsheet program, and write into each row what it has",
					r.name+rowIn(r.sheet, 0), r.header[column], m.Area, row)
			}
			from = max(from, m.Last+1)
		}
	}
	return nil
}
