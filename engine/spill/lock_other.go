//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package spill

import (
	"io/fs"
	"os"
)

// holdLock makes a file and keeps it open: Windows removes no open file, and closes those of a process that ended.
func holdLock(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
}

// abandoned reports whether nobody has the file open any more, by removing it.
func abandoned(path string) bool { return os.Remove(path) == nil }

// ownedAlone is for systems where the folder for temporary files is the user's own.
func ownedAlone(fs.FileInfo) bool { return true }
