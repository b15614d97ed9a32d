package spreadsheet

import (
	"fmt"
	"io"
	"strconv"
)

// Layout says how a sheet looks.
type Layout struct {
	Widths []float64 // of the columns, in characters; it also says how many there are
	Frozen int       // how many first columns stay where they are
	Filter bool      // the first row stays where it is, and its columns can be filtered
}

// Sheet is a sheet that is being written, row by row: cells, then EndRow.
type Sheet struct {
	book   *Book
	name   string
	layout Layout
	out    io.Writer
	text   []byte
	rows   int
	column int
	open   bool     // a row was begun
	names  []string // of the columns, as far as they were needed
}

// Rows returns how many rows were ended.
func (s *Sheet) Rows() int { return s.rows }

func (s *Sheet) columns() int { return max(len(s.layout.Widths), 1) }

func (s *Sheet) begin() {
	s.text = append(s.text, xmlHead+`<worksheet xmlns="`+nsMain+`"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr><sheetViews><sheetView workbookViewId="0">`...)
	if s.layout.Filter {
		at := ""
		if s.layout.Frozen > 0 {
			at = fmt.Sprintf(`xSplit="%d" `, s.layout.Frozen)
		}
		pane := "bottomLeft"
		if s.layout.Frozen > 0 {
			pane = "bottomRight"
		}
		s.text = fmt.Appendf(s.text, `<pane %sySplit="1" topLeftCell="%s2" activePane="%s" state="frozen"/>`, at, columnName(s.layout.Frozen), pane)
	}
	s.text = append(s.text, `</sheetView></sheetViews>`...)
	for i, w := range s.layout.Widths {
		if i == 0 {
			s.text = append(s.text, "<cols>"...)
		}
		s.text = fmt.Appendf(s.text, `<col min="%d" max="%d" width="%g" customWidth="1"/>`, i+1, i+1, w)
	}
	if len(s.layout.Widths) > 0 {
		s.text = append(s.text, "</cols>"...)
	}
	s.text = append(s.text, "<sheetData>"...)
}

func (s *Sheet) end() {
	s.text = append(s.text, "</sheetData>"...)
	all := fmt.Sprintf("A1:%s%d", columnName(s.columns()-1), max(s.rows, 1))
	if s.layout.Filter {
		s.text = fmt.Appendf(s.text, `<autoFilter ref="%s"/>`, all)
	}
	// On paper all columns stand side by side, on as many pages as the rows take.
	s.text = append(s.text, `<pageMargins left="0.4" right="0.4" top="0.5" bottom="0.5" header="0.3" footer="0.3"/>`+
		`<pageSetup orientation="landscape" fitToWidth="1" fitToHeight="0"/>`...)
	// No green corners at SKUs that look like numbers.
	s.text = fmt.Appendf(s.text, `<ignoredErrors><ignoredError sqref="%s" numberStoredAsText="1"/></ignoredErrors></worksheet>`, all)
}

// cell begins a cell, up to the bracket that ends its tag.
func (s *Sheet) cell(style int) {
	if !s.open {
		s.open = true
		s.text = append(strconv.AppendInt(append(s.text, `<row r="`...), int64(s.rows+1), 10), `">`...)
	}
	if s.column == len(s.names) {
		s.names = append(s.names, columnName(s.column))
	}
	s.text = append(append(s.text, `<c r="`...), s.names[s.column]...)
	s.text = strconv.AppendInt(s.text, int64(s.rows+1), 10)
	s.text = append(s.text, `" s="`...)
	s.text = strconv.AppendInt(s.text, int64(style), 10)
	s.text = append(s.text, '"')
	s.column++
}

// Text writes a cell with a text. What XML forbids becomes �; a text that is longer than a cell can be is cut and says so.
func (s *Sheet) Text(style int, text string) {
	if text == "" {
		s.Skip()
		return
	}
	s.cell(style)
	s.text = append(s.text, ` t="inlineStr"><is>`...)
	s.text = append(appendText(s.text, text), `</is></c>`...)
}

// Word writes a cell with a text that many cells have: it stands once in the file.
func (s *Sheet) Word(style int, text string) {
	if text == "" {
		s.Skip()
		return
	}
	s.cell(style)
	s.text = strconv.AppendInt(append(s.text, ` t="s"><v>`...), int64(s.book.word(text)), 10)
	s.text = append(s.text, `</v></c>`...)
}

// Number writes a cell with a decimal number. One that spreadsheets cannot hold to its last digit is written as a text.
func (s *Sheet) Number(style int, number []byte) {
	s.cell(style)
	if !exact(number) {
		s.text = append(append(append(s.text, ` t="inlineStr"><is><t>`...), number...), `</t></is></c>`...)
		return
	}
	s.text = append(append(append(s.text, `><v>`...), number...), `</v></c>`...)
}

// Bool writes a cell with a truth.
func (s *Sheet) Bool(style int, truth bool) {
	s.cell(style)
	digit := byte('0')
	if truth {
		digit = '1'
	}
	s.text = append(append(append(s.text, ` t="b"><v>`...), digit), `</v></c>`...)
}

// Skip leaves a cell empty.
func (s *Sheet) Skip() { s.column++ }

// EndRow ends the row, empty or not.
func (s *Sheet) EndRow() error {
	if s.open {
		s.text = append(s.text, "</row>"...)
	}
	s.open, s.column = false, 0
	if s.rows++; s.rows > MaxRows {
		return fmt.Errorf("sheet %q has more than %d rows", s.name, MaxRows)
	}
	if len(s.text) < 64<<10 {
		return nil
	}
	return s.flush()
}

func (s *Sheet) flush() error {
	_, err := s.out.Write(s.text)
	s.text = s.text[:0]
	return err
}

// exact reports whether a decimal has no more digits than spreadsheets keep.
func exact(number []byte) bool {
	const digits, length = 15, 100
	n, zeros := 0, 0
	for _, c := range number {
		switch {
		case c == '0' && n > 0:
			zeros++
		case '1' <= c && c <= '9':
			n += zeros + 1
			zeros = 0
		}
	}
	return n <= digits && len(number) <= length
}

// columnName returns a column's letters: A for 0.
func columnName(column int) string {
	name := ""
	for column++; column > 0; column = (column - 1) / 26 {
		name = string(rune('A'+(column-1)%26)) + name
	}
	return name
}
