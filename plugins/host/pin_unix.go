//go:build !windows

package host

// canMirror says whether this system lets users make symbolic links.
const canMirror = true
