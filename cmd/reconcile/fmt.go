package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/terminal"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/tidy"
)

// fmtFlags are the flags of reconcile fmt.
type fmtFlags struct{ check, diff, rules bool }

func fmtCommand(c *commandLine) *cobra.Command {
	var f fmtFlags
	cmd := &cobra.Command{
		Use:   "fmt [PATH...]",
		Short: "Lay out the configuration's files in the usual way",
		Long: `Fmt rewrites configuration files in the usual layout: indentation, spaces, equals signs below each other. Nothing but
white space changes. It prints the names of the files that it changed.

With --rules it also writes the rules that are shipped today in place of those that are still as they were shipped before
(reconcile validate tells which these are). Their comments stay. Rules that were changed are named and left as they are, and so are
those with which the configuration would not be valid, such as where a source has no such field.

PATH is a file, a folder with .hcl files (.test.hcl among them), or - for stdin to stdout. Without it, it is the
configuration and the .hcl files that belong to it. A file with a syntax error is shown and left as it is.`,
		Example: `  reconcile fmt
  reconcile fmt --check --diff
  reconcile fmt --rules --check --diff
  reconcile fmt - < reconcile.hcl`,
		RunE: func(cmd *cobra.Command, args []string) error { return c.layOut(cmd.Context(), args, f) },
	}
	cmd.Flags().BoolVar(&f.check, "check", false, "change nothing; exit with status "+strconv.Itoa(statusFailed)+" if a file would change")
	cmd.Flags().BoolVar(&f.diff, "diff", false, "show what changes")
	cmd.Flags().BoolVar(&f.rules, "rules", false, "write the shipped rules of today in place of older ones")
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
	var read []*tidy.File
	for _, path := range files {
		if ctx.Err() != nil {
			return context.Canceled
		}
		file, err := c.readToLayOut(path, f)
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
		read = append(read, file)
	}
	if err := c.renewValid(ctx, read); err != nil {
		return err
	}
	for _, file := range read {
		if err := c.layOutOne(file, f); err != nil {
			return err
		}
	}
	if failed {
		return terminal.ErrShown
	}
	return nil
}

// readToLayOut reads a file and makes it what it should be, which is not written yet.
func (c *commandLine) readToLayOut(path string, f fmtFlags) (*tidy.File, error) {
	file, err := tidy.Read(path, c.term.In)
	if err != nil || !f.rules {
		return file, err
	}
	if err := file.Renew(); err != nil {
		return nil, err
	}
	for _, r := range file.LeftOut {
		c.term.Say("%s, line %d: rule %q is not as it was ever shipped, and is left as it is", file.Name, r.Range.Start.Line, r.Code)
	}
	return file, nil
}

// layOutOne writes a file as it should be, if that is wanted, and says what has changed.
func (c *commandLine) layOutOne(file *tidy.File, f fmtFlags) error {
	if file.Stdin() && !f.check && !f.diff {
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
		was, is := file.Shown()
		if bytes.Equal(was, is) {
			_, err := fmt.Fprintf(c.term.Out, "%s: only values that may be secret are laid out in another way, and they are not shown\n", file.Name)
			return err
		}
		_, err := c.term.Out.Write(diff.Diff(file.Name+" (as it is)", was, file.Name+" (laid out)", is))
		return err
	}
	_, err := fmt.Fprintln(c.term.Out, file.Name)
	return err
}
