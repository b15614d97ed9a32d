//go:build !linux && !darwin && !windows

package doctor

// openFiles says nothing: it is not known there.
func openFiles() (limit uint64, ok bool) { return 0, false }

// freeSpace says nothing: it is not known there.
func freeSpace(string) (bytes int64, ok bool) { return 0, false }
