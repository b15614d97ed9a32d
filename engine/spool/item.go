package spool

import (
	"encoding/binary"

	"github.com/reconcilehq/reconcile/engine/verdict"
)

// Item is an item as it is kept.
type Item struct {
	Status   verdict.Status
	Outcome  int32     // which of the outcomes it has; -1: none
	Ordinals [2]uint32 // by side: its position in the source
	Rows     [2][]byte // by side; nil: it is not there

	// Rest says, by side, that the row has only what that of the other side lacks: see row.Codec.Restore.
	Rest [2]bool

	// Brief says that Rows has only what the engine keeps of items with which nothing is wrong, as that of pos. They are on both sides.
	Brief bool

	// Unreadable says, by side, that the row could not be read. Then Rows has its number among such rows, in four bytes, and
	// whatever the engine adds; its ordinal is that of the next row that could be read.
	Unreadable [2]bool
}

// order returns a number by which items are sorted in the report: first those of the pos side in its order, then the others
// in the store's order.
func (it *Item) order() uint64 {
	side := verdict.Pos
	if it.Rows[side] == nil {
		side = verdict.Store
	}
	const numbers = 1 << 30 // of rows that were not read, before one that was
	number := uint64(numbers - 1)
	if it.Unreadable[side] {
		number = min(uint64(binary.LittleEndian.Uint32(it.Rows[side])), numbers-2)
	}
	return uint64(side)<<63 | uint64(it.Ordinals[side])*numbers | number
}

// head is the size of an item's head: status and flags, outcome, two ordinals, and the first row's length.
const head = 1 + 4 + 4 + 4 + 4

// Flags in the first byte, beside the status. These are for pos; the flag for store is the next bit.
const (
	isBrief      = 0x08
	isUnreadable = 0x10
	isThere      = 0x40
)

// isRest is a flag in the first row's length, for pos; that for store is the next bit. No row is as long.
const isRest = 1 << 30

func (it *Item) put(b []byte) {
	b[0] = byte(it.Status)
	if it.Brief {
		b[0] |= isBrief
	}
	for side, row := range it.Rows {
		if row != nil {
			b[0] |= isThere << side
		}
		if it.Unreadable[side] {
			b[0] |= isUnreadable << side
		}
	}
	binary.LittleEndian.PutUint32(b[1:], uint32(it.Outcome))
	binary.LittleEndian.PutUint32(b[5:], it.Ordinals[0])
	binary.LittleEndian.PutUint32(b[9:], it.Ordinals[1])
	length := uint32(len(it.Rows[0]))
	for side, rest := range it.Rest {
		if rest {
			length |= isRest << side
		}
	}
	binary.LittleEndian.PutUint32(b[13:], length)
	n := copy(b[head:], it.Rows[0])
	copy(b[head+n:], it.Rows[1])
}

// get reads what put has written. The rows share its memory.
func (it *Item) get(b []byte) {
	it.Status, it.Outcome = verdict.Status(b[0]&(isBrief-1)), int32(binary.LittleEndian.Uint32(b[1:]))
	it.Ordinals = [2]uint32{binary.LittleEndian.Uint32(b[5:]), binary.LittleEndian.Uint32(b[9:])}
	length := binary.LittleEndian.Uint32(b[13:])
	it.Rest = [2]bool{length&isRest != 0, length&(isRest<<1) != 0}
	end := head + length&(isRest-1)
	it.Brief = b[0]&isBrief != 0
	it.Rows, it.Unreadable = [2][]byte{}, [2]bool{b[0]&isUnreadable != 0, b[0]&(isUnreadable<<1) != 0}
	if b[0]&isThere != 0 {
		it.Rows[0] = b[head:end]
	}
	if b[0]&(isThere<<1) != 0 {
		it.Rows[1] = b[end:]
	}
}
