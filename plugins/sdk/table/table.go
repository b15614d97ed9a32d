// Package table reads tabular data, such as files and the results of queries, into the columns of a source. It is what
// the connectors for such data share: how columns become fields, how texts become numbers, and what is done about rows
// that cannot be read.
//
// A connector embeds Settings and FileSettings in its struct, or has a block of database.Settings, makes a Table from them in
// Configure, and leaves Check, Schema and ReadColumns to it.
//
// Packages below this one know where rows come from, and nothing of fields: delimited text, workbooks, databases. They meet
// in package grid. What kinds of files there are is in format.go.
package table

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/table/grid"
)

// Table is a source that reads a table. Set the exported fields before the first call.
type Table struct {
	Input    Input
	Settings Settings
	// Defaults are the columns that fields come from if the settings do not say otherwise. If such a column is
	// absent, so is the field.
	Defaults []Default
	// AllColumns offers each column whose name can be a field's as that field. Otherwise only columns are offered
	// that are named as a known field is, or as one that the settings' types name.
	AllColumns bool
	// Filter, if it is not nil, leaves out the rows that it does not accept.
	Filter *Filter

	mu     sync.Mutex
	first  []string // the header as it was seen first
	fields []sdk.Field
	names  map[string]string // see ColumnNames
}

// Default says that a field comes from a column.
type Default struct{ Field, Column string }

// progressRows is after how many rows the host hears of progress; ctxRows, after how many a cancelled read stops.
const (
	progressRows = 5000
	ctxRows      = 256
)

// headerBelow is an Input that can look for a header further down than it does by itself.
type headerBelow interface {
	HeaderBelow(ctx context.Context, fit grid.Fit) int
}

// Schema implements sdk.Source. It looks at the table once.
func (t *Table) Schema(ctx context.Context) ([]sdk.Field, error) {
	t.mu.Lock()
	fields := t.fields
	t.mu.Unlock()
	if fields != nil {
		return slices.Clone(fields), nil
	}
	rows, l, err := t.open(ctx)
	if err != nil {
		return nil, err
	}
	return slices.Clone(l.fields), rows.Close()
}

// ColumnNames returns the name of the column that each field comes from, as it stands in the header. Fields that come from several columns, or
// from one of several that are called alike, are left out.
func (t *Table) ColumnNames(ctx context.Context) (map[string]string, error) {
	if _, err := t.Schema(ctx); err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return maps.Clone(t.names), nil
}

// Check implements sdk.Checker.
func (t *Table) Check(ctx context.Context) ([]sdk.Fact, error) {
	var currencies, units string
	facts, err := t.Input.Facts(ctx, func(names []string) error {
		l, err := t.layoutOf(names)
		if err == nil {
			currencies, units = l.namedCurrencies(l.fields), l.namedMeasures(l.fields)
		}
		return err
	})
	if err == nil && currencies != "" {
		facts = append(facts, sdk.Fact{Name: "currency", Value: currencies})
	}
	if err == nil && units != "" {
		facts = append(facts, sdk.Fact{Name: "units", Value: units})
	}
	return facts, err
}

