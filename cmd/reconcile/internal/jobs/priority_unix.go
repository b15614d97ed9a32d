//go:build unix

package jobs

import (
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// niceness is how much less of the machine a worker gets where others want it, too.
const niceness = 10

// apart has a command run in a process group of its own: Ctrl-C at the terminal is for the server, which then has it give up.
func apart(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// LowerPriority has this process, which is a worker, and all that it starts give way to others. That it cannot be is no failure.
func LowerPriority() {
	_ = unix.Setpriority(unix.PRIO_PGRP, 0, niceness) // of the group: on Linux, of the process would be of one thread
}
