package spool

import (
	"encoding/binary"

	"github.com/reconcilehq/reconcile/engine/verdict"
)

// Item is an item as it is kept.
type Item struct {
	Status   verdict.Status
	Outcome  int32     // which of the outcomes it has; -1: none
	Ordinals [2]uint32 // by side: its place in the source
	Rows     [2][]byte // by side; nil: it is not there
}

// order returns where an item comes in the report: those of the pos side come in its order, then the others in the
// store's.
func (it *Item) order() uint64 {
	if it.Rows[0] != nil {
		return uint64(it.Ordinals[0])
	}
	return 1<<32 | uint64(it.Ordinals[1])
}

// head is the status and which sides there are, the outcome, the two ordinals, and the first row's length.
const head = 1 + 4 + 4 + 4 + 4

func (it *Item) put(b []byte) {
	b[0] = byte(it.Status)
	for side, row := range it.Rows {
		if row != nil {
			b[0] |= 0x40 << side
		}
	}
	binary.LittleEndian.PutUint32(b[1:], uint32(it.Outcome))
	binary.LittleEndian.PutUint32(b[5:], it.Ordinals[0])
	binary.LittleEndian.PutUint32(b[9:], it.Ordinals[1])
	binary.LittleEndian.PutUint32(b[13:], uint32(len(it.Rows[0])))
	n := copy(b[head:], it.Rows[0])
	copy(b[head+n:], it.Rows[1])
}

// get reads what put has written. The rows share its memory.
func (it *Item) get(b []byte) {
	it.Status, it.Outcome = verdict.Status(b[0]&0x3f), int32(binary.LittleEndian.Uint32(b[1:]))
	it.Ordinals = [2]uint32{binary.LittleEndian.Uint32(b[5:]), binary.LittleEndian.Uint32(b[9:])}
	end := head + binary.LittleEndian.Uint32(b[13:])
	it.Rows = [2][]byte{}
	if b[0]&0x40 != 0 {
		it.Rows[0] = b[head:end]
	}
	if b[0]&0x80 != 0 {
		it.Rows[1] = b[end:]
	}
}
