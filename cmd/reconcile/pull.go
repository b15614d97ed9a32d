package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/plugins/host/localcopy"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/session"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/terminal"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/words"
)

// pullFlags are the flags of reconcile pull.
type pullFlags struct{ full, status bool }

func pullCommand(c *commandLine) *cobra.Command {
	var f pullFlags
	cmd := &cobra.Command{
		Use:   "pull [SOURCE...]",
		Short: "Refresh Local Copies of sources",
		Long: `Pull brings the Local Copies of the sources up to date, of all that keep one if none is named: it asks the platform for
what has changed since the last pull, or for everything if that is due. A copy holds what the fields need that the
configuration's rules read. Run does the same by itself, and then compares.

A pull that fails leaves the last good copy as it was, and the next one goes on where it stopped.`,
		Example: `  reconcile pull
  reconcile pull bigcommerce.web --full
  reconcile pull --status`,
		RunE: func(cmd *cobra.Command, args []string) error { return c.pull(cmd.Context(), args, f) },
	}
	cmd.Flags().BoolVar(&f.full, "full", false, "read everything anew")
	cmd.Flags().BoolVar(&f.status, "status", false, "show what there is, and pull nothing")
	cmd.MarkFlagsMutuallyExclusive("full", "status")
	cmd.ValidArgsFunction = c.completeSources
	return cmd
}

func (c *commandLine) pull(ctx context.Context, names []string, f pullFlags) error {
	copies, err := c.session().Copies(ctx, names)
	if err != nil {
		return err
	}
	defer copies.Close()
	if err := c.term.Show(copies.Files, copies.Diags); err != nil {
		return err
	}
	failed := copies.Diags.HasErrors()
	act := c.pullOne
	if f.status {
		act = c.copyStatus
	}
	for _, source := range copies.Kept {
		err := act(ctx, source, f)
		switch {
		case errors.Is(err, context.Canceled):
			return err
		case err != nil:
			failed = true
			c.term.Fail("%v", err)
		}
	}
	switch {
	case failed:
		return terminal.ErrShown
	case len(copies.Kept) == 0:
		_, err = fmt.Fprintln(c.term.Out, "No source of the configuration keeps a Local Copy: all are read each time.")
	}
	return err
}

// pullOne refreshes one source's copy and says what became of it.
func (c *commandLine) pullOne(ctx context.Context, source *session.Source, f pullFlags) error {
	done, err := source.Pull(ctx, f.full)
	if err != nil {
		return err
	}
	how := "refreshed"
	if done.Full {
		how = "pulled in full"
	}
	if done.Resumed {
		how += ", from where the last pull stopped,"
	}
	how += " in " + report.Span(done.Took)
	if !done.Pulled {
		how = "up to date, another reconcile has just pulled it"
	}
	if done.Why != "" {
		how += " (" + done.Why + ")"
	}
	fmt.Fprintf(c.term.Out, "%s: %s: %d new, %d changed, %d gone\n", source.ShortName(), how, done.New, done.Changes.Changed, done.Gone)
	return c.holds(done.Info)
}

// copyStatus says what there is of one source's copy.
func (c *commandLine) copyStatus(ctx context.Context, source *session.Source, _ pullFlags) error {
	state, err := source.CopyState(ctx)
	switch {
	case err != nil:
		return err
	case state.None:
		_, err = fmt.Fprintf(c.term.Out, "%s: no Local Copy yet\n", source.ShortName())
		return err
	case state.Unusable != "":
		_, err = fmt.Fprintf(c.term.Out, "%s: %s; the next pull makes it anew\n", source.ShortName(), state.Unusable)
		return err
	}
	fmt.Fprintf(c.term.Out, "%s: Local Copy %s\n", source.ShortName(), words.Age(state.RefreshedAt))
	if err := c.holds(state.Info); err != nil {
		return err
	}
	fmt.Fprintf(c.term.Out, "  fields: %s\n", strings.Join(state.Fields, ", "))
	due := "when asked for with --full"
	if !state.FullDue.IsZero() {
		due = "due from " + state.FullDue.Local().Format("2006-01-02 15:04")
	}
	_, err = fmt.Fprintf(c.term.Out, "  last full pull %s, the next one %s\n", words.Age(state.FullAt), due)
	return err
}

// holds says what a copy holds, and where.
func (c *commandLine) holds(info localcopy.Info) error {
	var kinds []string
	for _, kind := range slices.Sorted(maps.Keys(info.Held)) {
		kinds = append(kinds, fmt.Sprintf("%s %d", kind, info.Held[kind]))
	}
	what := words.Count(int(info.Records()), "record")
	if len(kinds) > 1 {
		what += " (" + strings.Join(kinds, ", ") + ")"
	}
	_, err := fmt.Fprintf(c.term.Out, "  %s, data %s, %s in %s\n", what, words.Age(info.RefreshedAt), words.FileSize(info.Size), info.Path)
	return err
}
