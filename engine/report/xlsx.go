package report

import (
	"bufio"
	"fmt"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/report/spreadsheet"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// workbook writes the result as a spreadsheet: the items with CSV's columns on one sheet, on several where they are more than
// one holds, and what there is to do on the last. Texts are texts, whatever they look like, and numbers are numbers.
type workbook struct {
	*Result
	book    *spreadsheet.Book
	items   *spreadsheet.Sheet
	sheets  int // of items
	details *page
	unknown bool // there is a column for what was unknown
	number  []byte

	sides   [len(verdict.Sides)]*reader // the values' columns
	differ  [len(verdict.Sides)][][]int // by side and rule: which of these columns the rule reads
	marked  [len(verdict.Sides)][]int   // by side and column: the item that is marked there
	count   int                         // of the items so far
	most    int                         // rows of a sheet
	options Options
}

// Styles of cells, by their places in styles.
const (
	plainText = iota
	plainNumber
	heading
	wrapped
	strong
	isS
	isN
	isNWarning
	isNInfo
	isI
	isDash
	differsText
	differsNumber
)

func styles() []spreadsheet.Style {
	return []spreadsheet.Style{
		plainText:     {},
		plainNumber:   {Number: true},
		heading:       {Bold: true, Fill: "E7E6E6"},
		wrapped:       {Wrap: true},
		strong:        {Bold: true},
		isS:           {Centre: true, Fill: "C6EFCE", Ink: "006100"},
		isN:           {Centre: true, Bold: true, Fill: "FFC7CE", Ink: "9C0006"},
		isNWarning:    {Centre: true, Bold: true, Fill: "E4D3F0", Ink: "5B2C83"},
		isNInfo:       {Centre: true, Fill: "D6E4F5", Ink: "1F4E79"},
		isI:           {Centre: true, Fill: "FFEB9C", Ink: "7F6000"},
		isDash:        {Centre: true, Ink: "767676"},
		differsText:   {Fill: "FDE9EB"},
		differsNumber: {Fill: "FDE9EB", Number: true},
	}
}

func newXLSX(out *bufio.Writer, r *Result, o Options) (itemWriter, error) {
	b := &workbook{Result: r, book: spreadsheet.New(out, styles()), most: spreadsheet.MaxRows, unknown: o.listsUnchecked(), options: o}
	fields := [...][]catalog.Field{r.PosFields, r.StoreFields}
	for _, side := range verdict.Sides {
		b.sides[side] = newReader(names(fields[side]))
		b.marked[side] = make([]int, len(fields[side]))
		for i := range r.Rules {
			b.differ[side] = append(b.differ[side], columnsOf(&r.Rules[i], side, b.sides[side].fields))
		}
	}
	if o.Details {
		b.details = &page{Result: r}
	}
	return b, b.newSheet()
}

// columnsOf returns which of the fields a rule reads of a side.
func columnsOf(rule *Rule, side verdict.Side, fields []string) (columns []int) {
	for at, field := range fields {
		for _, f := range rule.fields() {
			if f.name == field && (f.pos && side == verdict.Pos || f.store && side == verdict.Store) {
				columns = append(columns, at)
			}
		}
	}
	return columns
}

// newSheet begins a sheet of items.
func (b *workbook) newSheet() error {
	header := []string{"sku", "name", "status", "result"}
	widths := []float64{18, 40, 12, 17}
	for i := range b.Rules {
		header, widths = append(header, visible(b.Rules[i].Code)), append(widths, 6)
	}
	for _, side := range verdict.Sides {
		for _, field := range b.sides[side].fields {
			header, widths = append(header, side.String()+"."+visible(field)), append(widths, 16)
		}
	}
	if b.unknown {
		header, widths = append(header, "unknown"), append(widths, 30)
	}
	if b.details != nil {
		header, widths = append(header, "details"), append(widths, 80)
	}
	b.sheets++
	name := "Items"
	if b.sheets > 1 {
		name = fmt.Sprintf("Items %d", b.sheets)
	}
	var err error
	if b.items, err = b.book.Sheet(name, spreadsheet.Layout{Widths: widths, Frozen: 1, Filter: true}); err != nil {
		return err
	}
	for _, text := range header {
		b.items.Word(heading, text)
	}
	return b.items.EndRow()
}

func (b *workbook) item(it *Item) error {
	if b.items.Rows() >= b.most {
		if err := b.newSheet(); err != nil {
			return err
		}
	}
	b.count++
	b.items.Text(plainText, visible(it.SKU()))
	b.items.Text(plainText, visible(it.Name()))
	b.items.Word(plainText, state(it))
	b.items.Word(plainText, b.class(it))
	b.cells(it)
	for _, side := range verdict.Sides {
		b.values(side, it.Row(side))
	}
	if b.unknown {
		b.items.Text(plainText, visible(b.unknownOf(it)))
	}
	if b.details != nil {
		b.items.Text(wrapped, joinDetails(b.details.details(it), "\n"))
	}
	return b.items.EndRow()
}

// cells writes the rules' letters, and marks the values that an N is about.
func (b *workbook) cells(it *Item) {
	for i := range b.Rules {
		if it.Outcome == nil || it.Outcome.Cells[i] == verdict.NotThere {
			b.items.Skip()
			continue
		}
		cell := it.Outcome.Cells[i]
		b.items.Word(cellStyle(&b.Rules[i], cell), cell.String())
		if cell == verdict.NotSynchronized {
			for _, side := range verdict.Sides {
				for _, column := range b.differ[side][i] {
					b.marked[side][column] = b.count
				}
			}
		}
	}
}

func cellStyle(rule *Rule, cell verdict.Cell) int {
	switch cell {
	case verdict.Synchronized:
		return isS
	case verdict.Intentional:
		return isI
	case verdict.NotSynchronized:
		return [...]int{verdict.Error: isN, verdict.Warning: isNWarning, verdict.Info: isNInfo}[rule.Severity]
	}
	return isDash
}

func (b *workbook) values(side verdict.Side, row Row) {
	from := b.sides[side]
	for f := range from.fields {
		asText, asNumber := plainText, plainNumber
		if b.marked[side][f] == b.count {
			asText, asNumber = differsText, differsNumber
		}
		switch v := from.value(row, f); v.typ {
		case catalog.Invalid:
			b.items.Skip()
		case catalog.Number:
			if d, ok := v.number(); ok {
				b.number = d.Append(b.number[:0])
				b.items.Number(asNumber, b.number)
			} else {
				b.items.Skip()
			}
		case catalog.Bool:
			if truth, ok := v.truth(); ok {
				b.items.Bool(asNumber, truth)
			} else {
				b.items.Skip()
			}
		case catalog.String:
			b.items.Text(asText, visible(v.text()))
		default:
			b.number = appendText(b.number[:0], v)
			b.items.Text(asText, visible(string(b.number)))
		}
	}
}

// joinDetails returns an item's details as one text.
func joinDetails(list []detail, lineBreak string) string {
	text := ""
	for i, d := range list {
		if i > 0 {
			text += lineBreak
		}
		if d.label != "" {
			text += d.label + ": "
		}
		text += d.text
	}
	return text
}

func (b *workbook) end(rest) error {
	s, err := b.book.Sheet("Summary", spreadsheet.Layout{Widths: []float64{22, 50, 14, 14, 14, 14, 12, 80}})
	if err != nil {
		return err
	}
	w := &sheetText{Sheet: s}
	w.row(strong, b.heading())
	w.row(plainText, items(b.Summary.Items))
	for _, text := range b.counts() {
		w.row(plainText, "", text)
	}
	for _, side := range verdict.Sides {
		w.row(plainText, side.String(), b.Source(side).title(), b.read(b.Source(side)))
	}
	if lag := b.Lag(); lag != "" {
		w.row(wrapped, "!", lag)
	}
	w.row(plainText)
	w.row(heading, "rule", "title", "S", "N", "I", "-", "severity", "note")
	for i := range b.Rules {
		w.rule(b.Result, i)
	}
	if list := b.worklist(b.options); len(list.tasks) > 0 {
		w.row(plainText)
		w.row(heading, "What to do")
		for _, t := range list.tasks {
			w.row(wrapped, t.label, loose(t.text))
			if t.remedy != "" {
				w.row(wrapped, "", t.remedy)
			}
		}
	}
	for _, part := range b.toldParts() {
		w.row(plainText)
		w.row(heading, part.title)
		for _, warning := range part.list {
			w.row(wrapped, visible(warning.Source), prose(warning.Text))
		}
	}
	if w.err != nil {
		return w.err
	}
	return b.book.Close()
}

// sheetText writes rows of texts, and keeps the first error.
type sheetText struct {
	*spreadsheet.Sheet
	err error
}

func (w *sheetText) row(style int, texts ...string) {
	for _, text := range texts {
		w.Text(style, text)
	}
	w.endRow()
}

func (w *sheetText) endRow() {
	if err := w.EndRow(); w.err == nil {
		w.err = err
	}
}

func (w *sheetText) rule(r *Result, i int) {
	rule := &r.Rules[i]
	w.Text(strong, clean(rule.Code))
	w.Text(wrapped, prose(rule.Title))
	for _, cell := range verdict.Cells {
		w.Number(plainNumber, fmt.Append(nil, r.Summary.cells(i, cell)))
	}
	w.Text(plainText, rule.Severity.String())
	w.Text(wrapped, prose(rule.Note))
	w.endRow()
}
