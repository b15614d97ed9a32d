package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/plugins/host/localcopy"
	"github.com/reconcilehq/reconcile/rules"
)

// pullFlags are the flags of reconcile pull.
type pullFlags struct{ full, status bool }

func pullCommand(a *app) *cobra.Command {
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
		RunE: func(cmd *cobra.Command, args []string) error { return a.pull(cmd.Context(), args, f) },
	}
	cmd.Flags().BoolVar(&f.full, "full", false, "read everything anew")
	cmd.Flags().BoolVar(&f.status, "status", false, "show what there is, and pull nothing")
	cmd.MarkFlagsMutuallyExclusive("full", "status")
	return cmd
}

func (a *app) pull(ctx context.Context, names []string, f pullFlags) error {
	config, diags := a.load()
	if diags.HasErrors() {
		return a.refuse(config, diags)
	}
	chosen, err := chooseSources(config, names)
	if err != nil {
		return err
	}
	folder, err := a.folder()
	if err != nil {
		return err
	}
	s := a.open(ctx, config, chosen)
	defer s.Close()
	if ctx.Err() != nil {
		return context.Canceled
	}
	diags = rules.Merge(diags, s.diagnostics())
	if err := a.show(config.Files, diags); err != nil {
		return err
	}
	failed, kept := diags.HasErrors(), 0
	for _, o := range s.sources {
		if o.schema == nil {
			continue // as was shown; it keeps nobody from pulling the others
		}
		if o.copy == nil {
			if len(names) > 0 {
				return fmt.Errorf("%s keeps no Local Copy: it is read each time", o.label())
			}
			continue
		}
		kept++
		act := s.pull
		if f.status {
			act = s.status
		}
		if err := act(ctx, folder, o, f); err != nil {
			if ctx.Err() != nil {
				return context.Canceled
			}
			failed = true
			fmt.Fprintf(a.stderr, "%s %v\n", a.red("Error:"), err)
		}
	}
	switch {
	case failed:
		return errReported
	case kept == 0:
		_, err = fmt.Fprintln(a.stdout, "No source of the configuration keeps a Local Copy: all are read each time.")
	}
	return err
}

// pull refreshes one source's copy and says what became of it.
func (s *session) pull(ctx context.Context, folder *localcopy.Folder, o *openSource, f pullFlags) error {
	started := time.Now()
	progress := newProgress(s.app, o.Source)
	wish := s.wishFor(o, nil, progress.side(0))
	wish.Full = f.full
	done, err := folder.Refresh(ctx, *o.copy, o.process, wish)
	progress.finish()
	if err != nil {
		return o.named(err)
	}
	how := "refreshed"
	if done.Full {
		how = "pulled in full"
	}
	if done.Resumed {
		how += ", from where the last pull stopped,"
	}
	how += " in " + report.Span(time.Since(started))
	if !done.Pulled {
		how = "up to date, another reconcile has just pulled it"
	}
	if done.Why != "" {
		how += " (" + done.Why + ")"
	}
	fmt.Fprintf(s.app.stdout, "%s: %s: %d new, %d changed, %d gone\n", o.name(), how, done.New, done.Changed.Changed, done.Gone)
	return s.holds(done.Info)
}

// status says what there is of one source's copy.
func (s *session) status(ctx context.Context, folder *localcopy.Folder, o *openSource, _ pullFlags) error {
	r, err := folder.Open(ctx, *o.copy)
	var unusable *localcopy.UnusableError
	switch {
	case errors.Is(err, localcopy.ErrNone):
		_, err = fmt.Fprintf(s.app.stdout, "%s: no Local Copy yet\n", o.name())
		return err
	case errors.As(err, &unusable):
		_, err = fmt.Fprintf(s.app.stdout, "%s: %v; the next pull makes it anew\n", o.name(), unusable)
		return err
	case err != nil:
		return o.named(err)
	}
	defer r.Close()
	info := r.Info()
	fmt.Fprintf(s.app.stdout, "%s: Local Copy %s\n", o.name(), ageOf(info.RefreshedAt))
	if err := s.holds(info); err != nil {
		return err
	}
	fmt.Fprintf(s.app.stdout, "  fields: %s\n", strings.Join(info.Fields, ", "))
	due := "when asked for with --full"
	if !info.FullDue.IsZero() {
		due = "due from " + info.FullDue.Local().Format("2006-01-02 15:04")
	}
	_, err = fmt.Fprintf(s.app.stdout, "  last full pull %s, the next one %s\n", ageOf(info.FullAt), due)
	return err
}

// holds says what a copy holds, and where.
func (s *session) holds(info localcopy.Info) error {
	var kinds []string
	for _, kind := range slices.Sorted(maps.Keys(info.Held)) {
		kinds = append(kinds, fmt.Sprintf("%s %d", kind, info.Held[kind]))
	}
	what := count(int(info.Records()), "record")
	if len(kinds) > 1 {
		what += " (" + strings.Join(kinds, ", ") + ")"
	}
	_, err := fmt.Fprintf(s.app.stdout, "  %s, data %s, %s in %s\n", what, ageOf(info.RefreshedAt), sizeOf(info.Size), info.Path)
	return err
}

// sizeOf says how large a file of so many bytes is.
func sizeOf(bytes int64) string {
	if bytes < 1e6 {
		return fmt.Sprintf("%d KB", (bytes+999)/1000)
	}
	return fmt.Sprintf("%.1f MB", float64(bytes)/1e6)
}
