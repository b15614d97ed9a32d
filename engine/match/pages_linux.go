package match

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// wantLargePages asks the system to back memory with large pages, and with it what lies beside it within the same large
// pages. That is a wish: without them everything works as well.
func wantLargePages(b []byte) {
	const large = 2 << 20
	begin := uintptr(unsafe.Pointer(unsafe.SliceData(b)))
	end := (begin + uintptr(len(b)) + large - 1) &^ (large - 1)
	begin &^= large - 1
	_, _, _ = unix.Syscall(unix.SYS_MADVISE, begin, end-begin, unix.MADV_HUGEPAGE)
}
