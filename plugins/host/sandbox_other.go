//go:build !linux

package host

import "errors"

// SandboxLevel says how far this system can hold a program to a Sandbox.
func SandboxLevel() Level { return Unconfined }

// Confine fails: only Linux has Landlock.
func Confine(string) error { return errors.New("this system cannot confine a program") }
