package table

import (
	"fmt"
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
