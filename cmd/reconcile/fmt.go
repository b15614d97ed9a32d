package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/terminal"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/tidy"
)

// fmtFlags are the flags of reconcile fmt.
type fmtFlags struct{ check, diff bool }

func fmtCommand(c *commandLine) *cobra.Command {
	var f fmtFlags
	cmd := &cobra.Command{
		Use:   "fmt [PATH...]",
		Short: "Lay out the configuration's files in the usual way",
		Long: `Fmt rewrites configuration files in the usual layout: indentation, spaces, equals signs below each other. Nothing but
white space changes. It prints the names of the files that it changed.

PATH is a file, a folder with .hcl files (.test.hcl among them), or - for stdin to stdout. Without it, it is the
configuration and the .hcl files that belong to it. A file with a syntax error is shown and left as it is.`,
		Example: `  reconcile fmt
  reconcile fmt --check --diff
  reconcile fmt - < reconcile.hcl`,
		RunE: func(cmd *cobra.Command, args []string) error { return c.layOut(cmd.Context(), args, f) },
	}
	cmd.Flags().BoolVar(&f.check, "check", false, "change nothing; exit with status 1 if a file would change")
	cmd.Flags().BoolVar(&f.diff, "diff", false, "show what changes")
	cmd.ValidArgsFunction = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return []string{"hcl"}, cobra.ShellCompDirectiveFilterFileExt
	}
	return cmd
}

func (c *commandLine) layOut(ctx context.Context, paths []string, f fmtFlags) error {
	files, err := tidy.Files(c.configPath, paths)
	if err != nil {
		return err
	}
	failed := false
	for _, path := range files {
		if ctx.Err() != nil {
			return context.Canceled
		}
		file, err := tidy.Read(path, c.term.In)
		var syntax *tidy.SyntaxError
		if errors.As(err, &syntax) {
			failed = true
			err = c.term.Show(syntax.Files, syntax.Diags)
			if err == nil {
				continue
			}
		}
		if err != nil {
			return err
		}
		failed = failed || f.check && file.Changed()
		if err := c.layOutOne(file, path == tidy.Stdin, f); err != nil {
			return err
		}
	}
	if failed {
		return terminal.ErrShown
	}
	return nil
}

// layOutOne writes a file as it should be, if that is wanted, and says what has changed.
func (c *commandLine) layOutOne(file *tidy.File, stdin bool, f fmtFlags) error {
	if stdin && !f.check && !f.diff {
		_, err := c.term.Data.Write(file.Is)
		return err
	}
	if !file.Changed() {
		return nil
	}
	if !f.check {
		if err := file.Write(); err != nil {
			return err
		}
	}
	if f.diff {
		_, err := c.term.Out.Write(diff.Diff(file.Name+" (as it is)", file.Was, file.Name+" (laid out)", file.Is))
		return err
	}
	_, err := fmt.Fprintln(c.term.Out, file.Name)
	return err
}
