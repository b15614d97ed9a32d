package jobs

import (
	"os/exec"
	"syscall"

	"golang.org/x/sys/windows"
)

// apart has a command run in a process group of its own: Ctrl-C at the console is for the server, which then has it give up.
func apart(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: windows.CREATE_NEW_PROCESS_GROUP | windows.BELOW_NORMAL_PRIORITY_CLASS}
}

// LowerPriority does nothing: apart did.
func LowerPriority() {}