// open opens the input and lays its columns out. Columns that are not what they were are an error: rules were checked
// against the first ones.
func (t *Table) open(ctx context.Context) (grid.Rows, *layout, error) {
	rows, names, err := t.Input.Open(ctx, t.fits)
	if err != nil {
		return nil, nil, err
	}
	l, err := t.layoutOf(names)
	if err != nil {
		_ = rows.Close()
		if below, ok := t.Input.(headerBelow); ok {
			if row := below.HeaderBelow(ctx, t.fits); row > 0 {
				return nil, nil, fmt.Errorf("%s: the header is looked for in the first %d rows, and seems to be row %d: set header_row = %[3]d", t.Input.Name(), grid.HeaderRows, row)
			}
		}
		if how := guessed(rows); how != "" {
			return nil, nil, fmt.Errorf("%s: %w; read with %s", t.Input.Name(), err, how)
		}
		return nil, nil, fmt.Errorf("%s: %w", t.Input.Name(), err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.first == nil {
		t.first, t.fields, t.names = slices.Clone(names), l.fields, l.columnNames()
	}
	if !slices.Equal(t.first, names) {
		_ = rows.Close()
		return nil, nil, fmt.Errorf("%s: its columns changed since they were first looked at; run again", t.Input.Name())
	}
	return rows, l, nil
}

// fits is the table's Fit: its settings and the connector say which columns are needed.
func (t *Table) fits(names []string) error {
	_, err := t.layoutOf(names)
	return err
}

// ReadColumns implements sdk.ColumnReader.
func (t *Table) ReadColumns(ctx context.Context, req sdk.ReadRequest, w *sdk.Writer) (err error) {
	rows, l, err := t.open(ctx)
	if err != nil {
		return err
	}
	defer func() {
		for _, named := range []string{l.namedCurrencies(w.Fields()), l.namedMeasures(w.Fields())} {
			if named != "" {
				req.Notice("%s: %s", t.Input.Name(), named)
			}
		}
		tell(req, t.Input, rows) // of a failed read, too: a wrong guess may be why
		if closing := rows.Close(); err == nil {
			err = closing
		}
	}()
	if d, ok := t.Input.(datedInput); ok {
		at, file := d.dated(rows)
		req.ReadAt(at, file)
		if ahead := time.Until(at); ahead > time.Minute {
			req.Warn("%s: its date, %s, lies ahead, so that nobody knows how old it is; it counts as of now. Export it again, or set the clock of the machine that wrote it", t.Input.Name(), at.UTC().Format("2006-01-02 15:04 UTC"))
		}
	}
	plan := l.plan(w.Fields(), t.Settings.Currency, t.Settings.spellingOf(t.Input))
	r := &reader{table: t, ctx: ctx, req: req, rows: rows, plan: plan, filter: t.Filter.started()}
	r.sku = r.plan.skuCell(w.Fields())
	_, r.delimited = rows.(blockRows)
	if r.plan.variation != nil {
		if err := r.structure(); err != nil {
			return err
		}
	}
	if err := r.write(w); err != nil {
		return err
	}
	if err := l.tellUnits(w, rows); err != nil {
		return fmt.Errorf("%s: %w", t.Input.Name(), err)
	}
	return nil
}

// reader is one read of a table.
type reader struct {
	table    *Table
	ctx      context.Context
	req      sdk.ReadRequest
	rows     grid.Rows
	plan     *plan
	sku      int // the cell of the SKU; -1 if it is not asked for
	parents  *structures
	passed   int64 // rows, for progress
	filter   *filtering
	replaced string // where a text stands in which a character was lost; "" if none was found

	gaps      gaps
	delimited bool // the rows are delimited text
}

// write reads all rows into the writer.
func (r *reader) write(w *sdk.Writer) error {
	bad := badRows{skip: r.table.Settings.OnBadRow == "skip", tell: r.req.Unreadable}
	if err := r.writeRows(w, &bad); err != nil {
		return err
	}
	if w.Items() == 0 && bad.count > 0 {
		return bad.none()
	}
	if w.Items() == 0 && r.filter.left() {
		return r.filter.nothing(r.table.Input.Name())
	}
	r.filter.tell(r.req, r.table.Input.Name())
	if w.Items() == 0 { // an export that went wrong may look like this
		r.req.Warn("%s has a header and no rows: it is read as a catalogue without any item", r.table.Input.Name())
	}
	bad.warn(r.req)
	r.gaps.tell(r.req)
	for i := range r.plan.reads {
		if p := r.plan.reads[i].points; p != nil {
			p.tell(r.req, r.plan.reads[i].column, partsFields(r.rows, ','))
		}
	}
	if r.replaced != "" {
		r.req.Warn("%s: the character U+FFFD stands there, and perhaps in later rows, in place of one that was lost before: what it is a part of compares as it stands", r.replaced)
	}
	for i, f := range w.Fields() {
		if m := r.plan.reads[i].money; m != nil && m.is != "" {
			w.Currency(f.Name, string(m.is))
		}
	}
	return nil
}

// partsFields reports whether a character is what stands between the fields of a text file.
func partsFields(rows grid.Rows, c rune) bool {
	text, ok := rows.(interface{ Delimiter() rune })
	return ok && text.Delimiter() == c
}

func (r *reader) writeRows(w *sdk.Writer, bad *badRows) error {
	if blocks, ok := r.rows.(blockRows); ok {
		if columns := r.plan.columns(); columns != nil {
			return r.writeBlocks(w, blocks, columns, bad)
		}
	}
	values := make([]value, len(r.plan.reads))
	return r.each(bad, nil, func(cells []string) error {
		// Everything is parsed before anything is written: an item cannot be taken back.
		for i := range r.plan.reads {
			if err := r.plan.reads[i].parse(cells, &values[i]); err != nil {
				return err
			}
			if r.plan.reads[i].of != nil {
				if err := r.parents.known(values[i].text); err != nil {
					return err
				}
			}
		}
		for i := range r.plan.reads {
			if m := r.plan.reads[i].money; m != nil {
				if err := m.fits(values[i].mark); err != nil {
					return err
				}
			}
		}
		for i := range r.plan.reads {
			if m := r.plan.reads[i].money; m != nil {
				m.take(values[i].mark, r.rows.Place)
			}
			if p := r.plan.reads[i].points; p != nil && !values[i].null {
				r.notePoint(p, cells, r.plan.reads[i].cell)
			}
			if r.plan.reads[i].typ == sdk.List && r.plan.reads[i].of == nil && values[i].gap {
				r.gaps.add(r.plan.reads[i].column, r.rows.Place)
			}
			r.plan.reads[i].write(w, i, &values[i], r.parents)
		}
		return w.End()
	})
}

// notePoint takes in how the number in a cell of the last row is written. Of one that a workbook holds as such only whether it has
// decimals is known.
func (r *reader) notePoint(p *points, cells []string, cell int) {
	if book, ok := r.rows.(*xlsxRows); r.delimited || ok && book.IsText(r.plan.cells[cell].Column) {
		p.note(cells[cell], 0)
		p.settle(func(int) string { return r.rows.Place() })
	} else if ok {
		p.without = p.without || !strings.Contains(cells[cell], ".")
	}
}

// each hands the wanted cells of each row that the filter accepts to take. only are those of the plan's cells that are read;
// nil: all.
func (r *reader) each(bad *badRows, only []int, take func(cells []string) error) error {
	cells := make([]string, len(r.plan.cells))
	want, got := r.plan.cells, cells
	if only != nil {
		want, got = nil, make([]string, len(only))
		for _, at := range only {
			want = append(want, r.plan.cells[at])
		}
	}
	for {
		if err := r.tick(); err != nil {
			return err
		}
		clear(cells) // of a row that cannot be read, only its own may be looked at
		clear(got)
		err := r.rows.Next(want, got)
		if err == io.EOF {
			return nil
		}
		for i, at := range only {
			cells[at] = got[i]
		}
		if err == nil && r.accepts(cells) {
			r.notice(cells)
			err = take(cells)
		}
		var failed *grid.BadRow
		if errors.As(err, &failed) {
			if failed.Column != "" && r.rejects(cells) {
				continue
			}
			if err = bad.add(r.rows.Place(), failed, r.skuOf(cells)); err == nil && bad.left != nil {
				err = bad.left(failed.Listed(r.rows.Place()), failed, cells)
			}
		}
		if err != nil {
			return err
		}
	}
}

// notice remembers the first row with a text in which a character was lost. Delimited text looks for those itself.
func (r *reader) notice(cells []string) {
	if r.replaced != "" || r.delimited {
		return
	}
	for _, cell := range cells {
		if strings.Contains(cell, "\ufffd") {
			r.replaced = r.rows.Place()
			return
		}
	}
}

// tick counts a row, tells of progress now and then and notices that the read is over.
func (r *reader) tick() error {
	if r.passed%ctxRows == 0 && r.ctx.Err() != nil {
		return context.Cause(r.ctx)
	}
	if r.passed++; r.passed%progressRows == 0 {
		r.req.Progress(r.passed, 0, "reading rows")
	}
	return nil
}

// rowError places an error that is about a row; others know their place.
func (r *reader) rowError(err error) error {
	var bad *grid.BadRow
	if errors.As(err, &bad) {
		return bad.At(r.rows.Place())
	}
	return err
}

// rejects reports whether the filter does not accept a row of which a cell could not be read: it is none of ours then,
// whatever is in that cell.
func (r *reader) rejects(cells []string) bool {
	return r.plan.filter >= 0 && cells[r.plan.filter] != "" && !r.accepts(cells)
}

func (r *reader) accepts(cells []string) bool {
	if r.plan.filter < 0 {
		return true
	}
	return r.filter.accepts(cells[r.plan.filter])
}
