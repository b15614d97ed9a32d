package replace

import (
	"fmt"
	"os"
	"path/filepath"
)

// Reading is a file that is read, and what reads it, in words.
type Reading struct{ Path, By string }

// Spare returns an error if the file at path is one of those that are read, by whatever name: to replace it would destroy
// what was to be read. A file that is not there yet replaces nothing.
func Spare(path string, read []Reading) error {
	info, err := os.Stat(path)
	there := err == nil && info.Mode().IsRegular() // else it is new, or Open says what is wrong
	for _, r := range read {
		if other, err := os.Stat(r.Path); there && err == nil && os.SameFile(info, other) {
			return fmt.Errorf("%s would be replaced, and it is read: it is %s; choose another name for what is written", path, r.By)
		}
	}
	return nil
}

// Same reports whether two paths are of one file, or, where it is not there yet, would be.
func Same(a, b string) bool {
	if filepath.Clean(a) == filepath.Clean(b) {
		return true
	}
	one, failed := os.Stat(a)
	other, err := os.Stat(b)
	switch {
	case failed == nil && err == nil:
		return os.SameFile(one, other)
	case failed == nil || err == nil || filepath.Base(a) != filepath.Base(b):
		return false
	}
	one, failed = os.Stat(filepath.Dir(a))
	other, err = os.Stat(filepath.Dir(b))
	return failed == nil && err == nil && os.SameFile(one, other)
}
