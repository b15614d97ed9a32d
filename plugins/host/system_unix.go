//go:build !windows

package host

import (
	"errors"
	"os"
	"syscall"
)

// canInheritFiles says whether a child process can inherit an open file.
const canInheritFiles = true

// processExists reports whether there is a process with that id; true if this is not known.
func processExists(pid int) bool { return !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }

// group is the process group of a program: the program and all that it starts, except what leaves the group on purpose.
type group int

func groupOf(p *os.Process) group { return group(p.Pid) }

// kill ends all processes of the group, if there are any left.
func (g group) kill() { _ = syscall.Kill(-int(g), syscall.SIGKILL) }
