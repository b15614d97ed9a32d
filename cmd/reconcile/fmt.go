package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"
)

// fmtFlags are the flags of reconcile fmt.
type fmtFlags struct{ check, diff bool }

func fmtCommand(a *app) *cobra.Command {
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
		RunE: func(cmd *cobra.Command, args []string) error { return a.layOut(cmd.Context(), args, f) },
	}
	cmd.Flags().BoolVar(&f.check, "check", false, "change nothing; exit with status 1 if a file would change")
	cmd.Flags().BoolVar(&f.diff, "diff", false, "show what changes")
	return cmd
}

func (a *app) layOut(ctx context.Context, paths []string, f fmtFlags) error {
	files, err := a.layOutFiles(paths)
	if err != nil {
		return err
	}
	failed := false
	for _, file := range files {
		if ctx.Err() != nil {
			return context.Canceled
		}
		changed, err := a.layOutOne(file, f)
		if err != nil && !errors.Is(err, errReported) {
			return err
		}
		failed = failed || err != nil || changed && f.check
	}
	if failed {
		return errReported
	}
	return nil
}

// layOutOne formats a file, or stdin, and reports whether its layout was another.
func (a *app) layOutOne(file string, f fmtFlags) (changed bool, err error) {
	var text []byte
	name := file
	if file == stdin {
		name = "<stdin>"
		text, err = io.ReadAll(os.Stdin)
	} else {
		text, err = os.ReadFile(file)
	}
	if err != nil {
		return false, fmt.Errorf("read %s: %w", name, unwrapPath(err))
	}
	if parsed, diags := hclsyntax.ParseConfig(text, name, hcl.InitialPos); diags.HasErrors() {
		if parsed == nil {
			parsed = &hcl.File{Bytes: text}
		}
		if err := a.show(map[string]*hcl.File{name: parsed}, diags); err != nil {
			return false, err
		}
		return false, errReported
	}
	laidOut := hclwrite.Format(text)
	changed = !bytes.Equal(text, laidOut)
	if file == stdin && !f.check && !f.diff {
		_, err := a.stdout.Write(laidOut)
		return changed, err
	}
	if !changed {
		return false, nil
	}
	if file != stdin && !f.check {
		if err := rewrite(file, laidOut); err != nil {
			return true, err
		}
	}
	if f.diff {
		_, err = a.stdout.Write(diff.Diff(name+" (as it is)", text, name+" (laid out)", laidOut))
	} else {
		_, err = fmt.Fprintln(a.stdout, name)
	}
	return true, err
}
