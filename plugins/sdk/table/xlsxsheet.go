package table

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/table/grid"
	"github.com/reconcilehq/reconcile/plugins/sdk/table/workbook"
)

// sheetHeader is a sheet with the row that is its header.
type sheetHeader struct {
	sheet workbook.Sheet
	names []string
	row   int
	first int // the first row with something in it
	fits  error
}

// choose returns the sheet to read and its header. A sheet that people do not see is read only where it is named. Errors
// begin with what comes behind the file's name.
func (r *xlsxRows) choose(s FileSettings, fit grid.Fit) (*sheetHeader, error) {
	sheets := r.book.Sheets()
	if s.Sheet != "" {
		at := slices.IndexFunc(sheets, func(sheet workbook.Sheet) bool { return matched(sheet.Name) == matched(s.Sheet) })
		if at < 0 {
			names := sheetNames(sheets)
			return nil, fmt.Errorf(": there is no sheet %q%s; the sheets are: %s", s.Sheet, suggestion(s.Sheet, names), few(names))
		}
		found, err := r.headerOf(sheets[at], s, fit)
		if err == nil {
			r.tellHeader(s, found)
		}
		return found, err
	}
	var all []*sheetHeader
	var empty, wrong []error
	var fitting []string
	var found *sheetHeader
	for _, sheet := range sheets {
		if sheet.Hidden || !sheet.Cells {
			continue
		}
		h, err := r.headerOf(sheet, s, fit)
		if errors.Is(err, errEmptySheet) {
			empty = append(empty, err)
			continue
		}
		if err != nil {
			return nil, err
		}
		if all = append(all, h); h.fits == nil {
			fitting, found = append(fitting, fmt.Sprintf("%q", sheet.Name)), h
		} else {
			wrong = append(wrong, fmt.Errorf("sheet %q: %w", sheet.Name, h.fits))
		}
	}
	switch {
	case len(all) == 0 && len(empty) > 0:
		return nil, empty[0]
	case len(all) == 0:
		return nil, fmt.Errorf(": it has no sheet that is to be seen; say which to read with sheet = \"...\"; the sheets are: %s", few(sheetNames(sheets)))
	case fit == nil || len(all) == 1:
		found = all[0] // whose columns whoever opened it looks at
	case len(fitting) == 0:
		if more := len(wrong) - mostTold; more > 0 {
			wrong = append(wrong[:mostTold], fmt.Errorf("and %d more", more))
		}
		return nil, fmt.Errorf(": none of its sheets is the table: %w", errors.Join(wrong...))
	case len(fitting) > 1:
		return nil, fmt.Errorf(": the sheets %s all have the needed columns: say which to read with sheet = \"...\"", few(fitting))
	}
	if len(sheets) > 1 {
		r.guess = append(r.guess, grid.Guess{What: fmt.Sprintf("sheet %q of %d", found.sheet.Name, len(sheets)), Setting: "sheet"})
	}
	r.tellHeader(s, found)
	return found, nil
}

func (r *xlsxRows) tellHeader(s FileSettings, found *sheetHeader) {
	if s.HeaderRow == nil && found.row != found.first {
		r.guess = append(r.guess, grid.Guess{What: fmt.Sprintf("header in row %d", found.row), Setting: "header_row"})
	}
}

// mostTold is how many sheets a message names.
const mostTold = 20

// few lists names for a message, the first ones where there are many.
func few(names []string) string {
	if more := len(names) - mostTold; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:mostTold], ", "), more)
	}
	return strings.Join(names, ", ")
}

func sheetNames(sheets []workbook.Sheet) []string {
	names := make([]string, len(sheets))
	for i, sheet := range sheets {
		names[i] = sheet.Name
	}
	return names
}

// rowIn names a row of a sheet; row 0 is before the first.
func rowIn(sheet workbook.Sheet, row int) string {
	if row == 0 {
		return fmt.Sprintf(", sheet %q", sheet.Name)
	}
	return fmt.Sprintf(", sheet %q, row %d", sheet.Name, row)
}

// errEmptySheet is the error of a sheet that has no header to begin with.
var errEmptySheet = errors.New("there is not even a header")

// headerOf finds the header of a sheet. The error is about the sheet; whether the header fits is in the result.
func (r *xlsxRows) headerOf(sheet workbook.Sheet, s FileSettings, fit grid.Fit) (*sheetHeader, error) {
	rows, err := r.book.Rows(sheet)
	if err != nil {
		return nil, fmt.Errorf(", sheet %q: %w%s", sheet.Name, err, savedAnew(err, ""))
	}
	defer rows.Close()
	var names [][]string
	var numbers []int
	for len(names) < grid.HeaderRows {
		err := rows.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w%s", rowIn(sheet, rows.Row()), err, savedAnew(err, ""))
		}
		if s.HeaderRow != nil && rows.Row() != *s.HeaderRow {
			if rows.Row() > *s.HeaderRow {
				break
			}
			continue
		}
		row, err := r.rowTexts(rows)
		if err != nil {
			return nil, fmt.Errorf("%s: %w%s", rowIn(sheet, rows.Row()), err, savedAnew(err, ""))
		}
		if row == nil {
			continue
		}
		names, numbers = append(names, row), append(numbers, rows.Row())
		if s.HeaderRow != nil {
			break
		}
	}
	switch {
	case len(names) == 0 && s.HeaderRow != nil:
		return nil, fmt.Errorf(", sheet %q: row %d, which header_row names, is blank: %w", sheet.Name, *s.HeaderRow, errEmptySheet)
	case len(names) == 0:
		return nil, fmt.Errorf(", sheet %q is empty: %w", sheet.Name, errEmptySheet)
	}
	at, rivals := grid.ChooseHeader(names, fit)
	if len(rivals) > 1 {
		return nil, fmt.Errorf(", sheet %q: rows %d and %d could both be the header: say which with header_row", sheet.Name, numbers[rivals[0]], numbers[rivals[1]])
	}
	found := &sheetHeader{sheet: sheet, names: names[at], row: numbers[at], first: numbers[0]}
	if fit != nil {
		found.fits = fit(names[at])
	}
	return found, nil
}

// rowTexts returns the texts of a row as a header reads them, or nil if the row is blank.
func (r *xlsxRows) rowTexts(rows *workbook.Rows) ([]string, error) {
	var texts []string
	of := *r
	of.rows = rows
	for _, c := range rows.Cells() {
		if !isWritten(c) {
			continue
		}
		text, err := of.cellText(c, sdk.String)
		if err != nil {
			text = c.Stored() // an error value above a column that nobody asks for
		}
		texts = append(texts, make([]string, c.Column-len(texts))...)
		texts = append(texts, text)
	}
	return texts, nil
}
