//go:build !windows

package host

// inheritsFiles says whether a child can be handed an open file.
const inheritsFiles = true
