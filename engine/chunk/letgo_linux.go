package chunk

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// letGo gives memory back to the system, of which nobody needs what is in it. It stays ours, and is zero when it is used again.
func letGo(memory []byte) {
	page := uintptr(os.Getpagesize()) // a page that is ours in part would be taken as a whole
	start := uintptr(unsafe.Pointer(unsafe.SliceData(memory)))
	from, to := (start+page-1)&^(page-1), (start+uintptr(len(memory)))&^(page-1)
	if from < to {
		_ = unix.Madvise(memory[from-start:to-start], unix.MADV_DONTNEED)
	}
}
