package mend

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/engine/plan"
	"github.com/reconcilehq/reconcile/engine/replace"
)

// revertFlags are the flags of revert.
type revertFlags struct {
	id          string // of the plan; "": it gets a new name
	quantities  bool
	allowed     []string
	out, format string
	most        int
}

// RevertCommand returns the command that takes back what apply has done.
func RevertCommand(d Desk) *cobra.Command {
	f := revertFlags{most: 200}
	cmd := &cobra.Command{
		Use:   "revert ID",
		Short: "Take back what a plan has changed",
		Long: `Revert makes a plan of a journal: each change that was applied is to have the value again that the item had before, also where it had none.
The plan is shown, and carried out after a yes, like any other: what somebody has changed since is a conflict, and stays as it is.
With --out the plan is kept in a file instead, which apply carries out without a question.

Quantities are left as they are, since sales have moved them; --quantities takes them back, too. The brakes hold as for any plan.
reconcile journal lists what can be taken back; a revert is in it as well, and can be taken back in turn.`,
		Example: `  reconcile journal
  reconcile revert 20261129-101500-k3vd7a
  reconcile revert 20261129-101500-k3vd7a --out back.json`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return d.revert(cmd.Context(), args[0], f) },
	}
	flags := cmd.Flags()
	flags.BoolVar(&f.quantities, "quantities", false, "take back quantities, too")
	flags.StringVar(&f.out, "out", "", "keep the plan in this file, and change nothing")
	flags.StringArrayVar(&f.allowed, "allow", nil, "let pass what is stopped: "+strings.Join(plan.Liftable(), ", ")+" (repeatable)")
	addShown(cmd, &f.format, &f.most)
	_ = cmd.RegisterFlagCompletionFunc("allow", cobra.FixedCompletions(plan.Liftable(), cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func (d Desk) revert(ctx context.Context, id string, f revertFlags) error {
	if err := errors.Join(checkShown(f.format, f.most), checkAllowed(f.allowed)); err != nil {
		return err
	}
	if _, err := d.readJournal(id); err != nil { // before anything is asked or read
		return err
	}
	if f.out == "" && !d.Term.CanAsk() {
		return fmt.Errorf("revert asks before it changes the store, and there is nobody here to ask: keep its plan with --out FILE.json, look at it, and carry it out with %s",
			d.Command("apply", "FILE.json"))
	}
	if f.out != "" {
		if err := d.Writes(f.out); err != nil {
			return err
		}
	}
	made, err := d.planRevert(ctx, id, f)
	if err != nil {
		return err
	}
	if f.out == "" {
		return d.ask(ctx, made, f.format, f.most)
	}
	out, err := replace.Open(f.out, 0o600)
	if err != nil {
		return fmt.Errorf("--out %w", err)
	}
	if err := errors.Join(plan.Encode(out, made), out.Commit()); err != nil {
		return errors.Join(err, out.Discard())
	}
	if err := d.show(made, f.format, f.most); err != nil {
		return err
	}
	if f.format == "text" {
		fmt.Fprintf(d.Term.Out, "\nKept in %s until %s.\n", f.out, moment(made.Expires))
	}
	return nil
}

// planRevert returns the plan that takes back another one.
func (d Desk) planRevert(ctx context.Context, id string, f revertFlags) (*plan.Plan, error) {
	past, err := d.readJournal(id)
	if err != nil {
		return nil, err
	}
	p, err := d.Prepare(ctx, past.Reconciliation)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	basis, err := BasisOf(p)
	if err != nil {
		return nil, err
	}
	if basis.Store != past.Store {
		return nil, fmt.Errorf("plan %s has changed %s, and the store of %q is %s now", id, past.Store, past.Reconciliation, basis.Store)
	}
	if past.Platform != "" && basis.Platform != past.Platform {
		return nil, fmt.Errorf("plan %s has changed another store than the one that %s is now: of another shop of the list, or with other settings", past.Plan, past.Store)
	}
	made, err := plan.Revert(plan.RevertJob{Journal: past, Writable: p.Store().Writable(), Brakes: p.Config.Brakes, Allowed: f.allowed, Quantities: f.quantities})
	if err != nil {
		return nil, err
	}
	sign(made, basis, Options{Valid: usualValid, ID: f.id, By: d.by()})
	return made, nil
}
