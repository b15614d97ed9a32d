package spool

import (
	"math/bits"
	"slices"
)

// sort puts the run's items in order.
func (r *run) sort() {
	const few = 1 << 10 // for which counting takes longer than comparing
	if len(r.index) < few {
		slices.SortFunc(r.index, func(a, b entry) int {
			switch {
			case a.order < b.order:
				return -1
			case a.order > b.order:
				return 1
			}
			return 0
		})
		return
	}
	r.index = sortByDigits(r.index, make([]entry, len(r.index)))
}

// sortByDigits sorts the entries by their order, a digit at a time, the lowest first. Most orders differ in few of their bits: only
// those are looked at. It uses both slices, and returns the one with the result.
func sortByDigits(from, to []entry) []entry {
	var differ uint64
	for i := range from {
		differ |= from[i].order ^ from[0].order
	}
	const width = 11
	for differ != 0 {
		low := bits.TrailingZeros64(differ)
		const mask = 1<<width - 1
		differ &^= mask << low
		var begin [mask + 1]int
		for i := range from {
			begin[from[i].order>>low&mask]++
		}
		at := 0
		for digit, n := range begin {
			begin[digit] = at
			at += n
		}
		for i := range from {
			digit := from[i].order >> low & mask
			to[begin[digit]] = from[i]
			begin[digit]++
		}
		from, to = to, from
	}
	return from
}
