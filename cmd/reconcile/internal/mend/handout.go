package mend

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/engine/plan"
	"github.com/reconcilehq/reconcile/engine/replace"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/mend/worklist"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/rowfile"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/words"
)

// addWorklist gives a command the flag that has the worklist of a plan written.
func addWorklist(cmd *cobra.Command, path *string) {
	cmd.Flags().StringVar(path, "worklist", "", "write what people have to do to this file, a new one: .csv or .xlsx")
}

// checkWorklist refuses a place where the worklist cannot be; "" is none.
func checkWorklist(path string) error {
	if path == "" {
		return nil
	}
	if _, ok := rowfile.FormatOf(path); !ok {
		return fmt.Errorf("--worklist %s: name a file that ends in .csv or .xlsx", path)
	}
	return rowfile.CheckNew("--worklist "+path, path, "which somebody may still be at work with")
}

// handOut writes the worklist of a plan, if one is wanted, and says so.
func (d Desk) handOut(made *plan.Plan, path, format string) error {
	if path == "" {
		return nil
	}
	say := d.Term.Out
	if format != "text" { // of which stdout has the plan alone
		say = d.Term.Err
	}
	if !worklist.Has(made) {
		why := "There is nothing for a person to do"
		if made.Nothing != "" {
			why = "Nothing was compared"
		}
		_, err := fmt.Fprintf(say, "\n%s: %s was not written.\n", why, path)
		return err
	}
	lines, err := writeWorklist(made, path)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(say, "\nWrote %s for people to %s.\n", words.Count(lines, "line"), path)
	return err
}

// writeWorklist writes the worklist of a plan to a new file, whole or not at all.
func writeWorklist(made *plan.Plan, path string) (lines int, err error) {
	unlock, err := replace.LockFolder(filepath.Dir(path))
	if err != nil {
		return 0, fmt.Errorf("--worklist %s: %w", path, err)
	}
	defer unlock()
	if err := checkWorklist(path); err != nil { // somebody may have made it meanwhile
		return 0, err
	}
	out, err := replace.OpenPlain(path, 0o600)
	if err != nil {
		return 0, fmt.Errorf("--worklist %w", err)
	}
	defer func() { err = errors.Join(err, out.Discard()) }()
	format, _ := rowfile.FormatOf(path) // it was checked
	if lines, err = worklist.Write(out, made, format, false); err != nil {
		return 0, err
	}
	return lines, out.Commit()
}
