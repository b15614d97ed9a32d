package engine

import (
	"encoding/binary"
	"unsafe"

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

// appendBrief appends SKU, name and key of a pair. It returns false if its rows have different SKUs, or one has none.
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
	key := ""
	if !s.job.Program.KeyIsSKU() {
		key = s.layout.Sides[0].Key(rows[0])
	}
	for _, text := range []string{skus[0], name, key} {
		dst = append(binary.AppendUvarint(dst, uint64(len(text))), text...)
	}
	return dst, true
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
	brief *catalog.Builder
	whole []byte // a row that was restored
}

func (l *listing) newDecoders() *decoders {
	return &decoders{full: [2]*row.Decoder{l.layout.Sides[0].NewDecoder(), l.layout.Sides[1].NewDecoder()}, brief: catalog.NewBuilder(briefSchemas[verdict.Pos])}
}

// addBrief adds what appendBrief has written. It returns the item's place in the batches, and its key; "" where that is its SKU.
func (d *decoders) addBrief(b []byte) (at int, key string) {
	at = d.brief.Len()
	for field := range 3 {
		n, width := binary.Uvarint(b)
		text := b[width : width+int(n)]
		b = b[width+int(n):]
		if field == 2 {
			key = string(text)
			break
		}
		d.brief.SetString(field, unsafe.String(unsafe.SliceData(text), n)) // it is copied
	}
	d.brief.End()
	return at, key
}

// briefBatches returns the batches of brief items, by side, and starts anew.
func (d *decoders) briefBatches() (batches [2]*catalog.Batch) {
	batches[verdict.Pos] = d.brief.Batch()
	batches[verdict.Store] = catalog.NewBatch(briefSchemas[verdict.Store], batches[verdict.Pos].Len(), []catalog.Column{batches[verdict.Pos].Column(0)})
	return batches
}
