package mend

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/engine/plan"
)

// showCommand returns the command that shows a plan's file.
func showCommand(d Desk) *cobra.Command {
	format, handout, most := "", "", 200
	cmd := &cobra.Command{
		Use:   "show FILE",
		Short: "Show a plan that was kept in a file",
		Long: `Show shows a plan that reconcile plan --out has kept. It reads the file alone, and refuses one that was changed since. With --check
it opens the configuration and the sources, too, and says whether the plan still stands: it expires, and it is about the
configuration, the plugins and the program that it was made with. --worklist writes what people have to do, as plan does.`,
		Args: cobra.ExactArgs(1),
	}
	check := cmd.Flags().Bool("check", false, "say whether the plan still stands, and fail if it does not")
	addWorklist(cmd, &handout)
	addShown(cmd, &format, &most)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := errors.Join(checkShown(format, most), checkWorklist(handout)); err != nil {
			return err
		}
		made, err := d.readPlan(args[0])
		if err != nil {
			return err
		}
		if *check {
			if err := d.check(cmd.Context(), args[0], made); err != nil {
				return err
			}
		}
		if err := d.show(made, format, most); err != nil {
			return err
		}
		return d.handOut(made, handout, format)
	}
	return cmd
}

// check returns an error that says why the plan does not stand any more; nil if it does.
func (d Desk) check(ctx context.Context, path string, made *plan.Plan) error {
	p, err := d.Prepare(ctx, made.Reconciliation)
	if err != nil {
		return err
	}
	defer p.Close()
	basis, err := BasisOf(p)
	if err != nil {
		return err
	}
	return refused(path, made.Refusals(p.Reconciliation.Name, basis, time.Now()))
}

// refused returns an error that says why a plan does not stand any more; nil if there is no reason.
func refused(path string, why []string) error {
	if len(why) == 0 {
		return nil
	}
	text := ""
	for _, reason := range why {
		text += "\n  " + reason
	}
	return fmt.Errorf("the plan %s does not stand any more, make a new one:%s", path, text)
}
