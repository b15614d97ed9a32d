package mend

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/reconcilehq/reconcile/engine/journal"
	"github.com/reconcilehq/reconcile/engine/plan"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/mend/ledger"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
)

// note adds to the audit trail what is done with a plan at the terminal. What a server does, the server notes.
func (d Desk) note(ctx context.Context, w *workshop, what, after string) error {
	e := store.Entry{What: what, Subject: w.plan.Reconciliation, Before: w.plan.Reverts, After: w.plan.ID}
	if after != "" {
		e.After += ": " + after
	}
	return d.Note(ctx, e)
}

// conclude notes what became of a plan.
func (d Desk) conclude(ctx context.Context, w *workshop, content *journal.Content, failed error) {
	what, became := "apply.done", ""
	if content != nil {
		became = ledger.Became(content)
	}
	if failed != nil {
		what = "apply.failed"
		if became != "" {
			became += ": "
		}
		became += failed.Error()
	}
	if err := d.note(context.WithoutCancel(ctx), w, what, became); err != nil {
		d.Term.Warn("what became of the plan is in its journal, and could not be noted in the audit trail: %v", err)
	}
}

// readPlan reads the plan in a file that somebody has named.
func (d Desk) readPlan(path string) (*plan.Plan, error) {
	p, err := ledger.ReadPlan(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no file %s: %s makes a plan and keeps it there. (A word that ends in .json, or has a path separator in it, is a file; any other one is a reconciliation.)", path, d.Command("plan", "--out", path))
	}
	return p, err
}
