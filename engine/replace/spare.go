package replace

import (
	"fmt"
	"os"
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
