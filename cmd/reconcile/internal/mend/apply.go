package mend

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/change"
	"github.com/reconcilehq/reconcile/engine/plan"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/words"
)

// ErrNotAll is returned where some changes were not made, and everything was tried.
var ErrNotAll = errors.New("not all changes were made")

// ErrStopped is returned where somebody has stopped the carrying out of a plan: what was done until then was shown.
var ErrStopped = errors.New("stopped")

// applyFlags are the flags of apply.
type applyFlags struct {
	Options
	format string
	most   int
}

// ApplyCommand returns the command that carries out a plan.
func ApplyCommand(d Desk) *cobra.Command {
	f := applyFlags{most: 200}
	cmd := &cobra.Command{
		Use:   "apply [FILE | NAME]",
		Short: "Carry out a plan: change the store as it says",
		Long: `Apply changes the store through its connector, as a plan says and in no other way. With FILE, a plan that reconcile plan --out has kept, it
asks nothing: you have looked at it. Without it makes a plan, shows it, and asks. A word with a path separator in it, or that ends
in .json, is a FILE.

Right before it writes, the connector looks at each item: where the field has another value than the plan expects, the change is a
conflict, and not made. Before quantities the items are read once more, and a change is skipped of which the rules would want
another value now. What was accepted since is skipped, too. What was done is kept in a journal, on disk before it is sent.

A plan that was stopped is gone on with by the same command: what was sent and not answered is looked at, and not sent again. The
token that may write is asked for by apply and revert alone.

The exit status is 0 if each change was made or was there already, 2 if some were not, and 1 if it failed before everything was tried.`,
		Example: `  reconcile plan --sku GTR-STRAT-MN --out one.json
  reconcile apply one.json
  reconcile apply --rule P`,
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case len(args) > 1:
				return fmt.Errorf("apply takes a plan's file or a reconciliation, and not %s: a plan says which reconciliation it is of", strings.Join(args, " and "))
			case len(args) == 1 && isFile(args[0]):
				return d.applyFile(cmd.Context(), cmd, args[0], f)
			}
			name, err := d.Named(args)
			if err != nil {
				return err
			}
			return d.applyNew(cmd.Context(), name, f)
		},
	}
	d.Flags(cmd)
	flags := cmd.Flags()
	flags.StringArrayVar(&f.Rules, "rule", nil, "without FILE: plan for this rule only (repeatable)")
	flags.StringArrayVar(&f.SKUs, "sku", nil, "without FILE: plan for this item only (repeatable)")
	flags.StringArrayVar(&f.Allowed, "allow", nil, "without FILE: let pass what is left out or stopped: "+strings.Join(plan.Liftable(), ", ")+" (repeatable)")
	addShown(cmd, &f.format, &f.most)
	_ = cmd.RegisterFlagCompletionFunc("allow", cobra.FixedCompletions(plan.Liftable(), cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// applyFile carries out a plan that was kept in a file.
func (d Desk) applyFile(ctx context.Context, cmd *cobra.Command, path string, f applyFlags) error {
	if err := checkShown(f.format, f.most); err != nil {
		return err
	}
	for _, flag := range []string{"rule", "sku", "allow", "reconciliation", "offline", "max-age"} {
		if cmd.Flags().Changed(flag) {
			return fmt.Errorf("--%s is for a plan that is made, and %s is one: leave one of them out", flag, path)
		}
	}
	made, err := d.readPlan(path)
	if err != nil {
		return err
	}
	w, err := d.open(ctx, path, made)
	if err != nil {
		return err
	}
	defer w.close()
	if f.format == "text" {
		fmt.Fprintln(d.Term.Out, w.ahead())
	}
	return d.carryOut(ctx, w, f.format, f.most)
}

// applyNew makes a plan, shows it, asks, and carries it out.
func (d Desk) applyNew(ctx context.Context, name string, f applyFlags) error {
	if err := checkShown(f.format, f.most); err != nil {
		return err
	}
	if !d.Term.CanAsk() {
		return fmt.Errorf("apply asks before it changes the store, and there is nobody here to ask: make a plan with %s, look at it, and carry it out with %s",
			d.Command("plan", "--out", "FILE.json"), d.Command("apply", "FILE.json"))
	}
	for _, list := range [][]string{f.Rules, f.SKUs} {
		for i, text := range list {
			list[i] = catalog.NormalText(text)
		}
	}
	p, err := d.Prepare(ctx, name)
	if err != nil {
		return err
	}
	defer p.Close()
	f.Valid, f.By = usualValid, d.by()
	made, err := Make(ctx, p, f.Options)
	if err != nil {
		return err
	}
	p.Close()
	return d.ask(ctx, made, f.format, f.most)
}

// ask shows a plan that was made now, asks whether to carry it out, and does.
func (d Desk) ask(ctx context.Context, made *plan.Plan, format string, most int) error {
	if err := write(d.Term.Err, made, d.Term.Width, most); err != nil {
		return err
	}
	if len(made.Stops) > 0 {
		return stopped(made)
	}
	if len(made.Changes) == 0 {
		return nil
	}
	if made.FourEyes {
		return fourEyes(made, "keep it in a file with --out FILE.json (reconcile plan, or reconcile revert), and have somebody else carry it out with "+d.Command("apply", "FILE.json"))
	}
	l, err := d.ledger()
	if err != nil {
		return err
	}
	path, err := l.Keep(made)
	if err != nil {
		return err
	}
	w, err := d.open(ctx, path, made)
	if err != nil {
		return err
	}
	defer w.close()
	d.Term.Say("\n%s", w.ahead())
	answer, err := d.Term.Ask(ctx, "Type yes to do that: ")
	if err != nil {
		return err
	}
	if answer != "yes" {
		d.Term.Say("Nothing was changed.")
		return nil
	}
	return d.carryOut(ctx, w, format, most)
}

// ahead says what is about to be done.
func (w *workshop) ahead() string {
	store := w.p.Store().Label()
	if len(w.refused) > 0 {
		return fmt.Sprintf("Plan %s: looking what became of what was sent to %s.", w.plan.ID, store)
	}
	changes, err := w.todo()
	if err != nil || len(changes) == 0 {
		return fmt.Sprintf("Plan %s: there is nothing more to do in %s.", w.plan.ID, store)
	}
	text := fmt.Sprintf("Plan %s: %s to make in %s, in about %s", w.plan.ID, words.Count(len(changes), "change"), store, words.Count(int(w.estimate.Cost.Requests), "request"))
	if w.estimate.Cost.Time >= time.Second {
		text += " and " + w.estimate.Cost.Time.Round(time.Second).String()
	}
	if n := len(w.estimate.Refused); n > 0 {
		text += fmt.Sprintf("; the store does not take %d of them", n)
	}
	return text + "."
}

// carryOut carries a plan out, and shows what became of it.
func (d Desk) carryOut(ctx context.Context, w *workshop, format string, most int) error {
	if err := d.note(ctx, w, "apply", fmt.Sprintf("%d changes, planned by %s", len(w.plan.Changes), w.plan.MadeBy)); err != nil {
		return fmt.Errorf("nothing was sent, since who applies the plan cannot be noted in the audit trail: %w", err)
	}
	content, failed := w.run(ctx)
	d.conclude(ctx, w, content, failed)
	if content == nil {
		return failed
	}
	if err := d.showJournal(content, format, most); err != nil {
		return errors.Join(err, failed)
	}
	counts, open := content.Counts()
	left := open + counts[change.Failed] + counts[change.Skipped] + counts[change.Unknown] + counts[change.Pending]
	if left > 0 && len(w.refused) == 0 {
		d.Term.Say("To go on with what is left: %s", d.Command("apply", w.path))
	}
	switch {
	case errors.Is(failed, context.Canceled):
		return fmt.Errorf("%w: %w", ErrStopped, failed)
	case failed != nil:
		return failed
	case len(w.refused) > 0:
		return refused(w.path, w.refused)
	case open > 0 || counts[change.Applied]+counts[change.Unchanged] < len(content.Changes):
		return ErrNotAll
	}
	return nil
}
