//go:build !linux

package host

import "errors"

// Confine fails: only Linux can confine a program.
func Confine(string) error { return errors.New("this system cannot confine a program") }
