package expr

import (
	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// Frame is the pair of rows that expressions are evaluated on. It holds scratch space, so it is for one goroutine. The
// zero Frame is ready for SetBatch.
type Frame struct {
	sides   [MaxSides]row
	moment  uint64 // moves with the rows
	memos   []memo // what was computed for them, by sharedCall.slot
	scratch []byte // used as a stack: whoever appends cuts it back to the length that was found
}

type row struct {
	batch *catalog.Batch
	at    int
}

// SetBatch sets the batch that a side's rows are taken from. It must have the schema that the expressions were compiled
// with. The side's row is 0 then.
func (f *Frame) SetBatch(side verdict.Side, b *catalog.Batch) {
	f.sides[side] = row{batch: b}
	f.moment++
}

// SetRow moves a side to row i of its batch.
func (f *Frame) SetRow(side verdict.Side, i int) {
	f.sides[side].at = i
	f.moment++
}

// field is a column of a side's batch.
type field struct {
	side   verdict.Side
	column int
	name   string
}

func (f *Frame) strings(x *field) (*catalog.Strings, int) {
	r := &f.sides[x.side]
	return r.batch.Column(x.column).(*catalog.Strings), r.at
}

func (f *Frame) numbers(x *field) (*catalog.Numbers, int) {
	r := &f.sides[x.side]
	return r.batch.Column(x.column).(*catalog.Numbers), r.at
}

func (f *Frame) bools(x *field) (*catalog.Bools, int) {
	r := &f.sides[x.side]
	return r.batch.Column(x.column).(*catalog.Bools), r.at
}

func (f *Frame) lists(x *field) (*catalog.Lists, int) {
	r := &f.sides[x.side]
	return r.batch.Column(x.column).(*catalog.Lists), r.at
}

func (f *Frame) maps(x *field) (*catalog.Maps, int) {
	r := &f.sides[x.side]
	return r.batch.Column(x.column).(*catalog.Maps), r.at
}
