//go:build linux || darwin

package doctor

import (
	"golang.org/x/sys/unix"
)

// openFiles returns how many files a process may have open.
func openFiles() (limit uint64, ok bool) {
	var r unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &r); err != nil {
		return 0, false
	}
	return r.Cur, true
}

// freeSpace returns how many bytes the user may still write to a folder's disk.
func freeSpace(dir string) (bytes int64, ok bool) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil || s.Blocks == 0 {
		return 0, false
	}
	return int64(s.Bavail) * int64(s.Bsize), true
}
