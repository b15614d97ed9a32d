package workbook

import (
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"
)

// formatter shows values as spreadsheet programs do. It is a workbook of its own, in memory, with one cell for each
// number format; nothing of the file that is read is in it but formats and the number that is shown.
type formatter struct {
	book  *excelize.File
	cells map[numberFormat]string
	texts map[numberFormat]string // how a format shows a text, with mark for it
}

const (
	scratch = "Sheet1" // the sheet of a new workbook
	mark    = "\ue000" // stands for a text, to see what a format puts around it
)

func newFormatter(date1904 bool) (*formatter, error) {
	f := &formatter{excelize.NewFile(), map[numberFormat]string{}, map[numberFormat]string{}}
	return f, f.book.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &date1904})
}

// number shows a number, as it is stored.
func (f *formatter) number(as numberFormat, stored string) (string, error) {
	at, err := f.cell(as)
	if err == nil {
		err = f.book.SetCellDefault(scratch, at, stored)
	}
	if err != nil {
		return "", err
	}
	return f.book.GetCellValue(scratch, at)
}

// text shows a text. A format that would hide it does not, and the blanks by which one aligns it do not count.
func (f *formatter) text(as numberFormat, stored string) (string, error) {
	if !as.own || !strings.Contains(as.code, "@") {
		return stored, nil
	}
	shown, ok := f.texts[as]
	if !ok {
		var err error
		if shown, err = f.number(as, mark); err != nil {
			return "", err
		}
		if shown = strings.TrimSpace(shown); !strings.Contains(shown, mark) {
			shown = mark
		}
		f.texts[as] = shown
	}
	return strings.ReplaceAll(shown, mark, stored), nil
}

// cell returns the cell that has the format.
func (f *formatter) cell(as numberFormat) (string, error) {
	if at, ok := f.cells[as]; ok {
		return at, nil
	}
	style := &excelize.Style{NumFmt: as.id}
	if as.own {
		style = &excelize.Style{CustomNumFmt: &as.code}
	}
	id, err := f.book.NewStyle(style)
	if err != nil {
		return "", fmt.Errorf("number format %q: %w", as.code, err)
	}
	at := fmt.Sprintf("A%d", len(f.cells)+1)
	f.cells[as] = at
	return at, f.book.SetCellStyle(scratch, at, at, id)
}
