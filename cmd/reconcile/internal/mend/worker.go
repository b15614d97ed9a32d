package mend

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/plan"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/jobs"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/mend/ledger"
)

// WorkerArg is the command by which a server starts this program to make a plan, or to carry one out: see package jobs.
const WorkerArg = "__mend"

// WorkerCommand returns that command. desk returns a desk whose sources tell the teller how far they are; hide takes secrets out of a text.
func WorkerCommand(desk func(*jobs.Teller) Desk, hide func(string) string) *cobra.Command {
	return &cobra.Command{Use: WorkerArg, Short: "Plan and apply for a server", Hidden: true, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			teller, in := jobs.NewTeller(os.Stdout), bufio.NewReader(os.Stdin)
			order, err := jobs.ReadOrder(in)
			if err == nil {
				var done jobs.Event
				d := desk(teller)
				d.By = order.By
				if done, err = d.do(jobs.UntilEnd(cmd.Context(), in), order); err == nil {
					teller.Say(done)
					return nil
				}
			}
			teller.Say(jobs.Event{Failure: hide(err.Error())})
			return err
		}}
}

// do does what a worker is told. The event says what became of it.
func (d Desk) do(ctx context.Context, o *jobs.Order) (jobs.Event, error) {
	done := jobs.Event{Done: o.ID}
	l, err := d.ledger()
	switch {
	case err != nil:
		return done, err
	case o.By == "" || !plan.IsID(o.ID):
		return done, errors.New("the order does not say who wants what")
	case o.Plan != nil:
		jobs.LowerPriority()
		made, err := d.ordered(ctx, o)
		if err != nil {
			return done, err
		}
		_, err = l.Keep(made)
		return done, err
	case o.Revert != nil:
		if err := checkAllowed(o.Revert.Allowed); err != nil {
			return done, err
		}
		made, err := d.planRevert(ctx, o.Revert.Plan, revertFlags{id: o.ID, quantities: o.Revert.Quantities, allowed: o.Revert.Allowed})
		if err != nil {
			return done, err
		}
		_, err = l.Keep(made)
		return done, err
	case o.Apply != nil:
		done.Estimate, err = d.ordersApply(ctx, l, o)
		return done, err
	}
	return done, errors.New("the order does not say what to do")
}

// ordered makes the plan that is ordered.
func (d Desk) ordered(ctx context.Context, o *jobs.Order) (*plan.Plan, error) {
	options := Options{Allowed: o.Plan.Allowed, Valid: usualValid, ID: o.ID, By: d.by()}
	for _, sku := range o.Plan.SKUs {
		options.SKUs = append(options.SKUs, catalog.NormalText(sku))
	}
	for _, code := range o.Plan.Rules {
		options.Rules = append(options.Rules, catalog.NormalText(code))
	}
	p, err := d.Prepare(ctx, o.Plan.Reconciliation)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	return Make(ctx, p, options)
}

// ordersApply carries out the plan that is ordered, or only says what that takes.
func (d Desk) ordersApply(ctx context.Context, l ledger.Ledger, o *jobs.Order) (*jobs.Estimate, error) {
	made, err := l.Plan(o.ID)
	if errors.Is(err, ledger.ErrNone) {
		return nil, fmt.Errorf("there is no plan %s any more: plan again", o.ID)
	}
	if err != nil {
		return nil, err
	}
	w, err := d.open(ctx, l.PlanPath(o.ID), made)
	if err != nil {
		return nil, err
	}
	defer w.close()
	if o.Apply.Try {
		return w.takes()
	}
	_, err = w.run(ctx) // what became of each change stands in the journal
	return nil, err
}

// takes says what carrying out the plan takes.
func (w *workshop) takes() (*jobs.Estimate, error) {
	changes, err := w.todo()
	if err != nil {
		return nil, err
	}
	e := &jobs.Estimate{Changes: len(changes)}
	if w.estimate != nil {
		e.Requests, e.Time = w.estimate.Cost.Requests, w.estimate.Cost.Time
		for _, c := range changes {
			if o, refused := w.estimate.Refused[c.Key]; refused {
				e.Refused = append(e.Refused, jobs.Refused{Key: c.Key, Why: o.Reason})
			}
		}
	}
	return e, nil
}
