package session

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/reconcilehq/reconcile/engine"
	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/change"
	"github.com/reconcilehq/reconcile/plugins/host"
	"github.com/reconcilehq/reconcile/plugins/host/localcopy"
	"github.com/reconcilehq/reconcile/plugins/host/localcopy/itemfile"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/words"
)

// DataEnv names the folder for what is kept where Options.DataDir does not.
const DataEnv = "RECONCILE_DATA"

// DataFolder returns the path of the folder for all that is kept, there or not: Local Copies, and what the screen needs.
func (s *Session) DataFolder() (string, error) { return DataFolder(s.DataDir) }

// DataFolder returns the same for one that Options.DataDir names; "" is the usual one.
func DataFolder(data string) (string, error) {
	if data == "" {
		data = os.Getenv(DataEnv)
	}
	if data == "" {
		usual, err := localcopy.DefaultData()
		if err != nil {
			return "", err
		}
		data = usual
	}
	data, err := filepath.Abs(data)
	if err != nil {
		return "", fmt.Errorf("find the data folder: %w", err)
	}
	return data, nil
}

// folder returns where Local Copies are.
func (s *Session) folder() (*localcopy.Folder, error) {
	data, err := s.DataFolder()
	if err != nil {
		return nil, err
	}
	return localcopy.In(data), nil
}

// CopiesFolder returns the path of the folder for Local Copies, there or not.
func (s *Session) CopiesFolder() (string, error) {
	folder, err := s.folder()
	if err != nil {
		return "", err
	}
	return folder.Path(), nil
}

// VerifyCopy reads the source's copy to its end, and returns why it cannot be used; nil if it can.
func (o *Source) VerifyCopy(ctx context.Context) error {
	folder, err := o.session().folder()
	if err != nil {
		return err
	}
	r, err := folder.Open(ctx, *o.copy)
	if err != nil {
		return err
	}
	defer r.Close()
	return r.Records(func(string, []host.Record) error { return nil })
}

// reader returns the source as the engine reads it: through its Local Copy where it keeps one.
func (o *Source) reader(w *watch) engine.Source {
	if o.copy == nil && o.process.CanFetch() && !o.fetchesByReading() {
		return fetchingSource{processSource{o}}
	}
	if o.copy == nil {
		return processSource{o}
	}
	return &copySource{of: o, watch: w}
}

// fetchesByReading reports whether its connector reads everything to fetch an item. It is then better read: what is left out on the
// way costs less, and what was read to its end also proves that there is no more.
func (o *Source) fetchesByReading() bool { return o.Connector == "file" }

// processSource is a source as the engine sees it that is read from its connector's process.
type processSource struct{ of *Source }

// Read implements engine.Source.
func (s processSource) Read(ctx context.Context, asked *catalog.Schema, w engine.ReadWatcher, sink func(*catalog.Batch) error) (engine.Read, error) {
	return s.Find(ctx, asked, nil, w, sink)
}

// Find implements engine.Finder.
func (s processSource) Find(ctx context.Context, asked *catalog.Schema, looks []string, w engine.ReadWatcher, sink func(*catalog.Batch) error) (engine.Read, error) {
	done, err := s.of.process.Find(ctx, asked, looks, w, sink)
	return engine.Read{Items: done.Items, Skipped: done.Skipped, ReadAt: done.ReadAt.Local(), File: done.File, Currencies: done.Currencies, Units: done.Units}, s.of.reading(err)
}

// fetchingSource is one whose connector reads single items, too.
type fetchingSource struct{ processSource }

// CanFetch implements engine.Fetcher.
func (s fetchingSource) CanFetch(context.Context) bool { return true }

// Fetch implements engine.Fetcher.
func (s fetchingSource) Fetch(ctx context.Context, asked *catalog.Schema, skus []string, w engine.ReadWatcher, sink func(*catalog.Batch) error) (engine.Read, error) {
	return s.of.fetch(ctx, asked, skus, w, sink)
}

func (o *Source) fetch(ctx context.Context, asked *catalog.Schema, skus []string, w engine.ReadWatcher, sink func(*catalog.Batch) error) (engine.Read, error) {
	refs := make([]change.Ref, len(skus))
	for i, sku := range skus {
		refs[i] = change.Ref{SKU: sku}
	}
	done, err := o.process.ReadItems(ctx, refs, asked, w, sink)
	return engine.Read{Items: done.Items, Skipped: done.Skipped, ReadAt: done.ReadAt.Local(), File: done.File, Currencies: done.Currencies, Units: done.Units}, o.reading(err)
}

// copySource is a source that is read through its Local Copy, which is refreshed before the first read.
type copySource struct {
	of    *Source
	watch *watch
	fresh bool
}

// Read implements engine.Source.
func (s *copySource) Read(ctx context.Context, asked *catalog.Schema, w engine.ReadWatcher, sink func(*catalog.Batch) error) (engine.Read, error) {
	return s.Find(ctx, asked, nil, w, sink)
}

// CanFetch implements engine.Fetcher: where there is no copy, or one that would have to be refreshed first, a few items are asked for in place of
// all that may have changed. Of a large store, a refresh reads the stock of all items.
func (s *copySource) CanFetch(ctx context.Context) bool {
	folder, err := s.of.session().folder()
	if err != nil || s.fresh || s.of.session().Offline || !s.of.process.CanFetch() {
		return false
	}
	r, err := folder.Open(ctx, *s.of.copy)
	if err == nil {
		defer r.Close()
		return time.Since(r.Info().RefreshedAt) > s.of.session().MaxAge
	}
	return errors.Is(err, localcopy.ErrNone)
}

