package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/rules"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/session"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/words"
)

// acceptFlags are the flags of reconcile accept.
type acceptFlags struct {
	choice          session.Choice
	statuses        []string
	starts, expires string
	terms           rules.Terms
	remove, adopt   bool
	block           string

	given []string // of the flags that say what is accepted with, those that were given
}

func acceptCommand(c *commandLine) *cobra.Command {
	var f acceptFlags
	cmd := &cobra.Command{
		Use:   "accept [NAME]",
		Short: "Declare discrepancies of today intentional, or take that back",
		Long: `Accept reads both sides of a reconciliation, as run does, and declares the named discrepancies intentional: it adds a
block for each to a file that lies beside the configuration and is read along with it. That of reconcile.hcl is
reconcile.accepted.hcl, that of us.hcl is us.accepted.hcl. What people wrote is not touched.

An acceptance belongs to its reconciliation. The values are recorded: when one of them changes, the cell is N again,
unless --pin=false is given. With --status, items that one side lacks are meant to be so.

With --all-current all of today's discrepancies become the baseline, in a CSV file beside it; --status, --rule and --sku
choose among them.

With --remove acceptances are taken back. With --adopt the file takes over what stands in a reconcile.accepted.hcl that
this configuration does not read, and copies its lists.`,
		Example: `  reconcile accept --sku A-1 --rule P --reason "on offer in the store" --expires 2027-03-31
  reconcile accept --sku LABOUR --status pos_only --reason "a service, not sold online"
  reconcile accept us --all-current --reason "as we found it"
  reconcile accept --remove --sku A-1 --rule P
  reconcile accept --remove --block "baseline of 2026-11-23"
  reconcile accept --adopt`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, name := range []string{"reason", "owner", "starts", "expires", "pin", "all-current"} {
				if cmd.Flags().Changed(name) {
					f.given = append(f.given, "--"+name)
				}
			}
			name, err := c.named(args)
			if err != nil {
				return err
			}
			return c.accept(cmd.Context(), name, f)
		},
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&f.choice.SKUs, "sku", nil, "the item (repeatable)")
	flags.StringArrayVar(&f.choice.Codes, "rule", nil, "the rule whose N is accepted (repeatable)")
	flags.StringArrayVar(&f.statuses, "status", nil, "the item is meant to be on one side alone: pos_only or store_only (repeatable)")
	flags.BoolVar(&f.choice.AllCurrent, "all-current", false, "accept all of today's discrepancies; --status, --rule and --sku narrow it down")
	flags.StringVar(&f.terms.Reason, "reason", "", "why (required)")
	flags.StringVar(&f.terms.Owner, "owner", "", "who answers for it")
	flags.StringVar(&f.starts, "starts", "", `the first day that it holds, such as "2027-01-01"; if left out it holds on any day`)
	flags.StringVar(&f.expires, "expires", "", `the last day that it holds, such as "2027-03-31"; for ever if left out`)
	c.addReconciliationFlag(cmd)
	c.addCopyFlags(cmd)
	flags.BoolVar(&f.terms.Pin, "pin", true, "the cell is N again when one of the accepted values changes")
	flags.BoolVar(&f.remove, "remove", false, "take back what was accepted: --sku with --rule or --status, or --block")
	flags.StringVar(&f.block, "block", "", "with --remove: the name of the block to remove")
	flags.BoolVar(&f.adopt, "adopt", false, "take over what a reconcile.accepted.hcl that is not read accepts")
	cmd.MarkFlagsMutuallyExclusive("remove", "adopt")
	return cmd
}

// check checks the flags before anything is read, and fills in what they say.
func (f *acceptFlags) check(now time.Time) (err error) {
	for _, name := range f.statuses {
		status, err := rules.StatusNamed(name)
		if err != nil {
			return fmt.Errorf("--status %s: %w", name, err)
		}
		f.choice.Statuses = append(f.choice.Statuses, status)
	}
	named := len(f.choice.SKUs) > 0 && len(f.choice.Codes)+len(f.choice.Statuses) > 0
	switch {
	case f.remove:
		return f.checkRemove(named)
	case f.block != "":
		return errors.New("--block names what --remove takes back: add --remove, or leave it out")
	case strings.TrimSpace(f.terms.Reason) == "":
		return errors.New("--reason is missing: whoever reads the report will ask why")
	case !f.choice.AllCurrent && !named:
		return errors.New("say what to accept: --sku with --rule or --status, or --all-current")
	}
	if f.starts != "" {
		if f.terms.Starts, err = rules.ParseDay(f.starts, "--starts"); err != nil {
			return err
		}
	}
	if f.expires == "" {
		return nil
	}
	day, err := rules.ParseDay(f.expires, "--expires")
	switch {
	case err != nil:
		return err
	case !now.Before(day.AddDate(0, 0, 1)):
		return fmt.Errorf("--expires %s is in the past", f.expires)
	case day.Before(f.terms.Starts):
		return fmt.Errorf("--expires %s is before --starts %s, so it would never hold", f.expires, f.starts)
	}
	f.terms.Expires = day
	return nil
}

func (f *acceptFlags) checkRemove(named bool) error {
	switch {
	case len(f.given) > 0:
		return fmt.Errorf("%s says nothing with --remove: leave it out", f.given[0])
	case f.block != "" && len(f.choice.SKUs)+len(f.choice.Codes)+len(f.choice.Statuses) > 0:
		return errors.New("say what to remove either by --block, or by --sku with --rule or --status")
	case f.block == "" && !named:
		return errors.New("say what to remove: --sku with --rule or --status, or --block with the block's name")
	}
	return nil
}

