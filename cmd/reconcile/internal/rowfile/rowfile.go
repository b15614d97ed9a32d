// Package rowfile writes rows of texts and numbers to a file that people open, or that another program imports: CSV or XLSX.
package rowfile

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/report/spreadsheet"
)

// The formats.
const (
	CSV  = "csv"
	XLSX = "xlsx"
)

// FormatOf returns the format of a file by its name.
func FormatOf(path string) (format string, ok bool) {
	switch ext := strings.ToLower(filepath.Ext(path)); ext {
	case ".csv", ".xlsx":
		return ext[1:], true
	}
	return "", false
}

// CheckNew refuses the place of a file that is there already: flag names it, and why says what would be lost.
func CheckNew(flag, path, why string) error {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: there is a file %s already, %s: give a new name", flag, path, why)
	}
	return nil
}

// Cell is a text, or a number, which is "" if it is not known.
type Cell struct {
	Text   string
	Number bool
}

// Column is a column.
type Column struct {
	Name string
	Wide float64 // in a workbook, in characters
}

// Table is what a file has.
type Table struct {
	Title   string // of the sheet
	Columns []Column
	Rows    func(take func([]Cell) error) error // hands over row by row; take keeps none

	Raw bool // CSV: texts stay as they are, also those that a spreadsheet takes for formulas
	BOM bool // CSV: it begins with a byte order mark, by which Excel knows that the text is UTF-8
}

// Write writes the table in a format.
func (t *Table) Write(w io.Writer, format string) error {
	buffered := bufio.NewWriter(w)
	write := t.csv
	if format == XLSX {
		write = t.workbook
	}
	if err := write(buffered); err != nil {
		return err
	}
	return buffered.Flush()
}

func (t *Table) csv(w *bufio.Writer) error {
	if t.BOM {
		if _, err := w.WriteString("\ufeff"); err != nil {
			return err
		}
	}
	out := csv.NewWriter(w)
	fields := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		fields[i] = c.Name
	}
	if err := out.Write(fields); err != nil {
		return err
	}
	if err := t.Rows(func(row []Cell) error {
		for i, c := range row {
			if fields[i] = c.Text; !c.Number && !t.Raw {
				fields[i] = report.Disarmed(c.Text)
			}
		}
		return out.Write(fields)
	}); err != nil {
		return err
	}
	out.Flush()
	return out.Error()
}

// The styles of cells in a workbook.
const (
	plainStyle = iota
	headStyle
	numberStyle
)

func (t *Table) workbook(w *bufio.Writer) error {
	book := spreadsheet.New(w, []spreadsheet.Style{plainStyle: {}, headStyle: {Bold: true}, numberStyle: {Number: true}})
	layout := spreadsheet.Layout{Filter: true, Frozen: 1}
	for _, c := range t.Columns {
		layout.Widths = append(layout.Widths, c.Wide)
	}
	sheet, err := book.Sheet(t.Title, layout)
	if err != nil {
		return err
	}
	for _, c := range t.Columns {
		sheet.Text(headStyle, c.Name)
	}
	if err := sheet.EndRow(); err != nil {
		return err
	}
	if err := t.Rows(func(row []Cell) error {
		for _, c := range row {
			if c.Number {
				sheet.Number(numberStyle, []byte(c.Text))
			} else {
				sheet.Text(plainStyle, c.Text)
			}
		}
		return sheet.EndRow()
	}); err != nil {
		return err
	}
	return book.Close()
}
