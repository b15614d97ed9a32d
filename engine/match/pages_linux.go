package match

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// wantLargePages asks the system to back memory with large pages. That is a wish: without them everything works as well.
func wantLargePages(b []byte) {
	const large = 2 << 20
	before := -uintptr(unsafe.Pointer(unsafe.SliceData(b))) & (large - 1)
	if whole := b[before:]; len(whole) >= large {
		_ = unix.Madvise(whole[:len(whole)/large*large], unix.MADV_HUGEPAGE)
	}
}
