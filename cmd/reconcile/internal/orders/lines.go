package orders

import (
	"bufio"
	"encoding/csv"
	"io"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/report/spreadsheet"
	"github.com/reconcilehq/reconcile/engine/weborder"
)

// cell is a field of a line: a text, or a number, which is "" if it is not known.
type cell struct {
	text   string
	number bool
}

// column is a column of an export.
type column struct {
	name string
	wide float64                                        // in a workbook, in characters
	of   func(o *weborder.Order, l *weborder.Line) cell // of the line; l is of nothing where the order has no lines
	once bool                                           // it belongs to the order: only its first line has it
}

func text(s string) cell { return cell{text: s} }

func amount(d *catalog.Decimal) cell {
	if d == nil {
		return cell{}
	}
	return cell{d.String(), true}
}

// columnsOf returns the columns of an export.
func columnsOf(w weborder.Wish) []column {
	type order = weborder.Order
	type line = weborder.Line
	columns := []column{
		{"order", 10, func(o *order, _ *line) cell { return text(o.ID) }, false},
		{"date", 21, func(o *order, _ *line) cell { return text(o.PlacedAt.Format(time.RFC3339)) }, false},
		{"status", 20, func(o *order, _ *line) cell { return text(o.Status) }, false},
		{"sku", 18, func(_ *order, l *line) cell { return text(l.SKU) }, false},
		{"name", 30, func(_ *order, l *line) cell { return text(l.Name) }, false},
		{"quantity", 9, func(o *order, l *line) cell {
			if len(o.Lines) == 0 {
				return cell{}
			}
			return amount(&l.Quantity)
		}, false},
		{"price_ex_tax", 12, func(_ *order, l *line) cell { return amount(l.PriceExTax) }, false},
		{"price_inc_tax", 12, func(_ *order, l *line) cell { return amount(l.PriceIncTax) }, false},
		{"discount", 10, func(_ *order, l *line) cell { return amount(l.Discount) }, false},
		{"shipping_ex_tax", 12, func(o *order, _ *line) cell { return amount(o.ShippingExTax) }, true},
		{"shipping_inc_tax", 12, func(o *order, _ *line) cell { return amount(o.ShippingIncTax) }, true},
		{"order_discount", 12, func(o *order, _ *line) cell { return amount(o.Discount) }, true},
		{"order_total_ex_tax", 12, func(o *order, _ *line) cell { return amount(o.TotalExTax) }, true},
		{"order_total_inc_tax", 12, func(o *order, _ *line) cell { return amount(o.TotalIncTax) }, true},
		{"currency", 9, func(o *order, _ *line) cell { return text(o.Currency) }, false},
		{"note", 30, func(o *order, _ *line) cell { return text(o.Note) }, true},
	}
	if w.CustomerNote {
		columns = append(columns, column{"customer_note", 30, func(o *order, _ *line) cell { return text(o.CustomerNote) }, true})
	}
	if w.Customer {
		columns = append(columns,
			column{"customer_name", 20, func(o *order, _ *line) cell { return text(o.Customer.Name) }, false},
			column{"customer_email", 20, func(o *order, _ *line) cell { return text(o.Customer.Email) }, false},
			column{"customer_phone", 15, func(o *order, _ *line) cell { return text(o.Customer.Phone) }, false})
	}
	if w.Address {
		for _, part := range []struct {
			name string
			of   func(*weborder.Address) string
		}{
			{"name", func(a *weborder.Address) string { return a.Name }}, {"company", func(a *weborder.Address) string { return a.Company }},
			{"street", func(a *weborder.Address) string { return a.Street }}, {"city", func(a *weborder.Address) string { return a.City }},
			{"state", func(a *weborder.Address) string { return a.State }}, {"zip", func(a *weborder.Address) string { return a.Zip }},
			{"country", func(a *weborder.Address) string { return a.Country }},
		} {
			columns = append(columns, column{"to_" + part.name, 18, func(_ *order, l *line) cell { return text(part.of(&l.Address)) }, false})
		}
	}
	return columns
}

// eachRow calls take with the cells of each line of the orders. An order without lines has a row, too: somebody has to see it.
func eachRow(list []weborder.Order, columns []column, take func([]cell) error) error {
	row := make([]cell, len(columns))
	for i := range list {
		o := &list[i]
		lines := o.Lines
		if len(lines) == 0 {
			lines = []weborder.Line{{}}
		}
		for n := range lines {
			for c := range columns {
				row[c] = cell{}
				if n == 0 || !columns[c].once {
					row[c] = columns[c].of(o, &lines[n])
				}
			}
			if err := take(row); err != nil {
				return err
			}
		}
	}
	return nil
}

func writeCSV(w io.Writer, list []weborder.Order, f exportFlags) error {
	columns := columnsOf(f.wish)
	out := csv.NewWriter(w)
	fields := make([]string, len(columns))
	for i, c := range columns {
		fields[i] = c.name
	}
	if err := out.Write(fields); err != nil {
		return err
	}
	if err := eachRow(list, columns, func(row []cell) error {
		for i, c := range row {
			if fields[i] = c.text; !c.number && !f.raw {
				fields[i] = report.Disarmed(c.text)
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

func writeXLSX(w io.Writer, list []weborder.Order, f exportFlags) error {
	columns := columnsOf(f.wish)
	buffered := bufio.NewWriter(w)
	book := spreadsheet.New(buffered, []spreadsheet.Style{plainStyle: {}, headStyle: {Bold: true}, numberStyle: {Number: true}})
	layout := spreadsheet.Layout{Filter: true, Frozen: 1}
	for _, c := range columns {
		layout.Widths = append(layout.Widths, c.wide)
	}
	sheet, err := book.Sheet("Orders", layout)
	if err != nil {
		return err
	}
	for _, c := range columns {
		sheet.Text(headStyle, c.name)
	}
	if err := sheet.EndRow(); err != nil {
		return err
	}
	if err := eachRow(list, columns, func(row []cell) error {
		for _, c := range row {
			if c.number {
				sheet.Number(numberStyle, []byte(c.text))
			} else {
				sheet.Text(plainStyle, c.text)
			}
		}
		return sheet.EndRow()
	}); err != nil {
		return err
	}
	if err := book.Close(); err != nil {
		return err
	}
	return buffered.Flush()
}
