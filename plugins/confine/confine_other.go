//go:build !linux

package confine

// Landlock returns the version of Landlock that this system has: none.
func Landlock() int { return 0 }

// HasFilter reports whether this system can refuse system calls: it cannot.
func HasFilter() bool { return false }

// Restrict does nothing: this system cannot take rights away.
func Restrict(Rights) error { return nil }
