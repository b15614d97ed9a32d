package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"github.com/reconcilehq/reconcile/engine/fault"
	"github.com/reconcilehq/reconcile/plugins/host"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/mend"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/session"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/terminal"
)

// The statuses that the program exits with.
const (
	statusDone          = 0
	statusFailed        = 1
	statusDiscrepancies = 2 // only with --exit-code, but of apply and revert
	statusWarnings      = 3 // only with --exit-code, of doctor
	statusFault         = fault.Status
	statusNotConfined   = 126 // of a plugin's sandbox: as shells do where a program cannot be run
	statusSignal        = 128 // and the signal's number, as shells have it: 130 after Ctrl-C, 143 after SIGTERM
)

// exitStatuses are all of them with what they mean to whoever calls the program. Help texts and docs/reference.md take the
// numbers from here: no other place writes them.
var exitStatuses = []struct {
	status  int
	meaning string
}{
	{statusDone, "The command succeeded. A run succeeds whatever it finds, unless `--exit-code` is given."},
	{statusFailed, "It failed, or found mistakes or tests that fail. Of a run that failed nothing was written that looks like a result."},
	{statusDiscrepancies, "A run with `--exit-code` succeeded, and found discrepancies; a plan with it has changes, or nothing was compared for it. Of apply and revert, without it: some changes were not made."},
	{statusWarnings, "Nothing is wrong, and doctor with `--exit-code` has something to warn of."},
	{statusFault, "A fault of reconcile itself. The message says how to report it."},
	{statusNotConfined, "A plugin's program could not be run in its sandbox. Only the plugin's process ends so."},
	{statusSignal + int(syscall.SIGINT), "It was interrupted: Ctrl-C. After other signals it is 128 and the signal's number."},
	{statusSignal + int(syscall.SIGABRT), "A fault of reconcile itself that only the Go runtime could see, such as a stack without end."},
	{statusSignal + int(syscall.SIGTERM), "It was told to end: SIGTERM, as services are."},
}

// statusIf says in a help text when the command succeeds and when it fails: "The exit status is 0 GOOD and 1 BAD".
func statusIf(good, bad string) string {
	return fmt.Sprintf("The exit status is %d %s and %d %s", statusDone, good, statusFailed, bad)
}

// errDiscrepancies is returned with --exit-code where there are discrepancies.
var errDiscrepancies = errors.New("there are discrepancies")

// statusOf shows an error and returns the exit status that goes with it. It is the one place that does. stopped is the
// signal that has stopped the program; 0 if none has.
func statusOf(t *terminal.Terminal, err error, stopped syscall.Signal) int {
	var mistakes *session.MistakesError
	var failure *host.Failure
	ours := errors.As(err, &failure) && failure.Fault == host.Ours
	switch {
	case err == nil:
		return statusDone
	case readerGone(err):
		return statusSignal + int(syscall.SIGPIPE) // whoever has seen enough need not be told
	case errors.Is(err, errDiscrepancies), errors.Is(err, mend.ErrChanges), errors.Is(err, mend.ErrNotAll):
		return statusDiscrepancies
	case errors.Is(err, errWarnings):
		return statusWarnings
	case errors.Is(err, terminal.ErrShown):
	case errors.Is(err, mend.ErrStopped):
		t.Interrupted(nameOf(stopped), "What was changed until then stands above, and in the journal.")
	case errors.Is(err, context.Canceled):
		t.Interrupted(nameOf(stopped), "Nothing was written.")
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
	if ours {
		return statusFault
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
