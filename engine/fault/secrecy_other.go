//go:build !linux

package fault

// keepMemory does nothing: whether other systems write core dumps is the user's setting.
func keepMemory() {}
