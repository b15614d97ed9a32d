//go:build darwin

package memory

import "golang.org/x/sys/unix"

// ofMachine returns how many bytes of memory there are; 0 if that cannot be learned.
func ofMachine() int64 {
	n, err := unix.SysctlUint64("hw.memsize")
	if err != nil {
		return 0
	}
	return int64(n)
}
