//go:build unix

package replace

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// LockFolder keeps others who call it from changing files in a folder. It leaves no file there: the folder itself is
// locked. Where a file system has no locks, nothing is.
func LockFolder(dir string) (unlock func(), err error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, fmt.Errorf("lock the folder: %w", err)
	}
	for {
		err = unix.Flock(int(f.Fd()), unix.LOCK_EX)
		if !errors.Is(err, unix.EINTR) {
			break
		}
	}
	if err != nil && !errors.Is(err, unix.ENOLCK) && !errors.Is(err, unix.EOPNOTSUPP) && !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.EBADF) {
		return nil, errors.Join(fmt.Errorf("lock the folder %s: %w", dir, err), f.Close())
	}
	return func() { _ = f.Close() }, nil // which ends the lock
}
