package session

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/reconcilehq/reconcile/engine"
	"github.com/reconcilehq/reconcile/engine/apply"
	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/change"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/plugins/host"
)

// PrepareToApply is like Prepare, but the connector of the store is started so that it may be asked to change it: it gets the settings that
// only this needs. It is for reconcile apply and revert alone; whoever reads has no use for what may write.
func (s *Session) PrepareToApply(ctx context.Context, name string) (*Prepared, error) {
	return s.prepare(ctx, name, true)
}

// Store returns the source that is the store.
func (p *Prepared) Store() *Source { return p.find(p.Reconciliation.Store) }

// StoreHashes stand for the store that can be changed: its shop of the list, its connector and its settings. exact is another one where a
// secret or a file that a setting names is another one, lasting is not: these may be others another day.
func (p *Prepared) StoreHashes() (exact, lasting string) {
	of := func(settings []byte) string {
		sum := sha256.Sum256([]byte(p.session.Shop + "\n" + p.Store().Connector + "\n" + string(settings)))
		return hex.EncodeToString(sum[:])
	}
	return of(p.Store().identity), of(p.Store().lasting)
}

// Label returns what people call the source.
func (o *Source) Label() string { return o.label() }

// Writable returns how the connector takes the values of the fields that it can set; nil if it only reads.
func (o *Source) Writable() map[string]change.Writable {
	if o.process == nil || !o.process.CanApply() {
		return nil
	}
	return o.process.Writable()
}

// Platform returns the source as what changes are made on. Only what PrepareToApply has opened can be changed.
func (o *Source) Platform() (apply.Platform, error) {
	if !o.applies {
		return nil, fmt.Errorf("%s was opened to be read only", o.label())
	}
	if o.process == nil || !o.process.CanApply() {
		instead := "What a plan says is then done by hand, or by what loads values into the store"
		if o.takes("changes_file") {
			instead = "With changes_file = \"changes.csv\" in its block, apply writes what is to change to that file, for the platform to import"
		}
		return nil, fmt.Errorf("%s cannot be changed: its connector only reads, or only reads as it is configured. %s", o.label(), instead)
	}
	return &platform{o}, nil
}

// platform hands calls to the connector's process. The listener hears how far they are.
type platform struct{ of *Source }

// calling has the listener hear of a call until it ends.
func (p *platform) calling(w apply.Watcher) (host.Watcher, func()) {
	reading := p.of.session().begin(p.of.Source)
	return heardBoth{reading.sides[0], w}, reading.end
}

// heardBoth is heard by the session's listener, and by whoever has asked.
type heardBoth struct {
	*watch
	also apply.Watcher
}

// Progress implements host.Watcher.
func (h heardBoth) Progress(done, total int64, text string) {
	h.watch.Progress(done, total, text)
	h.also.Progress(done, total, text)
}

// Waiting implements host.Watcher.
func (h heardBoth) Waiting(until time.Time, text string) {
	h.watch.Waiting(until, text)
	h.also.Waiting(until, text)
}

// Fetch implements apply.Platform.
func (p *platform) Fetch(ctx context.Context, items []change.Ref, fields *catalog.Schema, w apply.Watcher, sink func(*catalog.Batch) error) error {
	watch, end := p.calling(w)
	defer end()
	return p.of.of.place(p.of.reading(p.of.process.Fetch(ctx, items, fields, watch, sink)))
}

// Prepare implements apply.Platform.
func (p *platform) Prepare(ctx context.Context, changes []change.Change, w apply.Watcher, answer func(change.Prepared) error) (change.Cost, error) {
	watch, end := p.calling(w)
	defer end()
	cost, err := p.of.process.Prepare(ctx, changes, watch, answer)
	return cost, p.of.of.place(p.of.reading(err))
}

// Apply implements apply.Platform.
func (p *platform) Apply(ctx context.Context, changes []change.Change, w apply.Watcher, answer func(change.Outcome) error) error {
	watch, end := p.calling(w)
	defer end()
	return p.of.of.place(p.of.reading(p.of.process.Apply(ctx, changes, watch, answer)))
}

// Unwatched returns a watcher for calls of which only the session's listener hears.
func Unwatched() apply.Watcher { return unwatched{} }

// IDs are the store's own names of its items, by SKU.
type IDs map[string]string

// Of returns the id of the item with a SKU; "" if it is not known, or several have that SKU.
func (ids IDs) Of(sku string) string { return ids[sku] }

// ReadIDs has Run keep the ids of the store's items, where its connector can change it and gives them. wrap is for RunOptions.Wrap; it is nil
// where there are no ids.
func (p *Prepared) ReadIDs() (ids IDs, wrap func(verdict.Side, engine.Source) engine.Source) {
	store := p.Store()
	if store.Writable() == nil {
		return nil, nil
	}
	if at := store.Schema.Index("id"); at < 0 || store.Schema.Field(at).Type != catalog.String {
		return nil, nil
	}
	ids = IDs{}
	return ids, func(side verdict.Side, source engine.Source) engine.Source {
		if side != verdict.Store {
			return source
		}
		return &idSource{source, ids, store.Schema}
	}
}

// idSource reads ids, too, and keeps them.
type idSource struct {
	engine.Source
	ids    IDs
	schema *catalog.Schema
}

// Read implements engine.Source.
func (s *idSource) Read(ctx context.Context, asked *catalog.Schema, w engine.ReadWatcher, sink func(*catalog.Batch) error) (engine.Read, error) {
	names := asked.Names()
	if asked.Index("id") < 0 {
		names = append(append([]string{}, names...), "id")
	}
	more, err := s.schema.Select(names)
	if err != nil {
		return engine.Read{}, err
	}
	return s.Source.Read(ctx, more, w, func(b *catalog.Batch) error {
		for i := range b.Len() {
			sku := strings.Clone(b.Value("sku", i).Str())
			if _, twice := s.ids[sku]; twice {
				s.ids[sku] = "" // which one is meant, only its place would say
				continue
			}
			s.ids[sku] = strings.Clone(b.Value("id", i).Str())
		}
		if more.Len() == asked.Len() {
			return sink(b)
		}
		columns := make([]catalog.Column, asked.Len())
		for i := range columns {
			columns[i] = b.Column(more.Index(asked.Field(i).Name))
		}
		fewer := catalog.NewBatch(asked, b.Len(), columns)
		fewer.OnRelease(b.Release)
		return sink(fewer)
	})
}
