package replace

import (
	"os"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/reconcilehq/reconcile/engine/fault"
)

// old is a large file that will be replaced, held open: what it takes to clear it away is done beside other work.
type old struct {
	file   *os.File
	behind sync.WaitGroup
}

// hold has the system give up the memory in which it holds the content of a file. The file stays as it is on disk, for whoever reads it
// until it is replaced. The memory is at hand for the new content, where other memory may have to come from a virtual machine's host
// first.
func hold(path string) *old {
	file, err := os.Open(path)
	if err != nil {
		return nil // then there is nothing to be gained
	}
	o := &old{file: file}
	o.behind.Go(fault.Caught(func() { _ = unix.Fadvise(int(file.Fd()), 0, 0, unix.FADV_DONTNEED) }))
	return o
}

// release lets go of the file. If it was replaced, the system frees its place on disk then, for which some disks take a while, and nobody
// waits.
func (o *old) release() {
	if o == nil {
		return
	}
	fault.Go(func() {
		o.behind.Wait()
		_ = o.file.Close() // nothing was written
	})
}
