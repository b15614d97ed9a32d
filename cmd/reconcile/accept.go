package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/rules"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/session"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/words"
)

// acceptFlags are the flags of reconcile accept.
type acceptFlags struct {
	choice  session.Choice
	expires string
	terms   rules.Terms
}

func acceptCommand(c *commandLine) *cobra.Command {
	var f acceptFlags
	cmd := &cobra.Command{
		Use:   "accept [NAME]",
		Short: "Declare discrepancies of today intentional",
		Long: `Accept reads both sides, as run does, and declares the named discrepancies intentional: it adds a block for each to
` + rules.AcceptedFile + `, which lies beside the configuration and is read along with it. The values are recorded: when one of
them changes, the cell is N again, unless --pin=false is given. What people wrote is not touched.

With --all-current all of today's discrepancies become the baseline, in a CSV file beside it.`,
		Example: `  reconcile accept --sku A-1 --rule P --reason "on offer in the store" --expires 2027-03-31
  reconcile accept --all-current --reason "as we found it"`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.accept(cmd.Context(), strings.Join(args, ""), f)
		},
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&f.choice.SKUs, "sku", nil, "the item (repeatable)")
	flags.StringArrayVar(&f.choice.Codes, "rule", nil, "the rule whose N is accepted (repeatable)")
	flags.BoolVar(&f.choice.AllCurrent, "all-current", false, "accept all of today's discrepancies; --sku and --rule narrow it down")
	flags.StringVar(&f.terms.Reason, "reason", "", "why (required)")
	flags.StringVar(&f.terms.Owner, "owner", "", "who answers for it")
	flags.StringVar(&f.expires, "expires", "", `the last day that it holds, such as "2027-03-31"; for ever if left out`)
	c.addCopyFlags(cmd)
	flags.BoolVar(&f.terms.Pin, "pin", true, "the cell is N again when one of the accepted values changes")
	return cmd
}

func (f *acceptFlags) check(now time.Time) error {
	switch {
	case strings.TrimSpace(f.terms.Reason) == "":
		return errors.New("--reason is missing: whoever reads the report will ask why")
	case !f.choice.AllCurrent && (len(f.choice.SKUs) == 0 || len(f.choice.Codes) == 0):
		return errors.New("say what to accept: --sku and --rule, or --all-current")
	case f.expires == "":
		return nil
	}
	day, err := time.ParseInLocation(time.DateOnly, f.expires, time.Local)
	if err != nil {
		return fmt.Errorf(`--expires %s is not a date: write the last day that it holds as "2027-03-31"`, f.expires)
	}
	if f.terms.Expires = day; !now.Before(day.AddDate(0, 0, 1)) {
		return fmt.Errorf("--expires %s is in the past", f.expires)
	}
	return nil
}

func (c *commandLine) accept(ctx context.Context, name string, f acceptFlags) error {
	if err := f.check(time.Now()); err != nil {
		return err
	}
	p, err := c.prepare(ctx, name)
	if err != nil {
		return err
	}
	defer p.Close()
	if err := p.CheckCodes(f.choice.Codes...); err != nil {
		return fmt.Errorf("--rule: %w", err)
	}
	accepted, err := p.Accept(ctx, f.choice, f.terms)
	if err != nil {
		return err
	}
	if len(accepted.List) == 0 {
		_, err := fmt.Fprintln(c.term.Out, "There is nothing to accept: no such cell is N.")
		return err
	}
	var what []string
	for _, acceptance := range accepted.List {
		what = append(what, acceptance.Key+" "+acceptance.Rule)
	}
	if accepted.Baseline != "" {
		what = []string{words.Count(len(accepted.List), "discrepancy") + ", listed in " + accepted.Baseline}
	}
	until, again := "", ""
	if !f.terms.Expires.IsZero() {
		until = " until " + f.terms.Expires.Format(time.DateOnly)
	}
	if f.terms.Pin {
		again = " A cell is N again when one of its values changes."
	}
	_, err = fmt.Fprintf(c.term.Out, "Accepted%s, in %s: %s.%s\n", until, rules.AcceptedFile, strings.Join(what, ", "), again)
	return err
}
