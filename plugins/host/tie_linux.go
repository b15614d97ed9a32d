package host

import (
	"os/exec"
	"syscall"
)

// tie makes the program the first of a group of its own, which keeps the terminal's signals from it, and has the kernel
// kill it when the thread that starts it is gone, as it is after a kill -9 of ours.
func tie(cmd *exec.Cmd) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
}
