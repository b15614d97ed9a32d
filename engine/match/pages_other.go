//go:build !linux

package match

// wantLargePages does nothing where the system decides about pages alone.
func wantLargePages([]byte) {}
