package archive

import (
	"context"
	"fmt"
	"time"

	"github.com/reconcilehq/reconcile/engine/history"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/rules"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
)

// Keeper keeps a run while it is shown. Nil keeps nothing. That a run cannot be kept is a warning: what it says is right all the same.
type Keeper struct {
	Archive *Archive
	Began   time.Time
	OnlyNew bool // only items are shown that have a finding which the run before had not
	Warn    func(format string, args ...any)

	draft  *Draft
	opened *history.Run // what is shown of it with OnlyNew
}

// Begin returns the result as it is to be shown.
func (k *Keeper) Begin(ctx context.Context, result *report.Result, keep rules.History) (*report.Result, error) {
	if k == nil {
		return result, nil
	}
	draft, err := k.Archive.Begin(result, k.Began)
	switch {
	case err != nil && k.OnlyNew:
		return nil, fmt.Errorf("--new: %w", err)
	case err != nil:
		k.warn(err)
		return result, nil
	case !k.OnlyNew:
		k.draft = draft
		return draft.Result(), nil
	}
	run, err := draft.Keep(ctx, keep)
	if err != nil && run.ID == "" {
		return nil, fmt.Errorf("--new: %w", err)
	}
	changes, err := k.Archive.Changes(run)
	if err != nil {
		return nil, fmt.Errorf("--new: %w", err)
	}
	if run.Counts.Nothing != "" {
		k.Warn("nothing was compared, so nobody knows what is new: all is shown")
		return result, nil
	}
	if err := k.tellSkipped(ctx, run); err != nil {
		return nil, fmt.Errorf("--new: %w", err)
	}
	if !changes.Before {
		k.Warn("there is no run before this one that it could be compared with: all is shown, and nothing is new")
		return result, nil
	}
	if k.opened, err = k.Archive.Open(run); err != nil {
		return nil, fmt.Errorf("--new: %w", err)
	}
	shown := k.opened.Only(changes.New)
	shown.Chosen = "new since the run " + run.Previous
	return shown, nil
}

// tellSkipped warns of runs that this one is not compared with, because they compared nothing.
func (k *Keeper) tellSkipped(ctx context.Context, of store.Run) error {
	_, skipped, _, err := k.Archive.Before(ctx, of)
	for _, r := range skipped {
		k.Warn("the run %s compared nothing (%s): what is new is said since an earlier one", r.ID, r.Counts.Nothing)
	}
	return err
}

// End keeps what was shown.
func (k *Keeper) End(ctx context.Context, keep rules.History) {
	if k == nil || k.draft == nil {
		return
	}
	if _, err := k.draft.Keep(ctx, keep); err != nil {
		k.warn(err)
	}
}

func (k *Keeper) warn(err error) {
	k.Warn("this run is not kept, or old ones are not removed: %v; --no-history says that it need not be kept", err)
}

// Close lets go of what was not kept.
func (k *Keeper) Close() {
	if k == nil {
		return
	}
	if k.draft != nil {
		_ = k.draft.Discard() // a draft that was not kept; what is left goes with a later run
	}
	if k.opened != nil {
		_ = k.opened.Close() // it was only read
	}
}
