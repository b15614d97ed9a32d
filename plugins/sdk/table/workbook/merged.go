package workbook

import (
	"cmp"
	"fmt"
	"slices"
)

// Merged are cells of one column that were made one with others: what they show stands in their first row, or in none of them where
// it is in a column before.
type Merged struct {
	Area        string // all of the cells that were made one, A3:A5
	First, Last int    // their rows
	Hidden      int    // the first of these rows whose cell is not shown: First, or the one below
}

// MergedIn returns where cells were made one that are in the column, which is counted from 0, in the order of their first rows. It
// is known when Next has returned io.EOF.
func (r *Rows) MergedIn(column int) []Merged {
	var in []Merged
	for _, a := range r.merged {
		if a.first.column > column+1 || column+1 > a.last.column {
			continue
		}
		m := Merged{a.String(), a.first.row, a.last.row, a.first.row}
		if a.first.column == column+1 {
			m.Hidden++
		}
		in = append(in, m)
	}
	slices.SortFunc(in, func(a, b Merged) int { return cmp.Compare(a.First, b.First) })
	return in
}

// String returns the area as sheets name it.
func (a area) String() string {
	return fmt.Sprintf("%s%d:%s%d", ColumnName(a.first.column-1), a.first.row, ColumnName(a.last.column-1), a.last.row)
}
