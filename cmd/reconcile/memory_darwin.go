package main

import "golang.org/x/sys/unix"

// machineMemory returns how many bytes of memory there are; 0 if that cannot be learned.
func machineMemory() int64 {
	n, err := unix.SysctlUint64("hw.memsize")
	if err != nil {
		return 0
	}
	return int64(n)
}
