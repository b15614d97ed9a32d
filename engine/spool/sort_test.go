package spool

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestSort sorts more items than are compared one by one, by orders of which many or few bits differ.
func TestSort(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for _, mask := range []uint64{0, 1, 1<<63 | 1<<30, 0xfffff << 30, 1<<63 | 0xfffff<<30 | 7, 1<<64 - 1} {
		for _, n := range []int{0, 1, 1000, 5000} {
			r := &run{}
			for i := range n {
				r.index = append(r.index, entry{order: random.Uint64() & mask, size: uint32(i)})
			}
			want := slices.Clone(r.index)
			slices.SortStableFunc(want, func(a, b entry) int {
				if a.order < b.order {
					return -1
				}
				return int(min(a.order-b.order, 1))
			})
			r.sort()
			orders := func(list []entry) (orders []uint64) {
				for _, e := range list {
					orders = append(orders, e.order)
				}
				return orders
			}
			if !slices.Equal(orders(r.index), orders(want)) {
				t.Errorf("%d items that differ in %x are not sorted", n, mask)
			}
			seen := make([]bool, n)
			for _, e := range r.index {
				seen[e.size] = true
			}
			if slices.Contains(seen, false) {
				t.Errorf("of %d items that differ in %x some are lost", n, mask)
			}
		}
	}
}
