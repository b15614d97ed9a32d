package table

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/table/content"
	"github.com/reconcilehq/reconcile/plugins/sdk/table/grid"
	"github.com/reconcilehq/reconcile/plugins/sdk/table/workbook"
)

var xlsxFormat = fileFormat{
	name: "xlsx", title: "XLSX", suffixes: []string{".xlsx", ".xlsm", ".xltx", ".xltm"},
	not: map[string]refusal{
		"delimiter": {"a workbook has no delimiter", "Leave it out."},
		"quote":     {"a workbook has no quotes around its fields", "Leave it out."},
		"encoding":  {"a workbook has its own encoding", "Leave it out."},
	},
	reader: func(s FileSettings) fileReader { return &workbookReader{s} },
}

// workbookReader opens a workbook.
type workbookReader struct{ settings FileSettings }

func (w *workbookReader) open(ctx context.Context, name string, c *content.Content, fit grid.Fit) (grid.Rows, []string, error) {
	rows, header, err := openXLSX(ctx, name, c, w.settings, fit)
	if err != nil {
		return nil, nil, err
	}
	return rows, header, nil
}

func (w *workbookReader) facts(rows grid.Rows) []sdk.Fact {
	return []sdk.Fact{{Name: "format", Value: "workbook"}, {Name: "sheet", Value: rows.(*xlsxRows).sheet.Name}}
}

// xlsxRows are the rows of a workbook's sheet, from the one behind its header on.
type xlsxRows struct {
	ctx     context.Context
	name    string
	content *content.Content
	book    *workbook.Book
	guess   []grid.Guess
	decimal string // what starts the decimals of the numbers that Next hands on, and of those in texts

	sheet  workbook.Sheet
	rows   *workbook.Rows
	header []string
	below  int                               // the row that the header is in
	money  map[*workbook.Format]*formatMoney // what the formats of cells say of the currency of their numbers
	at     []int                             // for each column of the header, which of the row's cells is its, counted from 1
	beside beside
	items  rowSet           // that Next came to, and the header
	asked  []bool           // by column: whether Next was asked for it
	empty  []rowSet         // by column: the items that have nothing in it
	units  map[int]unitSeen // by column: what the formats of weights and lengths name
	astray bool             // some of the header is outside of what the sheet says it covers
}

// openXLSX finds the sheet and its header, and returns the rows below and the names of the columns. The rows own the
// content from then on, unless there is an error.
func openXLSX(ctx context.Context, name string, c *content.Content, s FileSettings, fit grid.Fit) (*xlsxRows, []string, error) {
	book, err := workbook.Open(&cancelled{ctx, c}, c.Size)
	switch {
	case ctx.Err() != nil:
		return nil, nil, context.Cause(ctx)
	case err != nil && c.BeginsWith("\xD0\xCF\x11\xE0"):
		return nil, nil, fmt.Errorf("%s is protected by a password or in the format of old Excel versions: save it as a plain XLSX workbook", name)
	case err != nil && c.Size == 0:
		return nil, nil, fmt.Errorf("%s is empty and no XLSX workbook: export it anew", name)
	case err != nil && !c.BeginsWith("PK"):
		return nil, nil, fmt.Errorf("%s is no XLSX workbook, whatever its name says; if it is a text, such as CSV, say so with format = \"csv\", else open it in a spreadsheet program and save it as XLSX: %w", name, err)
	case err != nil:
		return nil, nil, fmt.Errorf("%s cannot be read as an XLSX workbook: %w%s", name, err, savedAnew(err, " as XLSX"))
	}
	r := &xlsxRows{ctx: ctx, name: name, content: c, book: book, money: map[*workbook.Format]*formatMoney{}, decimal: cmp.Or(s.Decimal, ".")}
	found, err := r.choose(s, fit)
	if ctx.Err() != nil {
		return nil, nil, context.Cause(ctx)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%s%w", name, err)
	}
	r.sheet, r.header, r.below = found.sheet, found.names, found.row
	r.at, r.asked, r.empty = make([]int, len(r.header)), make([]bool, len(r.header)), make([]rowSet, len(r.header))
	if err := r.start(); err != nil {
		return nil, nil, err
	}
	return r, r.header, nil
}

// cancelled is a content that cannot be read any more when ctx is done: a small file can hold a large sheet.
type cancelled struct {
	ctx context.Context
	io.ReaderAt
}

// ReadAt implements io.ReaderAt.
func (c *cancelled) ReadAt(into []byte, at int64) (int, error) {
	if c.ctx.Err() != nil {
		return 0, context.Cause(c.ctx)
	}
	return c.ReaderAt.ReadAt(into, at)
}

