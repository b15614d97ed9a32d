//go:build !windows

package bad

import (
	"os"
	"os/exec"
	"syscall"
)

// freeze stops the process as a debugger does. The signal may reach another thread first: this one does not go on until it
// has.
func freeze() {
	_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
	select {}
}

// leaveProcess starts a process that has nobody to end it.
func leaveProcess() { _ = exec.Command("sleep", "60").Start() }
