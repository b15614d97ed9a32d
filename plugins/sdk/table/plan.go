package table

import (
	"errors"
	"slices"
	"strings"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/table/grid"
)

// plan says what to take from each row for the fields that were asked for.
type plan struct {
	cells     []grid.Cell
	reads     []read
	variation *read // the one of reads that makes variation from other rows, or nil
	filter    int   // the cell to filter by, or -1
	// parentColumn is the name of the column with the parents' SKUs, where variation is made from other rows.
	parentColumn string
	spelling     *spelling
}

// read makes one field from a row's cells.
type read struct {
	typ     sdk.Type
	column  string // for messages
	cell    int    // -1 if the field comes from options or is derived
	options []optionCell
	parent  int // the cell of parent_sku, where variation is derived
	of      *read
	money   *money  // of a number
	points  *points // of a number whose decimals start with a point, in a text file or in texts of a workbook; nil otherwise

	// maps are the maps that were read so far, by their text: a catalogue has few that differ, and many items.
	maps map[string][]catalog.Entry

	spelling *spelling
}

// mostMaps is how many maps are remembered.
const mostMaps = 4096

type optionCell struct {
	name string
	cell int
}

// plan returns the plan for the fields, which are among the layout's. currency is what prices are in, "" if only their marks
// say it.
func (l *layout) plan(fields []sdk.Field, currency string, spelling *spelling) *plan {
	p := &plan{filter: -1, spelling: spelling}
	if l.filter >= 0 {
		p.filter = p.cell(grid.Cell{Column: l.filter, Type: sdk.String})
	}
	p.reads = make([]read, len(fields))
	for i, f := range fields {
		p.reads[i] = p.read(l, f)
		if catalog.UnitOf(f.Name) == catalog.Money && currency != "" {
			*p.reads[i].money = money{column: p.reads[i].column, is: catalog.Currency(currency), mark: currency, where: "the setting currency"}
		} else if m, ok := l.named[f.Name]; ok {
			*p.reads[i].money = m
		}
		if p.reads[i].of != nil {
			p.variation = &p.reads[i]
		}
	}
	return p
}

func (p *plan) read(l *layout, f sdk.Field) read {
	o := l.from[f.Name]
	r := read{typ: f.Type, cell: -1, spelling: p.spelling}
	switch {
	case o.column >= 0:
		r.cell, r.column = p.cell(valueCell(o.column, f)), l.header.names[o.column]
		r.money = &money{column: r.column, none: noAmount(f.Name)}
		if f.Type == sdk.Number && p.spelling.settable && p.spelling.decimal == '.' {
			r.points = &points{}
		}
	case o.options != nil:
		for _, option := range o.options {
			r.options = append(r.options, optionCell{option.name, p.cell(grid.Cell{Column: option.column, Type: sdk.String})})
		}
	default:
		options := p.read(l, sdk.Known("options")[0])
		r.of, r.parent = &options, p.cell(grid.Cell{Column: l.from["parent_sku"].column, Type: sdk.String})
		p.parentColumn = l.header.names[l.from["parent_sku"].column]
	}
	return r
}

// valueCell is the cell in a column that a field's value is in.
func valueCell(column int, f sdk.Field) grid.Cell {
	unit := catalog.UnitOf(f.Name)
	return grid.Cell{Column: column, Type: f.Type, Money: unit == catalog.Money, Measure: unit == catalog.Weight || unit == catalog.Length}
}

// cell returns the place of a cell among those to be read.
func (p *plan) cell(c grid.Cell) int {
	if i := slices.Index(p.cells, c); i >= 0 {
		return i
	}
	p.cells = append(p.cells, c)
	return len(p.cells) - 1
}

// value is what a read makes of a row: by the field's type, one of the members counts.
type value struct {
	text    string // a string; where variation is derived, the parent's SKU
	null    bool   // of a number or a bool
	number  sdk.Decimal
	mark    mark // the number's currency
	truth   bool
	list    []string
	gap     bool            // the list has empty entries between others
	entries []catalog.Entry // a map; where variation is derived, the row's own options
}

// parse reads the field from the cells.
func (r *read) parse(cells []string, v *value) *grid.BadRow {
	var err error
	var ok bool
	switch {
	case r.of != nil:
		v.text = cells[r.parent]
		return r.of.parse(cells, v)
	case r.options != nil:
		v.entries = v.entries[:0]
		for _, o := range r.options {
			if text := strings.TrimSpace(cells[o.cell]); text != "" {
				v.entries = append(v.entries, catalog.Entry{Key: o.name, Value: text})
			}
		}
		return nil
	case r.typ == sdk.String:
		v.text = cells[r.cell]
	case r.typ == sdk.Number:
		v.number, v.mark, ok, err = r.spelling.number(cells[r.cell])
		v.null = !ok
	case r.typ == sdk.Bool:
		v.truth, ok, err = r.spelling.truth(cells[r.cell])
		v.null = !ok
	case r.typ == sdk.List:
		v.list, v.gap = parseList(cells[r.cell])
	case r.typ == sdk.Map:
		v.entries, err = r.parseMap(cells[r.cell])
	}
	if err == nil {
		return nil
	}
	if r.typ != sdk.Map { // whose errors say more than the value
		err = errors.New(grid.Quote(cells[r.cell]) + " " + err.Error())
	}
	bad := &grid.BadRow{Column: r.column, Err: err}
	if r.typ != sdk.Map {
		bad.Cure = r.spelling.cure(cells[r.cell], r.typ)
	}
	return bad
}

// parseMap reads a map, or remembers it. The entries are not to be changed.
func (r *read) parseMap(text string) ([]catalog.Entry, error) {
	if entries, known := r.maps[text]; known {
		return entries, nil
	}
	if len(r.maps) == mostMaps {
		return parseMap(text)
	}
	text = strings.Clone(text) // the cells are good until the next row, and the entries are parts of the text
	entries, err := parseMap(text)
	if err == nil {
		if r.maps == nil {
			r.maps = map[string][]catalog.Entry{}
		}
		r.maps[text] = entries
	}
	return entries, err
}

// write sets field i of the writer's current item.
func (r *read) write(w *sdk.Writer, i int, v *value, parents *structures) {
	switch {
	case r.of != nil:
		w.List(i, parents.list(v.text, v.entries))
	case r.typ == sdk.String:
		w.String(i, v.text)
	case r.typ == sdk.Number && !v.null:
		w.Number(i, v.number)
	case r.typ == sdk.Bool && !v.null:
		w.Bool(i, v.truth)
	case r.typ == sdk.List:
		w.List(i, v.list)
	case r.typ == sdk.Map:
		w.Map(i, v.entries)
	}
}

// structureCells returns the cells that the option structures are made of, the parent's first: of several that are bad, a row
// names the first.
func (p *plan) structureCells() []int {
	cells := []int{p.variation.parent}
	if p.filter >= 0 {
		cells = append(cells, p.filter)
	}
	if p.variation.of.options == nil {
		cells = append(cells, p.variation.of.cell)
	}
	for _, o := range p.variation.of.options {
		cells = append(cells, o.cell)
	}
	return cells
}