// start steps to the header.
func (r *xlsxRows) start() (err error) {
	if r.rows, err = r.book.Rows(r.sheet); err != nil {
		return fmt.Errorf("%s, sheet %q: %w%s", r.name, r.sheet.Name, err, savedAnew(err, ""))
	}
	for r.rows.Row() < r.below {
		if err := r.rows.Next(); err != nil { // the header was there before
			r.rows.Close()
			return fmt.Errorf("%s: %w%s", r.Place(), err, savedAnew(err, ""))
		}
	}
	r.astray = slices.ContainsFunc(r.rows.Cells(), r.rows.Astray)
	r.items.add(r.below)
	return nil
}

// Next implements grid.Rows. Cells in columns that the header does not name are ignored.
func (r *xlsxRows) Next(want []grid.Cell, got []string) error {
	if err := r.next(); err != nil {
		return err
	}
	cells := r.rows.Cells()
	r.items.add(r.rows.Row())
	var bad *grid.BadRow
	for i, c := range want {
		got[i], r.asked[c.Column] = "", true
		at := r.at[c.Column]
		if at == 0 || !isWritten(cells[at-1]) {
			r.empty[c.Column].add(r.rows.Row())
		}
		if at == 0 || cells[at-1].Kind == workbook.Empty {
			continue
		}
		text, err := r.text(cells[at-1], c)
		if err != nil {
			text = ""
			if bad == nil {
				bad = &grid.BadRow{Column: r.header[c.Column], Err: err}
			}
		}
		got[i] = text
	}
	if bad != nil {
		return bad
	}
	return nil
}

// IsText reports whether the cell of the last row that is in a column holds a text.
func (r *xlsxRows) IsText(column int) bool {
	at := r.at[column]
	return at > 0 && r.rows.Cells()[at-1].Kind == workbook.Text
}

// savedAnew is what to do about a workbook that is damaged, unless its error says so.
func savedAnew(err error, as string) string {
	if text := err.Error(); strings.Contains(text, "save it anew") || strings.Contains(text, "name another") {
		return ""
	}
	return "; open it in a spreadsheet program and save it anew" + as
}

// text returns the text of a cell as its field reads it. A number that the cell holds, which no setting is about, is written
// as the texts are, so that both are read alike. The currency that a number's format names is a fact like one that
// stands in a text.
func (r *xlsxRows) text(c workbook.Cell, want grid.Cell) (string, error) {
	text, err := r.cellText(c, want.Type)
	if err != nil || want.Type != sdk.Number || c.Kind != workbook.Number {
		return text, err
	}
	if r.rows.IsMoment(c) {
		shown, _, _ := r.rows.Shown(c)
		return "", fmt.Errorf("the cell holds a date or a time, %s, and no number: if it was typed as one, type it again and give the cell a format for numbers", shown)
	}
	if another, inWords := r.rows.ShowsAnother(c); another && (want.Measure || !inWords) {
		return "", fmt.Errorf("the cell holds %s, and its number format shows another number, such as one in thousands, with digits or with a sign beside it: give the cell a format that shows the number itself", text)
	}
	if r.decimal != "." {
		text = strings.Replace(text, ".", r.decimal, 1)
	}
	if inUnit, err := r.measured(c, want); err != nil || inUnit {
		return text, err
	}
	money := r.moneyOf(c)
	switch {
	case money == nil:
		return text, nil
	case money.err != nil:
		return "", money.err
	case want.Money && money.words != "":
		return "", fmt.Errorf("the cell's number format puts %s beside the amount, which is no currency that is known: have it name one by its ISO code, such as EUR, or none", grid.Quote(money.words))
	case money.mark == "":
		return text, nil
	}
	return money.mark + " " + text, nil
}

// moneyOf returns what the format of a cell's number says of its currency; nil if it adds nothing to it.
func (r *xlsxRows) moneyOf(c workbook.Cell) *formatMoney {
	f := r.rows.Format(c)
	if f == nil {
		return nil
	}
	money, known := r.money[f]
	if !known {
		m := moneyOf(f)
		money = &m
		r.money[f] = money
	}
	return money
}

// next steps to the next row that is not blank and looks which of its cells is in which column.
func (r *xlsxRows) next() error {
	for {
		err := r.rows.Next()
		if err == io.EOF {
			if err := r.content.Unchanged(); err != nil {
				return err
			}
			if err := r.merged(); err != nil {
				return err
			}
			return io.EOF
		}
		if r.ctx.Err() != nil {
			return context.Cause(r.ctx)
		}
		if err != nil {
			return fmt.Errorf("%s: %w%s", r.Place(), err, savedAnew(err, ""))
		}
		clear(r.at)
		blank := true
		for i, c := range r.rows.Cells() {
			named := c.Column < len(r.header) && strings.TrimSpace(r.header[c.Column]) != ""
			if named {
				r.at[c.Column] = i + 1
			}
			if !isWritten(c) {
				continue
			}
			if !named && (r.astray || r.rows.Astray(c)) {
				return fmt.Errorf("%s: cell %s%d is below no header, and cells are outside of what the sheet says it covers: open the workbook in a spreadsheet program, look, and save it anew",
					r.Place(), workbook.ColumnName(c.Column), r.rows.Row())
			}
			blank = false
			if !named {
				r.beside.add(c, r.rows.Row())
			}
		}
		switch {
		case blank:
		case r.isHeader():
			return &grid.BadRow{Err: grid.ErrHeaderAgain}
		default:
			return nil
		}
	}
}

