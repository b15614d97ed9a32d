//go:build !windows && !linux

package host

import (
	"os/exec"
	"syscall"
)

// tie makes the program the first of a group of its own, which keeps the terminal's signals from it. That it ends with
// us is up to its lifeline here.
func tie(cmd *exec.Cmd) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true
}
