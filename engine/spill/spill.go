// Package spill keeps on disk what does not fit in memory, for the time of a run.
//
// All files of a run are in a folder of its own, which only the user can enter. Closing the folder removes them. When a run
// is killed its folder stays: Sweep, which the next run calls, removes it. Sweep never touches the folder of a process that
// still runs.
package spill

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// lockName is the file in each run's folder that its process holds locked as long as it lives.
const lockName = "lock"

// runPrefix begins the names of runs' folders.
const runPrefix = "run-"

// Root returns the folder that holds the folders of all runs of this user: below the system's folder for temporary files,
// which TMPDIR (TMP on Windows) names.
func Root() string {
	name := "reconcile"
	if uid := os.Getuid(); uid >= 0 {
		name += "-" + strconv.Itoa(uid)
	}
	return filepath.Join(os.TempDir(), name)
}

// Folder is where a run keeps its files. Its methods can be called from several goroutines. The zero value is not usable.
type Folder struct {
	path  string
	lock  *os.File
	files atomic.Int64
}

// Open makes a folder for this run below root, which it makes, too.
func Open(root string) (*Folder, error) {
	if err := makeRoot(root); err != nil {
		return nil, fmt.Errorf("keep on disk what does not fit memory: %w", err)
	}
	path, err := os.MkdirTemp(root, runPrefix) // 0700
	if err != nil {
		return nil, fmt.Errorf("keep on disk what does not fit memory: %w", err)
	}
	f := &Folder{path: path}
	if f.lock, err = holdLock(filepath.Join(path, lockName)); err != nil {
		_ = os.RemoveAll(path)
		return nil, fmt.Errorf("keep on disk what does not fit memory: %w", err)
	}
	return f, nil
}

// makeRoot makes the folder of all runs. If it exists already, makeRoot checks that it is the user's own: others can write to
// the system's folder for temporary files, too.
func makeRoot(root string) error {
	err := os.Mkdir(root, 0o700)
	if err == nil || !errors.Is(err, fs.ErrExist) {
		return err
	}
	info, err := os.Lstat(root)
	switch {
	case err != nil:
		return err
	case !info.IsDir():
		return fmt.Errorf("%s is in the way: it is no folder. Remove it, or name another folder for temporary files in TMPDIR", root)
	case !ownedAlone(info):
		return fmt.Errorf("%s is not a folder of yours alone. Remove it, or name another folder for temporary files in TMPDIR", root)
	}
	return nil
}

// Path returns where the folder lies.
func (f *Folder) Path() string { return f.path }

// Close removes the folder and all that is in it. It is safe to call more than once.
func (f *Folder) Close() error {
	if f == nil || f.lock == nil {
		return nil
	}
	// The lock is removed last: until then no other run takes this folder for that of a dead process. It is closed first,
	// since Windows does not remove open files.
	var errs []error
	entries, err := os.ReadDir(f.path)
	errs = append(errs, err)
	for _, e := range entries {
		if e.Name() != lockName {
			errs = append(errs, os.RemoveAll(filepath.Join(f.path, e.Name())))
		}
	}
	errs = append(errs, f.lock.Close(), os.RemoveAll(f.path))
	f.lock = nil
	return errors.Join(errs...)
}

// Sweep removes what killed processes left below root. It is no error if root does not exist.
func Sweep(root string) error {
	info, err := os.Lstat(root)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !info.IsDir() || !ownedAlone(info):
		return nil // not ours
	}
	entries, err := os.ReadDir(root)
	if err != nil {
		return err
	}
	var errs []error
	for _, e := range entries {
		path := filepath.Join(root, e.Name())
		if e.IsDir() && strings.HasPrefix(e.Name(), runPrefix) && (abandoned(filepath.Join(path, lockName)) || lockless(path)) {
			errs = append(errs, os.RemoveAll(path))
		}
	}
	return errors.Join(errs...)
}

// lockless reports whether a run's folder has had no lock for so long that its process cannot be just about to make it.
func lockless(path string) bool {
	if _, err := os.Lstat(filepath.Join(path, lockName)); !errors.Is(err, fs.ErrNotExist) {
		return false
	}
	info, err := os.Lstat(path)
	return err == nil && time.Since(info.ModTime()) > time.Hour
}
