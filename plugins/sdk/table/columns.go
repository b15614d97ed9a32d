package table

import (
	"context"
	"errors"
	"io"
	"slices"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/table/delimited"
	"github.com/reconcilehq/reconcile/plugins/sdk/table/grid"
)

// A batch is sent when it has this many rows or bytes, whichever comes first.
const (
	batchRows  = 8192
	batchBytes = 1 << 20
)

// column collects what one field has in the rows of blocks.
type column interface {
	// add appends the values of the block's rows, and the numbers of those rows that cannot be read to bad.
	add(b *delimited.Block, bad []int) []int
	// cut takes back the values behind the first n.
	cut(n int)
	// size returns about how many bytes the values take.
	size() int
	// column returns the values as a column, which lies where they do.
	column() catalog.Column
	// reset starts anew: in the same memory, or where somebody has kept that, in memory of its own.
	reset(kept bool)
}

// columns returns a column for each field, or nil where that needs more than the rows of a block.
func (p *plan) columns() []column {
	columns := make([]column, len(p.reads))
	for i := range p.reads {
		r := &p.reads[i]
		if r.of != nil {
			return nil
		}
		if r.options != nil {
			columns[i] = newMapsColumn(&optionCells{options: r.options, cells: p.cells})
			continue
		}
		at := p.cells[r.cell].Column
		switch r.typ {
		case sdk.String:
			columns[i] = &stringsColumn{at: at, offsets: []int32{0}}
		case sdk.Number:
			columns[i] = newNumbersColumn(at, r, p.spelling)
		case sdk.Bool:
			columns[i] = &boolsColumn{at: at, spelling: p.spelling}
		case sdk.List:
			columns[i] = &listsColumn{at: at}
		case sdk.Map:
			columns[i] = newMapsColumn(mapCell(at))
		}
	}
	return columns
}

// blockWriter writes blocks of rows.
type blockWriter struct {
	*reader
	blocks  blockRows
	columns []column
	n       int // rows in the columns
	unread  []int
}

// writeBlocks is write for rows of which many can be read at a time.
func (r *reader) writeBlocks(w *sdk.Writer, blocks blockRows, columns []column, bad *badRows) error {
	bw := &blockWriter{reader: r, blocks: blocks, columns: columns}
	fields := 0 // up to the last that is needed
	for _, c := range r.plan.cells {
		fields = max(fields, c.Column+1)
	}
	for {
		if r.ctx.Err() != nil {
			return context.Cause(r.ctx)
		}
		b, err := blocks.Block(fields)
		switch failed := (*grid.BadRow)(nil); {
		case errors.As(err, &failed):
			err = bad.add(blocks.Place(), failed, "")
			bw.count(1)
		case err == nil:
			bw.count(b.Rows())
			err = bw.add(b, bad)
		case err == io.EOF:
			return bw.flush(w)
		}
		if err != nil {
			return err
		}
		if bw.n >= batchRows || bw.size() >= batchBytes {
			if err := bw.flush(w); err != nil {
				return err
			}
		}
	}
}

// count tells of progress as tick does.
func (w *blockWriter) count(rows int) {
	before := w.passed
	w.passed += int64(rows)
	if before/progressRows != w.passed/progressRows {
		w.req.Progress(w.passed, 0, "reading rows")
	}
}

// add puts a block's rows into the columns. Rows that cannot be read are left out, if that is allowed.
func (w *blockWriter) add(b *delimited.Block, bad *badRows) error {
	if w.plan.filter >= 0 {
		column := w.plan.cells[w.plan.filter].Column
		cells := make([]string, len(w.plan.cells))
		b.Drop(func(row int) bool {
			cells[w.plan.filter] = string(b.Cell(row, column))
			return !w.accepts(cells)
		})
	}
	for {
		w.unread = w.unread[:0]
		for _, c := range w.columns {
			w.unread = c.add(b, w.unread)
		}
		slices.Sort(w.unread)
		w.unread = slices.Compact(w.unread)
		disagree := w.agree(w.unread)
		if len(w.unread) == 0 && len(disagree) == 0 {
			w.n += b.Rows()
			w.noteGaps()
			w.notePoints()
			return nil
		}
		// An item cannot be taken back: the block is added without the bad rows, or not at all.
		for row := range disagree {
			w.unread = append(w.unread, row)
		}
		slices.Sort(w.unread)
		for _, row := range w.unread {
			why := disagree[row]
			if why == nil {
				why = w.why(b, row)
			}
			sku := ""
			if w.sku >= 0 {
				sku = string(b.Cell(row, w.plan.cells[w.sku].Column))
			}
			if err := bad.add(w.blocks.BlockPlace(row), why, sku); err != nil {
				return err
			}
		}
		for _, c := range w.columns {
			c.cut(w.n)
		}
		next := 0
		b.Drop(func(row int) bool {
			if next == len(w.unread) || w.unread[next] != row {
				return false
			}
			next++
			return true
		})
	}
}

// why says what is wrong with a row.
func (w *blockWriter) why(b *delimited.Block, row int) *grid.BadRow {
	cells := make([]string, len(w.plan.cells))
	for i, c := range w.plan.cells {
		cells[i] = string(b.Cell(row, c.Column))
	}
	var v value
	for i := range w.plan.reads {
		if bad := w.plan.reads[i].parse(cells, &v); bad != nil {
			return bad
		}
	}
	return &grid.BadRow{Fatal: true, Err: errors.New("the row can be read now, but could not before: this is a mistake in reconcile")}
}

func (w *blockWriter) size() int {
	size := 0
	for _, c := range w.columns {
		size += c.size()
	}
	return size
}

// flush sends what is in the columns.
func (w *blockWriter) flush(to *sdk.Writer) error {
	if w.n == 0 {
		return nil
	}
	batch := make([]catalog.Column, len(w.columns))
	for i, c := range w.columns {
		batch[i] = c.column()
	}
	err := to.Batch(w.n, batch)
	for _, c := range w.columns {
		c.reset(!to.CanReuseColumns())
	}
	w.n = 0
	return err
}
