package replace

import (
	"os"

	"golang.org/x/sys/unix"
)

// letGo has the system give up the memory in which it holds the content of a file that will be replaced. The file stays as it is on disk,
// for whoever reads it until then. The memory is at hand for the new content, where other memory may have to come from a virtual
// machine's host first; and who replaces the file need not wait until it is given up.
func letGo(path string) {
	if file, err := os.Open(path); err == nil {
		_ = unix.Fadvise(int(file.Fd()), 0, 0, unix.FADV_DONTNEED)
		_ = file.Close()
	}
}
