package replace

import (
	"errors"
	"io/fs"
	"os"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/reconcilehq/reconcile/engine/fault"
)

// temporary writes to a temporary file. Its errors name the file that it is for: the other one is gone when somebody reads them.
type temporary struct {
	file  *os.File
	path  string
	bring func() error // to disk what was written

	behind  int // bytes that were written since a sync began
	syncing sync.WaitGroup
	busy    atomic.Bool
	failed  error // of a sync on the way; to be read when none is under way
}

// piece is how much is written before it is brought to disk while more is written: who waits in the end waits for less. Most files
// are smaller.
const piece = 16 << 20

// Write implements io.Writer.
func (t *temporary) Write(p []byte) (int, error) {
	n, err := t.file.Write(p)
	if t.behind += n; t.behind >= piece && t.busy.CompareAndSwap(false, true) {
		t.behind = 0
		t.syncing.Add(1)
		fault.Go(func() {
			defer t.syncing.Done()
			if err := t.bring(); err != nil && t.failed == nil {
				t.failed = err
			}
			t.busy.Store(false)
		})
	}
	return n, t.named(err)
}

// named returns an error that names the file that all is for.
func (t *temporary) named(err error) error {
	if at, ok := errors.AsType[*fs.PathError](err); ok {
		return &fs.PathError{Op: at.Op, Path: t.path, Err: at.Err}
	}
	return err
}

// sync brings all that was written to disk. The system tells of a failure once: one on the way counts.
func (t *temporary) sync() error {
	t.syncing.Wait()
	if t.failed != nil {
		return t.named(t.failed)
	}
	return t.named(t.bring())
}

// discard closes the file, which may be removed then: on Windows that takes that nothing has it open.
func (t *temporary) discard() {
	if runtime.GOOS == "windows" {
		t.syncing.Wait()
	}
	_ = t.file.Close() // which a failed Commit may have done
}
