//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package spill

import (
	"io/fs"
	"os"
	"syscall"
)

// holdLock makes a file and locks it; the kernel lets go of the lock when the process ends, however it does.
func holdLock(path string) (*os.File, error) {
	// It gets its name when it is locked, so that nobody finds it unlocked.
	file, err := os.OpenFile(path+".new", os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	if err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err == nil {
		err = os.Rename(path+".new", path)
	}
	if err != nil {
		_ = file.Close()
		return nil, err
	}
	return file, nil
}

// abandoned reports whether nobody holds the lock any more.
func abandoned(path string) bool {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return false
	}
	defer func() { _ = file.Close() }()
	return syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil
}

// ownedAlone reports whether a folder is the user's, and nobody else can enter it.
func ownedAlone(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Getuid() && info.Mode().Perm()&0o077 == 0
}
