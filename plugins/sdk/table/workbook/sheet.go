package workbook

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// The size of a sheet.
const (
	mostRows    = 1 << 20
	mostColumns = 1 << 14
	mostRow     = 64 << 20 // bytes of the texts in one row
)

// Rows are the rows of a sheet, those that are there. Every error of Next is for good.
type Rows struct {
	book *Book
	part *part
	scan *scanner
	err  error

	told     area // what the sheet says it covers
	inside   bool // of the sheet's data
	over     bool // the data has ended
	row      int
	data     bool // where a table has its totals, the row has something that is none
	cells    []Cell
	texts    []byte
	totals   []totals // of tables, which are no data
	tableIDs map[string]bool
	merged   []area // cells that were made one
}

// Rows begins to read a sheet.
func (b *Book) Rows(sheet Sheet) (*Rows, error) {
	if !sheet.Cells {
		return nil, fmt.Errorf("sheet %q has no cells: it is a chart or a dialog; name another", sheet.Name)
	}
	if is := b.types.of(sheet.part); is != "worksheet+xml" && b.archive.has(sheet.part) {
		return nil, fmt.Errorf("its part %s is named as a sheet, but listed as %q", sheet.part, is)
	}
	r := &Rows{book: b}
	var err error
	if r.totals, r.tableIDs, err = b.readTables(sheet.part); err != nil {
		return nil, err
	}
	if r.part, err = b.archive.open(sheet.part, mostSheet); err != nil {
		return nil, err
	}
	r.scan = newScanner(r.part)
	return r, nil
}

// Close gives up the sheet.
func (r *Rows) Close() { r.part.close() }

// Row is the number of the row that Next came to, counted from 1. Before the first it is 0; after an error, the row
// that could not be read or the last one before.
func (r *Rows) Row() int { return r.row }

// Cells are the cells of the row that Next came to, in the order of their columns. Those that were never written to
// are not among them. The slice is good until the next call of Next.
func (r *Rows) Cells() []Cell { return r.cells }

// Next steps to the next row. It returns io.EOF behind the last one, and only if the sheet is whole.
func (r *Rows) Next() error {
	if r.err == nil {
		r.err = r.next()
	}
	return r.err
}

func (r *Rows) next() error {
	r.cells, r.texts = r.cells[:0], r.texts[:0]
	for !r.over {
		k, err := r.scan.next()
		switch {
		case err != nil:
			return r.part.wrap(err)
		case k == done:
			return r.part.wrap(errors.New("it has no <sheetData>"))
		case k == closing:
			r.over = r.inside
		case k == chars && !isSpace(r.scan.text):
			return r.part.wrap(r.scan.wrong("there is text outside of the cells"))
		case k != opening:
		case r.inside:
			if r.scan.space != main || string(r.scan.name) != "row" {
				return r.part.wrap(r.scan.wrong("<%s> does not belong there", shortened(r.scan.name)))
			}
			if err := r.readRow(); err != nil {
				return r.wrap(err)
			}
			return nil
		default:
			if err := r.beside(); err != nil {
				return r.part.wrap(err)
			}
		}
	}
	return r.finish()
}

// wrap tells the sheet's own mistakes from the part's damage: both have a place.
func (r *Rows) wrap(err error) error {
	var wrong *cellError
	if errors.As(err, &wrong) || errors.Is(err, ErrTooLarge) {
		return err
	}
	return r.part.wrap(err)
}

// sheetParts are what a sheet may have in it.
var sheetParts = set("sheetPr dimension sheetViews sheetFormatPr cols sheetData sheetCalcPr sheetProtection protectedRanges scenarios autoFilter " +
	"sortState dataConsolidate customSheetViews mergeCells phoneticPr conditionalFormatting dataValidations hyperlinks printOptions pageMargins " +
	"pageSetup headerFooter rowBreaks colBreaks customProperties cellWatches ignoredErrors smartTags drawing legacyDrawing legacyDrawingHF drawingHF " +
	"picture oleObjects controls webPublishItems tableParts extLst")

