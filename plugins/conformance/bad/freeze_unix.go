//go:build !windows

package bad

import (
	"os"
	"os/exec"
	"syscall"
)

// freeze stops the process as a debugger does.
func freeze() { _ = syscall.Kill(os.Getpid(), syscall.SIGSTOP) }

// leaveProcess starts a process that has nobody to end it.
func leaveProcess() { _ = exec.Command("sleep", "60").Start() }
