//go:build !windows

package host

import (
	"errors"
	"os"
	"syscall"
)

// inheritsFiles says whether a child can be handed an open file.
const inheritsFiles = true

// alive reports whether there is a process of that id, as far as can be told.
func alive(pid int) bool { return !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }

// group is a program with all that it starts, unless that leaves the group on purpose.
type group int

func groupOf(p *os.Process) group { return group(p.Pid) }

// kill ends them all. There may be none left.
func (g group) kill() { _ = syscall.Kill(-int(g), syscall.SIGKILL) }
