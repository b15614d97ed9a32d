package engine

import (
	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/row"
	"github.com/reconcilehq/reconcile/engine/spool"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// Of an item with which nothing is wrong, a run that is kept needs no more than SKU, name and key.

// briefSchemas are the fields of such items. The name is that of the pos side, where there is one.
var briefSchemas = [2]*catalog.Schema{
	catalog.MustSchema(catalog.Field{Name: "sku", Type: catalog.String}, catalog.Field{Name: "name", Type: catalog.String}),
	catalog.MustSchema(catalog.Field{Name: "sku", Type: catalog.String}),
}

// newBriefLayout returns the layout of such items: the key, if it is not the SKU, then SKU and name. The store's has nothing that the pos
// side's lacks.
func newBriefLayout(keyed bool) *row.Layout {
	return row.NewLayout(briefSchemas, [][2]int{{0, 0}}, keyed)
}

// allOfBrief is what the store's row of such an item has and the other lacks: nothing.
var allOfBrief = []byte{1}

// keepMatched spools a matched item that will be listed.
func (w *worker) keepMatched(it *spool.Item) error {
	if w.job.Brief && w.counts.list[it.Outcome].Silent() {
		if b, ok := w.appendBrief(w.brief[:0], it.Rows); ok {
			w.brief = b
			return w.spooled.Add(&spool.Item{Status: it.Status, Outcome: it.Outcome, Ordinals: it.Ordinals, Rows: [2][]byte{b}, Brief: true})
		}
	}
	return w.spooled.Add(it)
}

// appendBrief appends a pair as the brief layout has it. It returns false if its rows have different SKUs, or one has none.
func (s *shared) appendBrief(dst []byte, rows [2][]byte) ([]byte, bool) {
	var skus [2]string
	for _, side := range verdict.Sides {
		column := s.textColumn(side, "sku")
		if column < 0 {
			return dst, false
		}
		skus[side] = s.layout.Sides[side].Text(rows[side], column)
	}
	if skus[0] != skus[1] {
		return dst, false
	}
	name := ""
	for _, side := range verdict.Sides {
		if column := s.textColumn(side, "name"); column >= 0 {
			name = s.layout.Sides[side].Text(rows[side], column)
			break
		}
	}
	if !s.job.Program.KeyIsSKU() {
		dst = row.AppendText(dst, s.layout.Sides[0].Key(rows[0]))
	}
	return row.AppendText(row.AppendText(dst, skus[0]), name), true
}

// textColumn returns the column of a side that has a field of texts; -1 if there is none.
func (s *shared) textColumn(side verdict.Side, name string) int {
	schema := s.layout.Sides[side].Schema()
	at := schema.Index(name)
	if at >= 0 && schema.Field(at).Type != catalog.String {
		return -1
	}
	return at
}

// decoders make batches of what was spooled. They are for one goroutine.
type decoders struct {
	full  [2]*row.Decoder
	brief *row.Decoder // of the pos side
	whole []byte       // a row that was restored
}

func (l *listing) newDecoders() *decoders {
	return &decoders{full: [2]*row.Decoder{l.layout.Sides[0].NewDecoder(), l.layout.Sides[1].NewDecoder()}, brief: l.brief.Sides[0].NewDecoder()}
}

// briefBatches returns the batches of brief items, by side, and starts anew.
func (d *decoders) briefBatches() (batches [2]*catalog.Batch) {
	batches[verdict.Pos] = d.brief.Batch()
	batches[verdict.Store] = catalog.NewBatch(briefSchemas[verdict.Store], batches[verdict.Pos].Len(), []catalog.Column{batches[verdict.Pos].Column(0)})
	return batches
}
