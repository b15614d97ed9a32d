package history

import (
	"encoding/binary"
	"fmt"
	"sync"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/row"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// itemEncoder makes of items what Writer.add takes: of each the number of its outcome, its byte of status, the lengths of its SKU, its
// name, and its key plus one (0: the key is the SKU), these texts, and where values are kept their length and the values. It is for one
// goroutine.
type itemEncoder struct {
	result  *report.Result
	learned *learned
	schemas [2]*catalog.Schema // by side: of rows of which values are kept
	values  valuesEncoder
	scratch []byte
	own     []ownFields

	numbers map[*report.Outcome]uint64
	any     bool            // there was an item before, with:
	last    *report.Outcome // its outcome,
	number  uint64          // the number of that,
	silent  bool            // and whether that is Silent
}

// append appends what is made of an item.
func (e *itemEncoder) append(dst []byte, it *report.Item) []byte {
	if !e.any || e.last != it.Outcome {
		e.last, e.number, e.silent, e.any = it.Outcome, e.numberOf(it.Outcome), it.Outcome.Silent(), true
	}
	sku, name, differ := e.texts(it)
	kept := it.Status != verdict.Matched || !e.silent || differ
	dst = append(binary.AppendUvarint(dst, e.number), stateOf(it, kept))
	dst = binary.AppendUvarint(binary.AppendUvarint(dst, uint64(len(sku))), uint64(len(name)))
	if it.Key == "" || it.Key == sku {
		dst = append(append(append(dst, 0), sku...), name...)
	} else {
		dst = binary.AppendUvarint(dst, uint64(len(it.Key))+1)
		dst = append(append(append(dst, sku...), name...), it.Key...)
	}
	if !kept {
		return dst
	}
	e.learn(it)
	e.scratch = e.values.append(e.scratch[:0], it, sku, name, e.result)
	return append(binary.AppendUvarint(dst, uint64(len(e.scratch))), e.scratch...)
}

// ownFields are the columns of SKU and name, of rows with a schema; -1 for one that is not there.
type ownFields struct {
	schema    *catalog.Schema
	sku, name int
}

// texts returns what Item.SKU and Item.Name do, and whether the sides have different SKUs.
func (e *itemEncoder) texts(it *report.Item) (sku, name string, differ bool) {
	var skus [2]string
	var has [2]bool
	named := false
	for _, side := range verdict.Sides {
		if of := it.Row(side); of.Has() {
			own := e.ownOf(of.Schema())
			if own.sku >= 0 {
				skus[side], has[side] = textIn(of, own.sku), true
			}
			if own.name >= 0 && !named {
				name, named = textIn(of, own.name), true
			}
		}
		if u := it.Unreadable[side]; u != nil {
			skus[side], has[side] = u.SKU, true
		}
	}
	if sku = skus[verdict.Pos]; !has[verdict.Pos] {
		sku = skus[verdict.Store]
	}
	return sku, name, skus[verdict.Pos] != skus[verdict.Store]
}

func (e *itemEncoder) ownOf(schema *catalog.Schema) *ownFields {
	for i := range e.own {
		if e.own[i].schema == schema {
			return &e.own[i]
		}
	}
	own := ownFields{schema, -1, -1}
	for name, at := range map[string]*int{"sku": &own.sku, "name": &own.name} {
		if i := schema.Index(name); i >= 0 && schema.Field(i).Type == catalog.String {
			*at = i
		}
	}
	e.own = append(e.own, own)
	return &e.own[len(e.own)-1]
}

func textIn(of report.Row, column int) string {
	if of.Kept != nil {
		return row.Text(of.Kept.Field(column))
	}
	return of.Batch.Column(column).(*catalog.Strings).At(of.I)
}

// learn takes the fields of a side from its first row of which values are kept.
func (e *itemEncoder) learn(it *report.Item) {
	for _, side := range verdict.Sides {
		of := it.Row(side)
		if !of.Has() || of.Schema() == e.schemas[side] {
			continue
		}
		e.learned.fields(side, of.Schema(), it)
		e.schemas[side] = of.Schema()
		e.values.twins = newTwins(e.schemas)
	}
}

// numberOf returns the number of an outcome, which all encoders share.
func (e *itemEncoder) numberOf(o *report.Outcome) uint64 {
	n, known := e.numbers[o]
	if !known {
		n = e.learned.number(o)
		e.numbers[o] = n
	}
	return n
}

// learned is what all encoders of a file learn of items. It is for several goroutines.
type learned struct {
	mu       sync.Mutex
	schemas  [2]*catalog.Schema // by side: of rows of which values are kept; nil while there is none
	outcomes []*report.Outcome  // by number
	numbers  map[*report.Outcome]uint64
	err      error
}

func newLearned() *learned { return &learned{numbers: map[*report.Outcome]uint64{}} }

func (l *learned) failed() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

func (l *learned) outcome(number int) *report.Outcome {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.outcomes[number]
}

func (l *learned) number(o *report.Outcome) uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	n, known := l.numbers[o]
	if !known {
		n = uint64(len(l.outcomes))
		l.numbers[o], l.outcomes = n, append(l.outcomes, o)
	}
	return n
}

// fields takes the fields of a side, which have to be the same in all rows of which values are kept.
func (l *learned) fields(side verdict.Side, schema *catalog.Schema, it *report.Item) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch known := l.schemas[side]; {
	case known == nil:
		l.schemas[side] = schema
	case l.err == nil && !sameFields(known, schema):
		l.err = fmt.Errorf("keep a run: item %q of %s has other fields than the items before it", it.SKU(), side)
	}
}

func sameFields(a, b *catalog.Schema) bool {
	if a.Len() != b.Len() {
		return false
	}
	for i, f := range a.Fields() {
		if of := b.Field(i); f.Name != of.Name || f.Type != of.Type {
			return false
		}
	}
	return true
}
