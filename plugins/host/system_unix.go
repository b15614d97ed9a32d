//go:build !windows

package host

import (
	"errors"
	"syscall"
)

// inheritsFiles says whether a child can be handed an open file.
const inheritsFiles = true

// alive reports whether there is a process of that id, as far as can be told.
func alive(pid int) bool { return !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }
