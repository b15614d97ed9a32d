package near

import "slices"

// harm returns what keys that are made by the kinds might do to rows that do no such thing now: how many of both sides might be
// duplicates, and of how many nothing might be left. A key that two rows of a side have takes those of the other side along.
func harm(k set, sides [2]*Side, duplicates [2]map[hashes]int32) (twice, lost int) {
	of := func(h hashes) uint64 {
		if k&^mild == 0 {
			return h.mild
		}
		return h.loose
	}
	already := map[uint64]int{}
	for _, side := range duplicates {
		for h, n := range side {
			if h.lost(k) {
				lost -= int(n) // nobody pairs them now
				continue
			}
			already[of(h)] += int(n)
		}
	}
	var lists [2][]uint64
	for side, s := range sides {
		lists[side] = make([]uint64, 0, s.count)
		for _, part := range s.all {
			for _, h := range part {
				if h.lost(k) {
					lost++
					continue
				}
				lists[side] = append(lists[side], of(h))
			}
		}
		slices.Sort(lists[side])
	}
	for len(lists[0]) > 0 || len(lists[1]) > 0 {
		hash := first(lists)
		rows, most := 0, 0
		for side := range lists {
			n := 0
			for n < len(lists[side]) && lists[side][n] == hash {
				n++
			}
			lists[side] = lists[side][n:]
			rows, most = rows+n, max(most, n)
		}
		if most > 1 && rows > already[hash] {
			twice += rows - already[hash]
		}
	}
	return twice, max(lost, 0) // where not all rows were remembered, there may be more duplicates than these
}

// first returns the least of two sorted lists that are not both empty.
func first(lists [2][]uint64) uint64 {
	switch {
	case len(lists[0]) == 0:
		return lists[1][0]
	case len(lists[1]) == 0:
		return lists[0][0]
	}
	return min(lists[0][0], lists[1][0])
}
