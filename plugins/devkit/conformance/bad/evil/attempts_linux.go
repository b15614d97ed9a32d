package evil

import (
	"errors"
	"slices"

	"golang.org/x/sys/unix"
)

// Attempts returns what it tries, in the order of the table.
func Attempts() []Attempt {
	return slices.Concat(reading(), writing(), metadata(), processes(), messages(), network(), surroundings(), machine())
}

// refusedBySystem also knows the answers of a system that does not know what it is asked for.
func refusedBySystem(err error) bool {
	return errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EAFNOSUPPORT)
}

// call makes a system call. Arguments that no such call takes say whether it would have been let through, and do nothing.
func call(number uintptr, arguments ...uintptr) error {
	var a [6]uintptr
	copy(a[:], arguments)
	_, _, failed := unix.Syscall6(number, a[0], a[1], a[2], a[3], a[4], a[5])
	if failed != 0 {
		return failed
	}
	return nil
}

// except returns nil for those errors which say that a call was let through, and could then not do what made no sense.
func except(err error, passed ...unix.Errno) error {
	for _, p := range passed {
		if errors.Is(err, p) {
			return nil
		}
	}
	return err
}
