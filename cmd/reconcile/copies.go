package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/engine"
	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/plugins/host"
	"github.com/reconcilehq/reconcile/plugins/host/localcopy"
)

// dataEnv names the folder for Local Copies where --data does not.
const dataEnv = "RECONCILE_DATA"

// copyFlags are the flags of commands that read sources.
type copyFlags struct {
	offline bool
	maxAge  time.Duration
}

// addCopyFlags gives a command the flags that say how Local Copies are used.
func (a *app) addCopyFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.BoolVar(&a.copies.offline, "offline", false, "take Local Copies as they are, and ask no platform that has one")
	flags.DurationVar(&a.copies.maxAge, "max-age", 0, `refresh a Local Copy only if it is older than this, such as "30m"`)
	cmd.MarkFlagsMutuallyExclusive("offline", "max-age")
}

func (f *copyFlags) check() error {
	if f.maxAge < 0 {
		return fmt.Errorf("--max-age %s: an age is not negative", f.maxAge)
	}
	return nil
}

// folder returns where Local Copies are.
func (a *app) folder() (*localcopy.Folder, error) {
	data := a.dataDir
	if data == "" {
		data = os.Getenv(dataEnv)
	}
	if data == "" {
		usual, err := localcopy.DefaultData()
		if err != nil {
			return nil, err
		}
		data = usual
	}
	data, err := filepath.Abs(data)
	if err != nil {
		return nil, fmt.Errorf("find the folder for Local Copies: %w", err)
	}
	return localcopy.In(data), nil
}

// source returns the opened source as the engine reads it: through its Local Copy where it keeps one.
func (p *prepared) source(o *openSource, w *sideProgress) engine.Source {
	if o.copy == nil {
		return processSource{o.process}
	}
	return &copySource{session: p.session, of: o, watch: w}
}

// processSource is a connector's process as the engine sees it.
type processSource struct{ process *host.Process }

// Read implements engine.Source.
func (s processSource) Read(ctx context.Context, asked *catalog.Schema, w engine.Watcher, sink func(*catalog.Batch) error) (engine.Read, error) {
	done, err := s.process.Read(ctx, asked, w, sink)
	return engine.Read{Items: done.Items, ReadAt: done.ReadAt.Local(), Currencies: done.Currencies}, err
}

// copySource is a source that is read through its Local Copy, which is refreshed first.
type copySource struct {
	*session
	of    *openSource
	watch *sideProgress
}

// Read implements engine.Source.
func (s *copySource) Read(ctx context.Context, asked *catalog.Schema, w engine.Watcher, sink func(*catalog.Batch) error) (engine.Read, error) {
	folder, err := s.app.folder()
	if err != nil {
		return engine.Read{}, err
	}
	if !s.app.copies.offline {
		done, err := folder.Refresh(ctx, *s.of.copy, s.of.process, s.wishFor(s.of, asked, s.watch))
		if err != nil {
			return engine.Read{}, s.offer(ctx, folder, asked, s.of.named(err))
		}
		if done.Why != "" {
			s.watch.note("The Local Copy of %s was pulled in full: %s.", s.of.name(), done.Why)
		}
	}
	r, err := folder.Open(ctx, *s.of.copy)
	if err != nil {
		return engine.Read{}, s.unreadable(err)
	}
	defer r.Close()
	if lacking := r.Info().Lacks(asked.Names()); len(lacking) > 0 {
		return engine.Read{}, &lackingError{source: s.of, fields: lacking}
	}
	done, err := s.of.process.Assemble(ctx, asked, r.Records, w, sink)
	return engine.Read{Items: done.Items, ReadAt: r.Info().RefreshedAt.Local(), Copy: true, Currencies: done.Currencies}, s.unreadable(err)
}

// wishFor returns how the copy is to be refreshed, for items with the fields of asked (nil: what the configuration needs).
// The copy is to do for all reconciliations of the configuration, so that no two of them have it pulled in full in turns.
func (s *session) wishFor(o *openSource, asked *catalog.Schema, watch *sideProgress) localcopy.Wish {
	var fields []string
	needed := s.config.FieldsOf(o.Source)
	for _, name := range o.schema.Names() {
		if slices.Contains(needed, name) || asked != nil && asked.Index(name) >= 0 {
			fields = append(fields, name)
		}
	}
	return localcopy.Wish{Fields: fields, MaxAge: s.app.copies.maxAge, Watch: watch, Waiting: func() {
		watch.say("Another reconcile is pulling the Local Copy of %s: waiting for it.", o.name())
	}}
}

// offer adds to why a refresh failed that there is a copy to do without it. Nothing takes an old copy by itself.
func (s *copySource) offer(ctx context.Context, folder *localcopy.Folder, asked *catalog.Schema, err error) error {
	if ctx.Err() != nil {
		return err
	}
	r, openErr := folder.Open(ctx, *s.of.copy)
	if openErr != nil {
		return err
	}
	defer r.Close()
	if info := r.Info(); len(info.Lacks(asked.Names())) == 0 {
		return fmt.Errorf("%w\nIts Local Copy is %s: to compare with that, add --offline", err, ageOf(info.RefreshedAt))
	}
	return err
}

// unreadable says what to do about a copy that cannot be read.
func (s *copySource) unreadable(err error) error {
	var unusable *localcopy.UnusableError
	switch {
	case errors.Is(err, localcopy.ErrNone):
		return fmt.Errorf("%s: %w: make one with reconcile pull %s", s.of.label(), err, s.of.name())
	case errors.As(err, &unusable):
		return fmt.Errorf("%s: %w: reconcile pull %s makes it anew", s.of.label(), err, s.of.name())
	}
	return s.of.named(err)
}

// named makes sure that an error says which source it is about.
func (o *openSource) named(err error) error {
	var failure *host.Failure
	if err == nil || errors.As(err, &failure) || errors.Is(err, context.Canceled) {
		return err
	}
	return fmt.Errorf("%s: %w", o.label(), err)
}

// lackingError says that items with some fields cannot be made of a copy.
type lackingError struct {
	source *openSource
	fields []string
}

// Error names the fields.
func (e *lackingError) Error() string {
	return fmt.Sprintf("%s: its Local Copy was pulled without %s: run reconcile pull %s, or leave out --offline",
		e.source.label(), strings.Join(e.fields, ", "), e.source.name())
}

// name returns the source as commands take it: bigcommerce.web.
func (o *openSource) name() string { return o.Connector + "." + o.Name }

// ageOf says of when something is, and how old: "of 2026-11-25 14:02 (25 minutes old)".
func ageOf(t time.Time) string {
	return fmt.Sprintf("of %s (%s)", t.Local().Format("2006-01-02 15:04"), report.Old(time.Since(t)))
}

// copyOf says in a line what there is of a source's Local Copy.
func (a *app) copyOf(ctx context.Context, o *openSource) string {
	folder, err := a.folder()
	if err != nil {
		return err.Error()
	}
	r, err := folder.Open(ctx, *o.copy)
	switch {
	case errors.Is(err, localcopy.ErrNone):
		return "none yet"
	case err != nil:
		return err.Error()
	}
	defer r.Close()
	info := r.Info()
	return fmt.Sprintf("%s, %s", ageOf(info.RefreshedAt), count(int(info.Records()), "record"))
}
