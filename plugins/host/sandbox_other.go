//go:build !linux

package host

import "errors"

// SandboxLevel returns how much of a Sandbox this system can enforce: nothing.
func SandboxLevel() Level { return Unconfined }

// Confine fails: only Linux has Landlock.
func Confine(string) error { return errors.New("this system cannot confine a program") }
