package main

import (
	"math/rand/v2"
	"os"

	"golang.org/x/sys/unix"
)

// fillUp leaves a process no room: from now on it can make no file longer than so many bytes. The journal of an apply of 30 changes begins with
// about 10,000 and ends with about 20,000.
func fillUp(p *os.Process) {
	limit := unix.Rlimit{Cur: rand.Uint64N(25_000), Max: unix.RLIM_INFINITY}
	_ = unix.Prlimit(p.Pid, unix.RLIMIT_FSIZE, &limit, nil) // it may have ended
}