func (c *commandLine) accept(ctx context.Context, name string, f acceptFlags) error {
	if f.adopt {
		return c.adopt(name, f)
	}
	if err := f.check(time.Now()); err != nil {
		return err
	}
	p, err := c.prepare(ctx, name)
	if err != nil {
		return err
	}
	defer p.Close()
	normal(f.choice.Codes)
	if err := p.CheckCodes(f.choice.Codes...); err != nil {
		return fmt.Errorf("--rule: %w", err)
	}
	if f.remove {
		return c.removeAccepted(ctx, p, f)
	}
	accepted, err := p.Accept(ctx, f.choice, f.terms)
	if err != nil {
		return err
	}
	if len(accepted.List) == 0 {
		nothing := "There is nothing to accept: no such cell is N."
		if len(f.choice.Statuses) > 0 {
			nothing = "There is nothing to accept: no such cell is N, and no item has such a status that is not meant to be."
		}
		_, err := fmt.Fprintln(c.term.Out, nothing)
		return err
	}
	_, err = fmt.Fprintln(c.term.Out, f.said(accepted))
	return err
}

// said says what was accepted.
func (f *acceptFlags) said(accepted *session.Accepted) string {
	var what []string
	var oneSided []string // their SKUs
	cells := 0
	for _, acceptance := range accepted.List {
		what = append(what, words.OneLine(acceptance.SKU+" "+acceptance.What()))
		if acceptance.Rule != "" {
			cells++
		} else {
			oneSided = append(oneSided, words.OneLine(acceptance.SKU))
		}
	}
	if accepted.Baseline != "" {
		what = nil
		if cells > 0 {
			what = append(what, words.Count(cells, "discrepancy"))
		}
		if len(oneSided) > 0 {
			what = append(what, words.Count(len(oneSided), "item")+" of one side")
		}
		said := words.Enumerate(what) + ", listed in " + accepted.Baseline
		if len(oneSided) > 0 {
			said += ": " + few(oneSided)
		}
		what = []string{said}
	}
	said := "Accepted"
	if !f.terms.Starts.IsZero() {
		said += " from " + f.terms.Starts.Format(time.DateOnly)
	}
	if !f.terms.Expires.IsZero() {
		said += " until " + f.terms.Expires.Format(time.DateOnly)
	}
	said += ", in " + accepted.Path + ": " + strings.Join(what, ", ") + "."
	if f.terms.Pin && cells > 0 {
		said += " A cell is N again when one of its values changes."
	}
	if accepted.Beside != "" {
		said += " " + accepted.Beside + " is not read with it; --adopt copies what it accepts."
	}
	return said
}

func (c *commandLine) removeAccepted(ctx context.Context, p *session.Prepared, f acceptFlags) error {
	removed, err := p.Remove(ctx, f.choice, f.block)
	if err != nil {
		return err
	}
	lines := []string{"Removed: " + strings.Join(removed.What, ", ") + "."}
	if len(removed.Gone) > 0 {
		lines = append(lines, "Nothing is left in "+words.Enumerate(removed.Gone)+", so the file is gone and "+removed.Path+" does not name it any more.")
	}
	for _, list := range []struct {
		what  string
		items []string
	}{{"Reported again: ", removed.Again}, {"Still intentional: ", removed.Still}} {
		if len(list.items) > 0 {
			lines = append(lines, list.what+few(list.items)+".")
		}
	}
	if len(removed.Again)+len(removed.Still) == 0 {
		lines = append(lines, "It made nothing intentional any more, so nothing is reported that was not reported before.")
	}
	for _, line := range lines {
		if _, err := fmt.Fprintln(c.term.Out, words.OneLine(line)); err != nil {
			return err
		}
	}
	return nil
}

// few lists the first of many.
func few(list []string) string {
	const most = 20
	if len(list) <= most {
		return strings.Join(list, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(list[:most], ", "), len(list)-most)
}

func (c *commandLine) adopt(name string, f acceptFlags) error {
	if name != "" || len(f.given)+len(f.choice.SKUs)+len(f.choice.Codes)+len(f.statuses) > 0 || f.block != "" {
		return errors.New("--adopt takes over a whole file: give no other flag, and no name")
	}
	adopted, err := c.session().Adopt()
	if err != nil {
		return err
	}
	said := fmt.Sprintf("Taken over from %s: %s has %s now.", adopted.From, adopted.To, words.Count(adopted.Blocks, "block"))
	if adopted.Added == 0 {
		said = fmt.Sprintf("All that %s accepts stands in %s already.", adopted.From, adopted.To)
	}
	if len(adopted.Lists) > 0 {
		said += " What it lists is copied to " + words.Enumerate(adopted.Lists) + "."
	}
	switch {
	case adopted.KeptFor == "":
	case filepath.Base(adopted.KeptFor) == "reconcile.hcl":
		said += " That file stays: " + adopted.KeptFor + " reads it."
	default:
		said += fmt.Sprintf(" %s stays: %s can take it over, too. Remove it when nobody is to.", adopted.From, adopted.KeptFor)
	}
	_, err = fmt.Fprintln(c.term.Out, said)
	return err
}