// Fetch implements engine.Fetcher.
func (s *copySource) Fetch(ctx context.Context, asked *catalog.Schema, skus []string, w engine.ReadWatcher, sink func(*catalog.Batch) error) (engine.Read, error) {
	return s.of.fetch(ctx, asked, skus, w, sink)
}

// Find implements engine.Finder.
func (s *copySource) Find(ctx context.Context, asked *catalog.Schema, looks []string, w engine.ReadWatcher, sink func(*catalog.Batch) error) (engine.Read, error) {
	read, err := s.read(ctx, asked, looks, w, sink)
	return read, s.of.reading(err)
}

func (s *copySource) read(ctx context.Context, asked *catalog.Schema, looks []string, w engine.ReadWatcher, sink func(*catalog.Batch) error) (engine.Read, error) {
	folder, err := s.of.session().folder()
	if err != nil {
		return engine.Read{}, err
	}
	if !s.of.session().Offline && !s.fresh {
		done, err := folder.Refresh(ctx, *s.of.copy, s.of.process, s.of.wish(asked, s.watch))
		if err != nil {
			return engine.Read{}, s.offer(ctx, folder, asked, s.of.named(err))
		}
		if done.Why != "" {
			s.watch.note("The Local Copy of %s was pulled in full: %s.", s.of.ShortName(), done.Why)
		}
		s.fresh = true
	}
	r, err := folder.Open(ctx, *s.of.copy)
	if err != nil {
		return engine.Read{}, s.unreadable(err)
	}
	defer r.Close()
	if lacking := r.Info().Lacks(asked.Names()); len(lacking) > 0 {
		return engine.Read{}, &lackingError{source: s.of, fields: lacking}
	}
	if len(looks) == 0 || s.of.kept == nil || r.ItemsPath() == "" {
		return s.assemble(ctx, r, asked, looks, w, sink)
	}
	state, err := r.State(s.of.kept)
	if err != nil {
		return engine.Read{}, s.of.named(err)
	}
	read, err := s.findMade(r, state, asked, looks, w, sink)
	if !errors.Is(err, itemfile.ErrUnfit) {
		return read, err
	}
	return s.makeAll(ctx, r, state, asked, looks, w, sink)
}

// assemble makes items of the Local Copy: all, or with looks, at least those that have one of them.
func (s *copySource) assemble(ctx context.Context, r *localcopy.Reader, asked *catalog.Schema, looks []string, w engine.ReadWatcher, sink func(*catalog.Batch) error) (engine.Read, error) {
	done, err := s.of.process.Assemble(ctx, asked, looks, r.Records, w, sink)
	return engine.Read{Items: done.Items, Skipped: done.Skipped, ReadAt: r.Info().RefreshedAt.Local(), Copy: true, Currencies: done.Currencies, Units: done.Units}, s.unreadable(err)
}

// wish returns how the copy is to be refreshed, for items with the fields of asked (nil: what the configuration needs).
// The copy is to do for all reconciliations of the configuration, so that no two of them have it pulled in full in turns.
func (o *Source) wish(asked *catalog.Schema, watch *watch) localcopy.RefreshRequest {
	var fields []string
	needed := o.of.Config.FieldsOf(o.Source)
	if page := o.Schema.ItemPage(); page != nil {
		needed = append(needed, page.Fields()...)
	}
	for _, name := range o.Schema.Names() {
		ofPlans := name == "id" && o.Writable() != nil // plans and runs take turns with one copy
		if slices.Contains(needed, name) || asked != nil && asked.Index(name) >= 0 || ofPlans {
			fields = append(fields, name)
		}
	}
	return localcopy.RefreshRequest{Fields: fields, MaxAge: o.session().MaxAge, Watch: watch, Waiting: func() {
		watch.say("Another reconcile is pulling the Local Copy of %s: waiting for it.", o.ShortName())
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
		return fmt.Errorf("%w\nIts Local Copy is %s: to compare with that, add --offline", err, words.Age(info.RefreshedAt))
	}
	return err
}

// unreadable says what to do about a copy that cannot be read.
func (s *copySource) unreadable(err error) error {
	var unusable *localcopy.UnusableError
	switch {
	case errors.Is(err, localcopy.ErrNone):
		return fmt.Errorf("%s: %w: make one with %s", s.of.label(), err, s.of.pullCommand())
	case errors.As(err, &unusable):
		return fmt.Errorf("%s: %w: %s makes it anew", s.of.label(), err, s.of.pullCommand())
	}
	return s.of.named(err)
}

// pullCommand returns the command that brings the Local Copy up to date.
func (o *Source) pullCommand() string { return o.of.Hint("pull", o.ShortName()) }

// named makes sure that an error says which source it is about.
func (o *Source) named(err error) error {
	var failure *host.Failure
	if err == nil || errors.As(err, &failure) || errors.Is(err, context.Canceled) {
		return err
	}
	return fmt.Errorf("%s: %w", o.label(), err)
}

// lackingError says that items with some fields cannot be made of a copy.
type lackingError struct {
	source *Source
	fields []string
}

// Error names the fields.
func (e *lackingError) Error() string {
	return fmt.Sprintf("%s: its Local Copy was pulled without %s: run %s, or leave out --offline",
		e.source.label(), strings.Join(e.fields, ", "), e.source.pullCommand())
}
