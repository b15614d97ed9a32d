package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/session"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/terminal"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/words"
)

func sourcesCommand(c *commandLine) *cobra.Command {
	return &cobra.Command{
		Use:   "sources [NAME...]",
		Short: "Check each source and list its fields",
		Long: `Sources starts each source's connector, tries its credentials and lists the fields that rules can use. It reads no
item. ` + statusIf("if all sources can be used", "if one cannot") + ".",
		RunE:              func(cmd *cobra.Command, args []string) error { return c.sources(cmd.Context(), args) },
		ValidArgsFunction: c.completeSources,
	}
}

func (c *commandLine) sources(ctx context.Context, names []string) error {
	sources, err := c.session().Open(ctx, names)
	if err != nil {
		return err
	}
	defer sources.Close()
	failed := false
	for i, source := range sources.List {
		if i > 0 {
			fmt.Fprintln(c.term.Out)
		}
		if err := c.describeSource(ctx, source); err != nil {
			failed = true
			fmt.Fprintf(c.term.Out, "  %s\n", strings.ReplaceAll(err.Error(), "\n", "\n  "))
		}
	}
	if failed {
		return terminal.ErrShown
	}
	return ctx.Err()
}

func (c *commandLine) describeSource(ctx context.Context, source *session.Source) error {
	d, checkErr := source.Describe(ctx)
	fmt.Fprint(c.term.Out, source.ShortName())
	if d.Version != "" {
		fmt.Fprintf(c.term.Out, "  (connector %s)", d.Version)
	}
	fmt.Fprintln(c.term.Out)
	if len(d.Diags) > 0 {
		if err := c.term.Show(d.Files, d.Diags); err != nil {
			return err
		}
	}
	switch {
	case !d.Usable:
		return errors.New("cannot be used: see the message above")
	case checkErr != nil:
		return fmt.Errorf("check failed: %w", checkErr)
	}
	w := tabwriter.NewWriter(c.term.Out, 0, 0, 2, ' ', 0)
	for _, f := range d.Facts {
		fmt.Fprintf(w, "  %s\t%s\n", f.Name, f.Value)
	}
	if d.Copy != nil {
		fmt.Fprintf(w, "  Local Copy\t%s\n", copyLine(d))
	}
	fmt.Fprintf(w, "  fields\t\n")
	for _, f := range d.Fields {
		fmt.Fprintf(w, "    %s\t%s\t%s\n", f.Name, f.Type, f.Doc)
	}
	return w.Flush()
}

// copyLine says in a line what there is of a source's Local Copy.
func copyLine(d session.Description) string {
	switch {
	case d.CopyErr != nil:
		return d.CopyErr.Error()
	case d.Copy.None:
		return "none yet"
	case d.Copy.Unusable != "":
		return d.Copy.Unusable
	}
	return words.Age(d.Copy.RefreshedAt) + ", " + words.Count(int(d.Copy.Records()), "record")
}