// beside reads an element that is not within the sheet's data.
func (r *Rows) beside() error {
	s := r.scan
	switch name := string(s.name); {
	case s.depth() == 1:
		if s.space != main || name != "worksheet" {
			return s.wrong("its root element is <%s>", shortened(s.name))
		}
		return nil
	case s.space != main:
		return s.skip()
	case s.depth() == 2 && !sheetParts[name]:
		return s.wrong("<%s> does not belong there", shortened(s.name))
	case s.depth() == 2 && name == "sheetData":
		if r.over {
			return s.wrong("there is a second <sheetData>")
		}
		r.inside = true
	case s.depth() == 2 && name == "dimension":
		ref, _ := s.attr("ref")
		var ok bool
		if r.told, ok = parseArea(ref); !ok {
			return s.wrong("the sheet's dimension is %q", ref)
		}
	case s.depth() == 2 && (name == "tableParts" || name == "mergeCells"):
		return nil // with <tablePart> or <mergeCell> in it
	case s.depth() == 3 && name == "mergeCell":
		ref, _ := s.attr("ref")
		cells, ok := parseArea(ref)
		if !ok {
			return s.wrong("cells are merged as %q", ref)
		}
		r.merged = append(r.merged, cells)
	case name == "tablePart":
		if id, _ := s.attrIn(relations, "id"); !r.tableIDs[id] {
			return s.wrong("table %q is in no part", id)
		}
	default:
		return s.skip()
	}
	return nil
}

// finish reads what stands behind the rows, to the end of the part, and holds the rows against what was promised.
func (r *Rows) finish() error {
	r.inside = false
	for {
		k, err := r.scan.next()
		if err == nil && k == opening {
			err = r.beside()
		}
		if err != nil {
			return r.part.wrap(err)
		}
		if k == done {
			break
		}
	}
	if last := r.told.last.row; last > r.row && last < mostRows && r.told.first != r.told.last {
		return fmt.Errorf("it ends with row %d, but says that it has rows up to %d: some may have been lost; open it in a spreadsheet program, look, and save it anew", r.row, last)
	}
	return io.EOF
}

// readRow reads the row that was just opened.
func (r *Rows) readRow() error {
	s := r.scan
	row := r.row + 1
	if told, ok := s.attr("r"); ok {
		n, err := strconv.Atoi(told)
		if err != nil || n <= r.row {
			return s.wrong("row %q comes after row %d", told, r.row)
		}
		row = n
	}
	if row > mostRows {
		return s.wrong("row %d is beyond the last that a sheet can have", row)
	}
	r.row, r.data = row, false
	for {
		k, err := s.next()
		switch {
		case err != nil:
			return err
		case k == closing:
			r.leaveTotals()
			r.settleTexts()
			return nil
		case k == chars && !isSpace(s.text):
			return s.wrong("there is text outside of the cells")
		case k != opening:
		case s.space == main && string(s.name) == "c":
			if err := r.readCell(); err != nil {
				return err
			}
		case s.space == main && string(s.name) == "extLst":
			if err := s.skip(); err != nil {
				return err
			}
		default:
			return s.wrong("<%s> does not belong there", shortened(s.name))
		}
	}
}

// settleTexts makes strings of the row's texts, all in one.
func (r *Rows) settleTexts() {
	all := string(r.texts)
	for i := range r.cells {
		if c := &r.cells[i]; !c.shared {
			c.stored = all[c.from:c.to]
		}
	}
}

// area is a rectangle of cells, both corners included.
type area struct{ first, last place }

// place is where a cell stands, counted from 1. The zero place is nowhere.
type place struct{ column, row int }

// parsePlace reads A1.
func parsePlace(ref string) (place, bool) {
	var p place
	i := 0
	for ; i < len(ref) && 'A' <= ref[i] && ref[i] <= 'Z' && i < 4; i++ {
		p.column = p.column*26 + int(ref[i]-'A') + 1
	}
	if i == 0 || i == len(ref) || ref[i] == '0' {
		return p, false
	}
	for ; i < len(ref) && '0' <= ref[i] && ref[i] <= '9' && p.row <= mostRows; i++ {
		p.row = p.row*10 + int(ref[i]-'0')
	}
	return p, i == len(ref) && p.row <= mostRows && p.column <= mostColumns
}

// parseArea reads A1:C3, or A1 for the cell alone.
func parseArea(ref string) (area, bool) {
	from, to, isRange := strings.Cut(ref, ":")
	first, ok := parsePlace(from)
	if !isRange {
		return area{first, first}, ok
	}
	last, also := parsePlace(to)
	return area{first, last}, ok && also && first.row <= last.row && first.column <= last.column
}

// Astray reports whether a cell of the current row is in a column outside of what the sheet says it covers, though its
// row is not. Programs that add to a sheet may forget to say so, but then add rows, or columns with a header.
func (r *Rows) Astray(c Cell) bool {
	t := r.told
	return t.first != t.last && t.first.row <= r.row && r.row <= t.last.row && !t.has(place{c.Column + 1, r.row})
}

func (a area) has(p place) bool {
	return a.first.row <= p.row && p.row <= a.last.row && a.first.column <= p.column && p.column <= a.last.column
}

// ColumnName returns the letters of a column, which is counted from 0.
func ColumnName(column int) string {
	name := ""
	for n := column + 1; n > 0; n = (n - 1) / 26 {
		name = string(rune('A'+(n-1)%26)) + name
	}
	return name
}
