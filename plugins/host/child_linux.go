package host

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// slack is how late the kernel may wake a connector's threads that sleep for a time: ten times what it takes itself. docs/decisions/slack.md
// says why.
const slack = 500 * time.Microsecond

// configureChild starts the program in a process group of its own, so that it does not get the terminal's signals. And it
// tells the kernel to kill the program when the thread that started it is gone, for example because we were killed. The program has its
// timer slack from that thread, which is the caller's.
func configureChild(cmd *exec.Cmd) {
	_ = unix.Prctl(unix.PR_SET_TIMERSLACK, uintptr(slack.Nanoseconds()), 0, 0, 0)
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
}

// outliveParent lets a reaper go on when we are gone: it sees that by its standard input, and has to end the others first. If
// somebody has stopped it, such as the plugin, the kernel has it go on then.
func outliveParent(cmd *exec.Cmd) { cmd.SysProcAttr.Pdeathsig = syscall.SIGCONT }

// wake has a reaper go on that somebody has stopped, such as the plugin.
func wake(reaper *os.Process) { _ = reaper.Signal(syscall.SIGCONT) }

// signalled is the end of a program by a signal, as its reaper tells it.
type signalled syscall.Signal

func (s signalled) Error() string { return "signal: " + syscall.Signal(s).String() }

// howEnded turns how a reaper ended into how its program did.
func (p *process) howEnded(err error) error {
	var exit *exec.ExitError
	if p.reaped && errors.As(err, &exit) && exit.ExitCode() > signalStatus {
		return signalled(exit.ExitCode() - signalStatus)
	}
	return err
}
