package main

import (
	"math/rand/v2"
	"os"

	"golang.org/x/sys/unix"
)

// fillUp leaves a process no room: from now on it can make no file longer than some bytes, of which there are fewer than most.
func fillUp(p *os.Process, most uint64) {
	limit := unix.Rlimit{Cur: rand.Uint64N(most), Max: unix.RLIM_INFINITY}
	_ = unix.Prlimit(p.Pid, unix.RLIMIT_FSIZE, &limit, nil) // it may have ended
}
