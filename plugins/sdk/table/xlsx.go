package table

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// xlsxRows are the rows of a workbook's sheet. The sheet is streamed twice side by side: as what is stored, which has
// the exact numbers, and as what people see, which has the texts.
type xlsxRows struct {
	name, sheet string
	content     *content
	book        *excelize.File

	stored, shown *excelize.Rows
	header        []string
	row           int // the sheet's number of the current row
}

// openXLSX reads the header of the named sheet, or of the first one. The rows own the content from then on, unless
// there is an error.
func openXLSX(name string, c *content, sheet string) (*xlsxRows, []string, error) {
	book, err := excelize.OpenReader(io.NewSectionReader(c, 0, c.size))
	switch {
	case err != nil && isCompound(c):
		return nil, nil, fmt.Errorf("%s is protected by a password or in the format of old Excel versions: save it as a plain XLSX workbook", name)
	case err != nil:
		return nil, nil, fmt.Errorf("%s cannot be read as an XLSX workbook: %w", name, err)
	}
	r := &xlsxRows{name: name, content: c, book: book}
	header, err := r.open(sheet)
	if err != nil {
		_ = book.Close()
		return nil, nil, err
	}
	return r, header, nil
}

func (r *xlsxRows) open(sheet string) ([]string, error) {
	sheets := r.book.GetSheetList()
	at := 0
	if sheet != "" {
		at = slices.IndexFunc(sheets, func(s string) bool { return matched(s) == matched(sheet) })
	}
	if at < 0 || at >= len(sheets) {
		return nil, fmt.Errorf("%s: there is no sheet %q%s; the sheets are: %s", r.name, sheet, suggestion(sheet, sheets), strings.Join(sheets, ", "))
	}
	r.sheet = sheets[at]
	return r.start()
}

// start begins at the sheet's start and returns the header.
func (r *xlsxRows) start() ([]string, error) {
	r.row = 0
	var err error
	if r.stored, err = r.book.Rows(r.sheet); err != nil {
		return nil, fmt.Errorf("%s: %w", r.name, err)
	}
	if r.shown, err = r.book.Rows(r.sheet); err != nil {
		return nil, fmt.Errorf("%s: %w", r.name, err)
	}
	_, header, err := r.next()
	if err == io.EOF {
		return nil, fmt.Errorf("%s, sheet %q is empty: there is not even a header", r.name, r.sheet)
	}
	r.header = header
	return header, err
}

// next returns the next row that is not blank, as stored and as shown. Cells at its end may be missing.
func (r *xlsxRows) next() (stored, shown []string, err error) {
	for r.stored.Next() {
		r.row++
		if !r.shown.Next() {
			return nil, nil, fmt.Errorf("%s: the sheet cannot be read a second time", r.Place())
		}
		if stored, err = r.stored.Columns(excelize.Options{RawCellValue: true}); err == nil {
			shown, err = r.shown.Columns()
		}
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", r.Place(), err)
		}
		if !isBlank(stored) {
			return stored, shown, nil
		}
	}
	if err := errors.Join(r.stored.Error(), r.shown.Error()); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", r.Place(), err)
	}
	return nil, nil, io.EOF
}

// Next implements Rows. Cells in columns that the header does not have are ignored.
func (r *xlsxRows) Next(want []Cell, got []string) error {
	stored, shown, err := r.next()
	if err == io.EOF {
		if err := r.content.unchanged(); err != nil {
			return err
		}
	}
	if err != nil {
		return err
	}
	for i, c := range want {
		got[i] = ""
		if c.Column >= len(stored) {
			continue
		}
		text := stored[c.Column]
		if isErrorValue(text) {
			return &BadRow{Column: r.header[c.Column], Err: fmt.Errorf("the cell shows the error %s", text)}
		}
		visible := text
		if c.Column < len(shown) {
			visible = shown[c.Column]
		}
		if c.Type == sdk.Number {
			got[i] = storedNumber(text)
		} else {
			got[i] = cellText(text, visible)
		}
	}
	return nil
}

// Rewind starts again with the first row.
func (r *xlsxRows) Rewind() error {
	if err := r.closeRows(); err != nil {
		return err
	}
	_, err := r.start()
	return err
}

func (r *xlsxRows) closeRows() error {
	return errors.Join(r.stored.Close(), r.shown.Close())
}

// Place implements Rows.
func (r *xlsxRows) Place() string { return fmt.Sprintf("%s, sheet %q, row %d", r.name, r.sheet, r.row) }

// Close implements Rows.
func (r *xlsxRows) Close() error {
	return errors.Join(r.closeRows(), r.book.Close(), r.content.close())
}

// isCompound reports whether the file is an OLE compound file, as old and encrypted workbooks are.
func isCompound(c *content) bool {
	var head [4]byte
	_, err := c.ReadAt(head[:], 0)
	return err == nil && string(head[:]) == "\xD0\xCF\x11\xE0"
}

// isBlank reports whether a row has nothing in it.
func isBlank(record []string) bool {
	for _, field := range record {
		if strings.TrimSpace(field) != "" {
			return false
		}
	}
	return true
}
