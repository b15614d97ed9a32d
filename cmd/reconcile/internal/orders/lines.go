package orders

import (
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/weborder"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/rowfile"
)

// column is a column of an export.
type column struct {
	name string
	wide float64                                                // in a workbook, in characters
	of   func(o *weborder.Order, l *weborder.Line) rowfile.Cell // of the line; l is of nothing where the order has no lines
	once bool                                                   // it belongs to the order: only its first line has it
}

func text(s string) rowfile.Cell { return rowfile.Cell{Text: s} }

func amount(d *catalog.Decimal) rowfile.Cell {
	if d == nil {
		return rowfile.Cell{}
	}
	return rowfile.Cell{Text: d.String(), Number: true}
}

// columnsOf returns the columns of an export.
func columnsOf(w weborder.Wish) []column {
	type order = weborder.Order
	type line = weborder.Line
	columns := []column{
		{"order", 10, func(o *order, _ *line) rowfile.Cell { return text(o.ID) }, false},
		{"date", 21, func(o *order, _ *line) rowfile.Cell { return text(o.PlacedAt.Format(time.RFC3339)) }, false},
		{"status", 20, func(o *order, _ *line) rowfile.Cell { return text(o.Status) }, false},
		{"sku", 18, func(_ *order, l *line) rowfile.Cell { return text(l.SKU) }, false},
		{"name", 30, func(_ *order, l *line) rowfile.Cell { return text(l.Name) }, false},
		{"quantity", 9, func(o *order, l *line) rowfile.Cell {
			if len(o.Lines) == 0 {
				return rowfile.Cell{}
			}
			return amount(&l.Quantity)
		}, false},
		{"price_ex_tax", 12, func(_ *order, l *line) rowfile.Cell { return amount(l.PriceExTax) }, false},
		{"price_inc_tax", 12, func(_ *order, l *line) rowfile.Cell { return amount(l.PriceIncTax) }, false},
		{"discount", 10, func(_ *order, l *line) rowfile.Cell { return amount(l.Discount) }, false},
		{"shipping_ex_tax", 12, func(o *order, _ *line) rowfile.Cell { return amount(o.ShippingExTax) }, true},
		{"shipping_inc_tax", 12, func(o *order, _ *line) rowfile.Cell { return amount(o.ShippingIncTax) }, true},
		{"order_discount", 12, func(o *order, _ *line) rowfile.Cell { return amount(o.Discount) }, true},
		{"order_total_ex_tax", 12, func(o *order, _ *line) rowfile.Cell { return amount(o.TotalExTax) }, true},
		{"order_total_inc_tax", 12, func(o *order, _ *line) rowfile.Cell { return amount(o.TotalIncTax) }, true},
		{"currency", 9, func(o *order, _ *line) rowfile.Cell { return text(o.Currency) }, false},
		{"note", 30, func(o *order, _ *line) rowfile.Cell { return text(o.Note) }, true},
	}
	if w.CustomerNote {
		columns = append(columns, column{"customer_note", 30, func(o *order, _ *line) rowfile.Cell { return text(o.CustomerNote) }, true})
	}
	if w.Customer {
		columns = append(columns,
			column{"customer_name", 20, func(o *order, _ *line) rowfile.Cell { return text(o.Customer.Name) }, false},
			column{"customer_email", 20, func(o *order, _ *line) rowfile.Cell { return text(o.Customer.Email) }, false},
			column{"customer_phone", 15, func(o *order, _ *line) rowfile.Cell { return text(o.Customer.Phone) }, false})
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
			columns = append(columns, column{"to_" + part.name, 18, func(_ *order, l *line) rowfile.Cell { return text(part.of(&l.Address)) }, false})
		}
	}
	return columns
}

// tableOf returns the table of the orders: a line for each of their lines. An order without lines has a row, too: somebody has to see it.
func tableOf(list []weborder.Order, f exportFlags) *rowfile.Table {
	columns := columnsOf(f.wish)
	t := &rowfile.Table{Title: "Orders", Raw: f.raw}
	for _, c := range columns {
		t.Columns = append(t.Columns, rowfile.Column{Name: c.name, Wide: c.wide})
	}
	t.Rows = func(take func([]rowfile.Cell) error) error {
		row := make([]rowfile.Cell, len(columns))
		for i := range list {
			o := &list[i]
			lines := o.Lines
			if len(lines) == 0 {
				lines = []weborder.Line{{}}
			}
			for n := range lines {
				for c := range columns {
					row[c] = rowfile.Cell{}
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
	return t
}
