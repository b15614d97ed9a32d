package session

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/reconcilehq/reconcile/engine"
	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/host/localcopy"
	"github.com/reconcilehq/reconcile/plugins/host/localcopy/itemfile"
	"github.com/reconcilehq/reconcile/rules/source"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/guard"
)

// made is everything that a source's items are made of besides its Local Copy, so that items that were made of it before are those
// that would be made of it now; nil where nobody can tell. A setting that names a file hangs on what is in that; and of a plugin that
// is not part of this program, or was started by somebody else, only itself knows when it makes other items.
func (o *Source) made(settings *source.Settings) []byte {
	if len(settings.Paths) > 0 || o.of.Config.Plugin(o.Connector) != nil || guard.Reattaches() {
		return nil
	}
	program, err := os.Executable()
	if err != nil {
		return nil
	}
	info, err := os.Stat(program)
	if err != nil {
		return nil
	}
	about := o.process.Describe()
	text, err := json.Marshal([]string{o.Connector, about.Version, about.SDKVersion, program, fmt.Sprint(info.Size(), info.ModTime().UnixNano()), string(settings.JSON)})
	if err != nil {
		return nil
	}
	return text
}

// findMade hands on the items that have one of the looks, out of the file of those that were made of the Local Copy. The error is
// itemfile.ErrUnfit if there is no such file, or none that fits; then nothing was handed on.
func (s *copySource) findMade(r *localcopy.Reader, state []byte, asked *catalog.Schema, looks []string, w engine.ReadWatcher,
	sink func(*catalog.Batch) error) (engine.Read, error) {
	batches, about, err := itemfile.Find(r.ItemsPath(), state, asked, looks)
	if err != nil {
		return engine.Read{}, err
	}
	for _, t := range about.Told {
		switch {
		case t.Unreadable:
			err = w.Unreadable([]catalog.Unreadable{{SKU: t.SKU, Reason: t.Reason}})
		case t.Notice != "":
			w.Notice(t.Notice)
		default:
			w.Warning(t.Warning)
		}
		if err != nil {
			return engine.Read{}, err
		}
	}
	for _, b := range batches {
		if err := sink(b); err != nil {
			return engine.Read{}, err
		}
	}
	return engine.Read{Items: about.Items, Skipped: about.Skipped, ReadAt: r.Info().RefreshedAt.Local(), Copy: true, Currencies: about.Currencies, Units: about.Units}, nil
}

// makeAll makes all items of the Local Copy, hands on those that have one of the looks, and keeps all in the file for the next time.
// That they cannot be kept is no failure.
func (s *copySource) makeAll(ctx context.Context, r *localcopy.Reader, state []byte, asked *catalog.Schema, looks []string, w engine.ReadWatcher,
	sink func(*catalog.Batch) error) (engine.Read, error) {
	file, err := itemfile.Create(r.ItemsPath(), state, asked)
	if err != nil {
		return s.assemble(ctx, r, asked, looks, w, sink)
	}
	sieve := catalog.NewSieve(looks)
	read, err := s.assemble(ctx, r, asked, nil, keptWatcher{w, file}, func(b *catalog.Batch) error {
		file.Add(b)
		rows := sieve.Rows(nil, b)
		if len(rows) == 0 {
			b.Release()
			return nil
		}
		few := b.Take(rows)
		b.Release()
		return sink(few)
	})
	if err != nil {
		file.Discard()
		return read, err
	}
	if err := file.Commit(itemfile.About{Items: read.Items, Skipped: read.Skipped, Currencies: read.Currencies, Units: read.Units}); err != nil && s.of.session().Log != nil {
		s.of.session().Log.Debug("the items of a Local Copy are not kept", "error", err)
	}
	return read, nil
}

// keptWatcher keeps what is told of items with them.
type keptWatcher struct {
	engine.ReadWatcher
	file *itemfile.Writer
}

// Warning implements engine.Watcher.
func (w keptWatcher) Warning(text string) {
	w.file.Tell(itemfile.Told{Warning: text})
	w.ReadWatcher.Warning(text)
}

// Notice implements engine.Watcher.
func (w keptWatcher) Notice(text string) {
	w.file.Tell(itemfile.Told{Notice: text})
	w.ReadWatcher.Notice(text)
}

// Unreadable implements engine.ReadWatcher.
func (w keptWatcher) Unreadable(items []catalog.Unreadable) error {
	for _, it := range items {
		w.file.Tell(itemfile.Told{Unreadable: true, SKU: it.SKU, Reason: it.Reason})
	}
	return w.ReadWatcher.Unreadable(items)
}
