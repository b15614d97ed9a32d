//go:build !windows && !linux

package host

import (
	"os"
	"os/exec"
	"syscall"
)

// configureChild starts the program in a process group of its own, so that it does not get the terminal's signals. These
// systems cannot kill it when we end: it sees that by its lifeline.
func configureChild(cmd *exec.Cmd) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true
}

// outliveParent is for reapers, which this system does not have.
func outliveParent(*exec.Cmd) {}

// wake is for them, too.
func wake(*os.Process) {}

func (p *process) howEnded(err error) error { return err }
