package host

import (
	"os/exec"
	"syscall"
)

// configureChild starts the program in a process group of its own, so that it does not get the terminal's signals. And it
// tells the kernel to kill the program when the thread that started it is gone, for example because we were killed.
func configureChild(cmd *exec.Cmd) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
}
