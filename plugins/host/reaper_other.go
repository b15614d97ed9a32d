//go:build !linux

package host

import "errors"

// canReap says whether this system has reapers.
const canReap = false

// Reap fails: only Linux lets a process take over what others leave.
func Reap(string) error { return errors.New("this system has no reapers") }
