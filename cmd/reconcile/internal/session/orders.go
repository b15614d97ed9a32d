package session

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path/filepath"
	"time"

	"github.com/reconcilehq/reconcile/engine"
	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/weborder"
	"github.com/reconcilehq/reconcile/plugins/host"
	"github.com/reconcilehq/reconcile/rules"
	"github.com/reconcilehq/reconcile/rules/source"
)

// Store is the store of a reconciliation, opened without its point of sale. It is to be closed.
type Store struct {
	*Source
	Diagnosis      // what there is to warn of
	Reconciliation *rules.Reconciliation
}

// OpenStore opens the store of the reconciliation of that name, "" for the only one, and nothing else. Mistakes in the configuration are a
// *MistakesError.
func (s *Session) OpenStore(ctx context.Context, name string) (*Store, error) {
	s.heard.clear()
	config, diags := s.Load()
	if hopeless(config, diags) {
		return nil, s.Refuse(config, diags)
	}
	if err := s.Spare(config); err != nil {
		return nil, err
	}
	reconciliation, chooseDiags := s.choose(config, name)
	if diags = append(diags, chooseDiags...); diags.HasErrors() || reconciliation == nil || reconciliation.Store == nil {
		return nil, s.Refuse(config, diags)
	}
	sources := s.open(ctx, config, []*source.Source{reconciliation.Store}, nil)
	opened := &Store{Source: sources.List[0], Reconciliation: reconciliation}
	var err error
	if opened.Diagnosis, err = s.judge(ctx, config, append(diags, sources.diagnostics()...)); err != nil {
		sources.Close()
		return nil, err
	}
	return opened, nil
}

// Close stops the connector.
func (s *Store) Close() { s.of.Close() }

// TellsOrders reports whether the connector tells the web orders that its field pending counts.
func (o *Source) TellsOrders() bool { return o.process != nil && o.process.CanTellOrders() }

// DataHash stands for the store whose data these are: connector and settings, but neither secrets nor what may be another each day.
func (o *Source) DataHash() string {
	sum := sha256.Sum256([]byte(o.Connector + "\n" + string(o.identity)))
	return hex.EncodeToString(sum[:])
}

// ImportedFile returns the path of the file with the numbers of imported orders, which a setting names; "" if none does. setting is what the
// connector calls it, "" if it has no such setting.
func (o *Source) ImportedFile() (path, setting string, err error) {
	var given map[string]json.RawMessage
	if err := json.Unmarshal(o.settings, &given); err != nil {
		return "", "", fmt.Errorf("%s: read its settings: %w", o.label(), err)
	}
	for _, a := range o.process.Describe().Settings.Attributes {
		if !a.Imported {
			continue
		}
		if err := json.Unmarshal(given[a.Name], &path); err != nil || path == "" {
			return "", a.Name, nil //nolint:nilerr // it is not given
		}
		if !filepath.IsAbs(path) {
			path = filepath.Join(o.of.Config.Dir, path)
		}
		return path, a.Name, nil
	}
	return "", "", nil
}

// Counted are the web orders that the field pending counts.
type Counted struct {
	IDs  map[string]bool
	At   time.Time // when the store was so
	Copy bool      // read from its Local Copy
}

// CountedOrders reads the store, as a run does, and returns the orders that pending counts.
func (o *Source) CountedOrders(ctx context.Context) (*Counted, error) {
	asked, err := o.Schema.Select([]string{"pending"})
	if err != nil {
		return nil, fmt.Errorf("%s does not say which units are pending: %w", o.label(), err)
	}
	counted := &Counted{IDs: map[string]bool{}}
	reading := o.session().begin(o.Source)
	defer reading.end()
	read, err := o.reader(reading.sides[0]).Read(ctx, asked, countWatch{reading.sides[0], counted}, func(b *catalog.Batch) error {
		b.Release()
		return nil
	})
	if err != nil {
		return nil, o.of.place(err)
	}
	counted.At, counted.Copy = read.ReadAt, read.Copy
	return counted, nil
}

// countWatch hears which orders are counted.
type countWatch struct {
	engine.Watcher
	into *Counted
}

var _ host.CountWatcher = countWatch{}

// Unreadable implements host.ReadWatcher: whoever runs a comparison is told of such items.
func (countWatch) Unreadable([]catalog.Unreadable) error { return nil }

// Counted implements host.CountWatcher.
func (w countWatch) Counted(ids []string) error {
	for _, id := range ids {
		if w.into.IDs[id] {
			return fmt.Errorf("the connector counts order %s twice", id)
		}
		w.into.IDs[id] = true
	}
	return nil
}

// Orders reads these orders anew, and passes them to sink. It returns when they were so.
func (o *Source) Orders(ctx context.Context, wish weborder.Wish, sink func(weborder.Order) error) (time.Time, error) {
	reading := o.session().begin(o.Source)
	defer reading.end()
	at, err := o.process.Orders(ctx, wish, reading.sides[0], sink)
	return at, o.of.place(o.reading(err))
}
