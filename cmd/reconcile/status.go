package main

import (
	"context"
	"errors"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/session"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/terminal"
)

// The statuses that the program exits with.
const (
	statusDone          = 0
	statusFailed        = 1
	statusDiscrepancies = 2   // only with --exit-code
	statusNotConfined   = 126 // of a plugin's sandbox: as shells do where a program cannot be run
)

// errDiscrepancies is returned with --exit-code where there are discrepancies.
var errDiscrepancies = errors.New("there are discrepancies")

// statusOf shows an error and returns the exit status that goes with it. It is the one place that does.
func statusOf(t *terminal.Terminal, err error) int {
	var mistakes *session.MistakesError
	switch {
	case err == nil:
		return statusDone
	case errors.Is(err, errDiscrepancies):
		return statusDiscrepancies
	case errors.Is(err, terminal.ErrShown):
	case errors.Is(err, context.Canceled):
		t.Interrupted()
	case errors.As(err, &mistakes):
		if err := t.Show(mistakes.Files, mistakes.Diags); err != nil {
			t.Fail("%v", mistakes)
		}
	default:
		t.Fail("%v", err)
	}
	return statusFailed
}
