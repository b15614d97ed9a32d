package host

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/reconcilehq/reconcile/engine/fault"
	"github.com/reconcilehq/reconcile/plugins/proto"
)

// canReap says whether this system has reapers.
const canReap = true

// signalStatus is what a reaper adds to a signal's number, as shells do, for the status of a program that a signal has ended.
const signalStatus = 128

// Reap starts the program that order names, and ends when that and all that it has started have ended: then this process exits with the
// program's status, or with 128 and the number of the signal that ended it. order is the argument after a Command's Reaper.
//
// The kernel makes this process the parent of all below it that lose their own, whichever session or group they have put
// themselves into. When the program ends, or standard input does, because the host is gone or wants it, Reap kills what is left.
// Reap returns only if it cannot start the program.
func Reap(order string) error {
	var o reaperOrder
	if err := json.Unmarshal([]byte(order), &o); err != nil {
		return fmt.Errorf("this is for reconcile's own use: %w", err)
	}
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("take over what a plugin leaves: %w", err)
	}
	runtime.LockOSThread() // the kernel kills the program when the thread that started it is gone
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	files, inherited := []uintptr{null.Fd(), 1, 2}, handedDown()
	for fd := 3; fd <= inherited; fd++ {
		files = append(files, uintptr(fd))
	}
	program, err := syscall.ForkExec(o.Path, o.Args, &syscall.ProcAttr{Env: os.Environ(), Files: files,
		Sys: &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}})
	if err != nil {
		return fmt.Errorf("run %s: %w", o.Path, err)
	}
	// These are the program's alone: the host waits for the end of its output, and the secret is nobody else's.
	for fd := 3; fd <= inherited; fd++ {
		_ = syscall.Close(fd)
	}
	for fd := 1; fd <= 2; fd++ {
		_ = unix.Dup2(int(null.Fd()), fd)
	}
	over := make(chan struct{}, 3) // when everything has to end; never full
	fault.Go(func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		over <- struct{}{}
	})
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	fault.Go(func() {
		<-signals
		over <- struct{}{}
	})
	fault.Go(func() {
		<-over
		endDescendants()
	})
	os.Exit(waitForAll(program, func() { over <- struct{}{} }))
	return nil
}

// handedDown returns the highest number of a descriptor that is meant for the program.
func handedDown() int {
	highest := 2
	for _, variable := range []string{proto.LifelineEnv, proto.SecretEnv} {
		if fd, err := strconv.Atoi(os.Getenv(variable)); err == nil {
			highest = max(highest, fd)
		}
	}
	return highest
}

// waitForAll waits until no process below this one is left, and returns the status for the program. It calls ended when the
// program has ended.
func waitForAll(program int, ended func()) (status int) {
	for {
		var how syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &how, 0, nil)
		switch {
		case errors.Is(err, syscall.EINTR):
		case err != nil: // ECHILD: nobody is left
			return status
		case pid == program:
			if status = how.ExitStatus(); how.Signaled() {
				status = signalStatus + int(how.Signal())
			}
			ended()
		}
	}
}

// endDescendants kills all processes below this one, again and again, for as long as this process lives. They are stopped
// first, so that none starts another while its siblings are killed.
func endDescendants() {
	const longest = 200 * time.Millisecond
	for pause := time.Millisecond; ; pause = min(2*pause, longest) { // some cannot die at once, such as those that wait for a disk
		stopped := map[int]bool{}
		for again := true; again; {
			again = false
			for _, pid := range descendants(os.Getpid()) {
				if !stopped[pid] {
					stopped[pid], again = true, true
					_ = syscall.Kill(pid, syscall.SIGSTOP)
				}
			}
		}
		for pid := range stopped {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		time.Sleep(pause)
	}
}

// descendants returns the processes below one.
func descendants(of int) []int {
	folders, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	children := map[int][]int{}
	for _, f := range folders {
		pid, err := strconv.Atoi(f.Name())
		if err != nil {
			continue
		}
		text, err := os.ReadFile("/proc/" + f.Name() + "/stat")
		if err != nil {
			continue // it has ended
		}
		// The name stands in parentheses, and may hold any. The state follows, then the parent.
		if fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:])); len(fields) > 1 {
			if parent, err := strconv.Atoi(fields[1]); err == nil {
				children[parent] = append(children[parent], pid)
			}
		}
	}
	all := append([]int{}, children[of]...)
	for i := 0; i < len(all); i++ {
		all = append(all, children[all[i]]...)
	}
	return all
}
