package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"syscall"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/session"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/terminal"
)

// The statuses that the program exits with.
const (
	statusDone          = 0
	statusFailed        = 1
	statusDiscrepancies = 2   // only with --exit-code
	statusNotConfined   = 126 // of a plugin's sandbox: as shells do where a program cannot be run
	statusSignal        = 128 // and the signal's number, as shells have it: 130 after Ctrl-C, 143 after SIGTERM
)

// errDiscrepancies is returned with --exit-code where there are discrepancies.
var errDiscrepancies = errors.New("there are discrepancies")

// statusOf shows an error and returns the exit status that goes with it. It is the one place that does. stopped is the
// signal that has stopped the program; 0 if none has.
func statusOf(t *terminal.Terminal, err error, stopped syscall.Signal) int {
	var mistakes *session.MistakesError
	switch {
	case err == nil:
		return statusDone
	case readerGone(err):
		return statusSignal + int(syscall.SIGPIPE) // whoever has seen enough need not be told
	case errors.Is(err, errDiscrepancies):
		return statusDiscrepancies
	case errors.Is(err, terminal.ErrShown):
	case errors.Is(err, context.Canceled):
		t.Interrupted(nameOf(stopped))
	case errors.As(err, &mistakes):
		if err := t.Show(mistakes.Files, mistakes.Diags); err != nil {
			t.Fail("%v", mistakes)
		}
	default:
		t.Fail("%v", err)
	}
	if stopped != 0 {
		return statusSignal + int(stopped)
	}
	return statusFailed
}

// readerGone reports whether stdout is a pipe that nobody reads any more.
func readerGone(err error) bool {
	var at *fs.PathError
	return errors.As(err, &at) && at.Path == os.Stdout.Name() && errors.Is(at, syscall.EPIPE)
}

// nameOf names the signal for people; "" for Ctrl-C, which they know that they have pressed.
func nameOf(s syscall.Signal) string {
	return map[syscall.Signal]string{syscall.SIGTERM: "SIGTERM", syscall.SIGHUP: "SIGHUP", syscall.SIGQUIT: "SIGQUIT"}[s]
}