// isWritten reports whether there is more in a cell than white space.
func isWritten(c workbook.Cell) bool {
	return c.Kind == workbook.Unsaved || c.Kind != workbook.Empty && strings.TrimSpace(c.Stored()) != ""
}

// Rewind starts again with the first row.
func (r *xlsxRows) Rewind() error {
	r.rows.Close()
	r.beside, r.units = beside{}, nil
	clear(r.items)
	clear(r.asked)
	clear(r.empty)
	return r.start()
}

// Place implements grid.Rows.
func (r *xlsxRows) Place() string {
	return r.name + rowIn(r.sheet, r.rows.Row())
}

// Modified returns when the file was last changed; zero if it is none, such as a pipe.
func (r *xlsxRows) Modified() time.Time { return r.content.Modified }

// Guesses implements guesser.
func (r *xlsxRows) Guesses() []grid.Guess { return r.guess }

// Close implements grid.Rows.
func (r *xlsxRows) Close() error {
	r.rows.Close()
	return r.content.Close()
}

// cellText returns the text of a cell as a field of that type reads it.
func (r *xlsxRows) cellText(c workbook.Cell, t sdk.Type) (string, error) {
	switch {
	case c.Kind == workbook.Unsaved:
		return "", errors.New("the file does not have the result of the cell's formula: open the workbook in a spreadsheet program and save it, or have whatever wrote it write values")
	case (t == sdk.Number || t == sdk.Bool) && c.Kind == workbook.Error:
		return c.Stored(), nil // no number, unless a setting says that it stands for an unknown one
	case c.Kind == workbook.Error || c.Kind == workbook.Text && t != sdk.Number && t != sdk.Bool && isErrorValue(c.Stored()):
		return "", fmt.Errorf("the cell shows the error %s: mend its formula, or clear it", c.Stored())
	case c.Kind == workbook.Number && t == sdk.Number:
		return c.Plain(), nil
	case c.Kind == workbook.Text && t == sdk.Number:
		return c.Stored(), nil
	}
	shown, stored, err := r.rows.Shown(c)
	if err != nil || c.Kind != workbook.Number {
		return shown, err
	}
	return r.numberText(c, shown, stored)
}

// numberText returns the text of a cell with a number as a string field reads it: what people see, unless that is merely
// another way to write the same number, such as 1.23E+11 or 1,234.00, or has fewer digits. Then it is the number as it is stored, behind
// the currency that the format names. Leading zeros, dashes, words and currencies that the format adds, and dates, are what
// people see; the blanks by which it aligns them are not.
func (r *xlsxRows) numberText(c workbook.Cell, shown string, stored bool) (string, error) {
	plain, money := c.Plain(), ""
	if m := r.moneyOf(c); m != nil && m.err == nil {
		money = m.mark
	}
	visible := strings.TrimSpace(shown)
	if !stored && !isPadded(visible) && money == "" {
		stored = isSameNumber(visible, plain) // a hidden number, "", as well
	}
	switch {
	case stored && money != "":
		return money + " " + plain, nil
	case stored:
		return plain, nil
	}
	// Formats show 15 digits. What shows others in their place is no SKU.
	if digits := strings.TrimLeft(plain, "-"); len(digits) > 15 && !strings.Contains(digits, ".") && !strings.HasSuffix(workbook.Digits(visible), digits) {
		return "", fmt.Errorf("the cell holds %s, which its number format shows as %s: have it hold a text", plain, shown)
	}
	return visible, nil
}

// isSameNumber reports whether a text that a number's format shows, with as many digits, is that number: as a percentage, too, and
// without its sign, for which a format has a colour.
func isSameNumber(visible, plain string) bool {
	d, given, err := parseNumber(strings.TrimSuffix(visible, "%"), '.')
	if err != nil {
		return false
	}
	is, err := catalog.ParseDecimal(plain)
	if err != nil || !given || strings.HasSuffix(visible, "%") {
		return true
	}
	if len(plain) > 15 && len(d.String()) == len(plain) { // formats show 15 digits
		return true
	}
	return d.Equal(is) || is.Sign() < 0 && d.Equal(is.Abs())
}

// isPadded reports whether a number's text starts with zeros that the number does not need.
func isPadded(text string) bool {
	return len(text) > 1 && text[0] == '0' && '0' <= text[1] && text[1] <= '9'
}

// isErrorValue reports whether a cell holds an error in place of a value.
func isErrorValue(text string) bool {
	switch text {
	case "#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NULL!", "#NUM!", "#GETTING_DATA", "#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!", "#CONNECT!", "#UNKNOWN!", "#BUSY!":
		return true
	}
	return false
}
