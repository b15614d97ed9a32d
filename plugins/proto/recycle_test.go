package proto

import (
	"bytes"
	"testing"
)

// TestRecycle says that memory is handed out again once it has been given back, and not before.
func TestRecycle(t *testing.T) {
	for len(spareBuffers) > 0 {
		<-spareBuffers
	}
	fill := func(n int, with byte) []byte { return append(takeBuffer(n), bytes.Repeat([]byte{with}, n)...) }
	same := func(a, b []byte) bool { return &a[:1][0] == &b[:1][0] }
	kept, given := fill(300<<10, 'k'), fill(300<<10, 'g')
	Recycle(given)
	again := fill(310<<10, 'a')
	if !same(given, again) {
		t.Error("what was given back is not handed out again")
	}
	if len(kept) != 300<<10 || bytes.Count(kept, []byte("k")) != len(kept) {
		t.Error("what was kept has changed")
	}
	Recycle(again)
	if larger := fill(1<<20, 'l'); same(larger, again) || cap(larger) < 1<<20 {
		t.Error("a batch does not fit where it is put")
	}
	for _, n := range []int{1, maxSpareBytes + 1} {
		b := make([]byte, n)
		Recycle(b)
		if len(spareBuffers) != 0 {
			t.Errorf("%d bytes are kept", n)
		}
	}
	for range 3 * cap(spareBuffers) { // more than there is room for
		Recycle(make([]byte, bufferStep))
	}
	if len(spareBuffers) != cap(spareBuffers) {
		t.Errorf("%d are kept, want %d", len(spareBuffers), cap(spareBuffers))
	}
	for len(spareBuffers) > 0 {
		<-spareBuffers
	}
}
