// Package mend has the commands that plan how discrepancies are mended, mend them, and take that back.
package mend

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/plan"
	"github.com/reconcilehq/reconcile/engine/replace"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/session"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/terminal"
)

// ErrChanges is returned with --exit-code where a plan has a change, or nothing was compared for it.
var ErrChanges = errors.New("the plan has changes, or nothing was compared")

// Desk is what the commands work with.
type Desk struct {
	Term    *terminal.Terminal
	Named   func(args []string) (string, error)                               // returns which reconciliation is named
	Prepare func(ctx context.Context, name string) (*session.Prepared, error) // opens it
	Writes  func(path string) error                                           // says which file will be written, and refuses one that is read
	ToApply func(ctx context.Context, name string) (*session.Prepared, error) // opens it so that its store can be changed
	Data    func() (string, error)                                            // returns the folder for what is kept
	Note    func(ctx context.Context, e store.Entry) error                    // adds to the audit trail, where there is one, who types this
	By      string                                                            // who wants it; "" for the user whose process this is
	Command func(words ...string) string                                      // returns a command to be typed next
	Flags   func(cmd *cobra.Command)                                          // adds those that say which reconciliation, and how copies are used
}

// planFlags are the flags of plan.
type planFlags struct {
	Options
	out, format string
	worklist    string
	exitCode    bool
	most        int
}

// PlanCommand returns the command that plans.
func PlanCommand(d Desk) *cobra.Command {
	f := planFlags{most: 200}
	cmd := &cobra.Command{
		Use:   "plan [NAME]",
		Short: "Say what would mend the discrepancies, and what the cells would then read",
		Long: `Plan reads both sides of a reconciliation, as run does, and makes an ordered plan of the remedies of the rules that are N: what a
person has to do first, which fields of the store are to be set to which values, and what is left out and why. It writes nothing to
any source.

Each change was tried on the item by the same rules: with it the cells read S for which it is there, and no other cell is worse.
A value that is unknown in the point of sale changes nothing. A rule whose websync setting is off plans nothing; where it is
manual, choose the item with --sku, or the rule with --rule.

A change is left out that leaves its cell red, or makes another one worse, unless --allow stays_red or --allow turns_red is given.
The brakes of the configuration stop a plan that changes too much. It is shown, but it is not to be carried out; --allow lifts
a brake for this plan. With --out the plan is kept in a file, which only you can read, and plan show shows it.

With --worklist what people have to do is written to a file, CSV or XLSX by its name, which only you can read: a line for each field of an
item that somebody has to correct in the point of sale or in the store, with what both have.`,
		Example: `  reconcile plan
  reconcile plan --rule P --out prices.json
  reconcile plan --sku GTR-STRAT-MN
  reconcile plan --worklist corrections.xlsx
  reconcile plan show prices.json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 && isFile(args[0]) {
				return fmt.Errorf("%s is a file, and plan makes a new plan: %s shows it", args[0], d.Command("plan", "show", args[0]))
			}
			name, err := d.Named(args)
			if err != nil {
				return err
			}
			return d.plan(cmd.Context(), name, f)
		},
	}
	d.Flags(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.out, "out", "", "keep the plan in this file")
	addWorklist(cmd, &f.worklist)
	flags.StringArrayVar(&f.Rules, "rule", nil, "plan for this rule only (repeatable)")
	flags.StringArrayVar(&f.SKUs, "sku", nil, "plan for this item only (repeatable)")
	flags.StringArrayVar(&f.Allowed, "allow", nil, "let pass for this plan what is left out or stopped: "+strings.Join(plan.Liftable(), ", ")+" (repeatable)")
	flags.DurationVar(&f.Valid, "valid", usualValid, "how long the plan is good")
	flags.BoolVar(&f.exitCode, "exit-code", false, "exit with status 2 if the plan has a change, or nothing was compared")
	addShown(cmd, &f.format, &f.most)
	_ = cmd.RegisterFlagCompletionFunc("allow", cobra.FixedCompletions(plan.Liftable(), cobra.ShellCompDirectiveNoFileComp))
	cmd.AddCommand(showCommand(d))
	return cmd
}

// addShown gives a command the flags that say how a plan is shown.
func addShown(cmd *cobra.Command, format *string, most *int) {
	cmd.Flags().StringVar(format, "format", "text", "how to show it: text, json")
	cmd.Flags().IntVar(most, "max-rows", *most, "text: show at most so many of each list; 0 for all")
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"text", "json"}, cobra.ShellCompDirectiveNoFileComp))
}

func checkShown(format string, most int) error {
	switch {
	case format != "text" && format != "json":
		return fmt.Errorf("there is no format %q: use text, json", format)
	case most < 0:
		return fmt.Errorf("--max-rows %d: give a number of rows, or 0 for all", most)
	}
	return nil
}

// isFile reports whether a word names a file, and no reconciliation.
func isFile(word string) bool {
	return strings.ContainsAny(word, `/\`) || strings.HasSuffix(word, ".json")
}

// usualValid is how long a plan is good where nobody says it.
const usualValid = time.Hour

// longestValid is how long a plan can be good: an older one is about values that nobody remembers.
const longestValid = 7 * 24 * time.Hour

func (d Desk) plan(ctx context.Context, name string, f planFlags) error {
	if err := checkShown(f.format, f.most); err != nil {
		return err
	}
	if f.Valid <= 0 || f.Valid > longestValid {
		return fmt.Errorf("--valid %s: a plan is good for some time, and for a week at most", f.Valid)
	}
	for _, list := range [][]string{f.Rules, f.SKUs} {
		for i, text := range list {
			list[i] = catalog.NormalText(text)
		}
	}
	if err := checkWorklist(f.worklist); err != nil {
		return err
	}
	if f.out != "" {
		if err := d.Writes(f.out); err != nil {
			return err
		}
	}
	p, err := d.Prepare(ctx, name)
	if err != nil {
		return err
	}
	defer p.Close()
	var out *replace.File
	if f.out != "" {
		if out, err = replace.Open(f.out, 0o600); err != nil {
			return fmt.Errorf("--out %w", err)
		}
		defer func() {
			if err := out.Discard(); err != nil {
				d.Term.Warn("%v", err)
			}
		}()
	}
	f.By = d.by()
	made, err := Make(ctx, p, f.Options)
	if err != nil {
		return err
	}
	if out != nil {
		if err := plan.Encode(out, made); err != nil {
			return err
		}
		if err := out.Commit(); err != nil {
			return err
		}
	}
	if err := d.show(made, f.format, f.most); err != nil {
		return err
	}
	if out != nil && f.format == "text" {
		fmt.Fprintf(d.Term.Out, "\nKept in %s until %s.\n", f.out, moment(made.Expires))
	}
	if err := d.handOut(made, f.worklist, f.format); err != nil {
		return err
	}
	if f.exitCode && (len(made.Changes) > 0 || made.Nothing != "") {
		return ErrChanges
	}
	return nil
}

func (d Desk) show(p *plan.Plan, format string, most int) error {
	if format == "json" {
		return plan.Encode(d.Term.JSON, p)
	}
	return write(d.Term.Out, p, d.Term.Width, most)
}

func moment(t time.Time) string { return t.Local().Format("2006-01-02 15:04") }
