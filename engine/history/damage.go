package history

import (
	"errors"
	"fmt"
	"hash/crc32"
)

// ErrNewer means that a file was written by a newer version of the program.
var ErrNewer = errors.New("it was written by a newer version of reconcile: install that one to read it")

// DamageError means that a file is not what was written: it was cut off or changed, or is no run at all.
type DamageError struct {
	Path string
	What string // where, and what is wrong there
}

// Error implements error.
func (e *DamageError) Error() string {
	return fmt.Sprintf("%s is damaged, and nothing of it can be relied on: %s", e.Path, e.What)
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func checksum(b []byte) uint32 { return crc32.Checksum(b, castagnoli) }
