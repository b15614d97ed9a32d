//go:build !linux

package main

import "os"

// fillUp kills the process where no disk can be filled for it alone.
func fillUp(p *os.Process, _ uint64) { _ = p.Kill() } // it may have ended
