package match

import (
	"slices"
	"testing"

	"github.com/reconcilehq/reconcile/engine/chunk"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// TestPages reads what was kept on disk, whole, cut short, and put together of two.
func TestPages(t *testing.T) {
	s := shelf{arena: arena{pool: &chunk.Pool{}}}
	for i, it := range []item{{bytes: []byte("\x01A12")}, {bytes: []byte("\x01B"), tests: 3}, {bytes: []byte("\x02CDxyz"), unreadable: true}} {
		it.ordinal = uint32(i)
		if !s.put(&it) {
			t.Fatal("there is no room")
		}
	}
	record := []byte{byte(verdict.Store)}
	if err := s.eachPage(func(page []byte) error { record = append(record, page...); return nil }); err != nil {
		t.Fatal(err)
	}
	var ends []int
	for n := range record {
		side, page, err := pageOf(record[:n])
		if err == nil {
			ends = append(ends, n)
			if side != verdict.Store || len(page) != n-1 {
				t.Errorf("of %d bytes: side %d, %d bytes", n, side, len(page))
			}
		}
	}
	if want := []int{17, 17 + 20}; !slices.Equal(ends, want) { // heads of 12 and 16 bytes, and items of 4 and 2, in units of 4
		t.Errorf("an item ends after %d, want %d", ends, want)
	}
	if _, page, err := pageOf(append(slices.Clone(record), record[1:]...)); err != nil || len(page) != 2*(len(record)-1) {
		t.Errorf("of two: %d bytes, %v", len(page), err)
	}
	if _, _, err := pageOf(append([]byte{2}, record[1:]...)); err == nil {
		t.Error("there is a third side")
	}
}
