//go:build !windows

package host

// canMirror says whether a file's surroundings can be linked to.
const canMirror = true
