package sdk

import (
	"context"
	"fmt"
	"sync"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/change"
	"github.com/reconcilehq/reconcile/plugins/proto"
)

// FetchAll reads single items of a source, passes each batch to send, and returns the number of items. The SDK calls a connector's Fetch
// with it. Tests of connectors are shorter with package sdktest.
func FetchAll(ctx context.Context, source Source, req FetchRequest, send func(*catalog.Batch) error) (int64, error) {
	fetcher, ok := source.(Fetcher)
	if !ok {
		return 0, misuse("the connector implements no sdk.Fetcher")
	}
	if len(req.Items) > proto.MaxChanges {
		return 0, &unknownFieldError{fmt.Errorf("%d items are asked for in one call, which is more than %d", len(req.Items), proto.MaxChanges)}
	}
	return writeAll(ctx, source, req.ReadRequest, send, func(w *Writer) error { return fetcher.Fetch(ctx, req, w.writeItem) })
}

// PrepareAll calls a source's Prepare, and returns an error if that did not answer each change once. It passes its answers on, with texts
// as items have them.
func PrepareAll(ctx context.Context, source Applier, req ApplyRequest, answer func(Prepared) error) (Cost, error) {
	b, err := newAnswers(ctx, req.Changes)
	if err != nil {
		return Cost{}, err
	}
	cost, err := source.Prepare(ctx, req, func(p Prepared) error {
		return b.take(p.Key, func(c Change) error {
			p.Will = change.Normal(p.Will)
			if p.Problem == "" && p.Will.Type() != c.Desired.Type() {
				return misuse("Prepare of %s says that the platform will hold a %s, and the field is a %s", named(c), p.Will.Type(), c.Desired.Type())
			}
			for _, ref := range p.Also {
				if ref == (Ref{}) {
					return misuse("Prepare of %s names an item that changes with it by neither id nor SKU", named(c))
				}
			}
			return answer(p)
		})
	})
	if err = b.finish("Prepare", err); err != nil {
		return Cost{}, err
	}
	if cost.Requests < 0 || cost.Time < 0 {
		return Cost{}, misuse("Prepare says that Apply costs %d requests and %s", cost.Requests, cost.Time)
	}
	return cost, nil
}

// ApplyAll calls a source's Apply, and returns an error if that did not answer each change once, or told of an outcome what cannot be:
// see change.Outcome.Check. It passes the outcomes on, with texts as items have them. Of an item that is Unchanged one of Before and
// After is enough.
func ApplyAll(ctx context.Context, source Applier, req ApplyRequest, answer func(Outcome) error) error {
	return applyAll(ctx, source, req, func(string) (Value, bool) { return Value{}, false }, answer)
}

// applyAll is ApplyAll. will returns what Prepare said that the platform will hold after the change of a key.
func applyAll(ctx context.Context, source Applier, req ApplyRequest, will func(key string) (Value, bool), answer func(Outcome) error) error {
	b, err := newAnswers(ctx, req.Changes)
	if err != nil {
		return err
	}
	writable := source.Writable()
	err = source.Apply(ctx, req, func(o Outcome) error {
		return b.take(o.Key, func(c Change) error {
			o.Before, o.After = change.Normal(o.Before), change.Normal(o.After)
			if o.Kind == Unchanged && o.Before.Type() == catalog.Invalid {
				o.Before = o.After
			}
			if o.Kind == Unchanged && o.After.Type() == catalog.Invalid {
				o.After = o.Before
			}
			if int(o.Kind) >= len(change.Kinds()) {
				return misuse("Apply of %s tells an outcome of kind %d, which there is not", named(c), uint8(o.Kind))
			}
			held, _ := writable[c.Field].Holds(c.Desired)
			holds := []Value{held}
			if v, ok := will(c.Key); ok {
				holds = append(holds, v)
			}
			if err := o.Check(c, holds...); err != nil {
				return misuse("Apply of %s: %w", named(c), err)
			}
			return answer(o)
		})
	})
	return b.finish("Apply", err)
}

// named names a change for a message.
func named(c Change) string {
	return fmt.Sprintf("change %.80q (field %q of %.80q)", c.Key, c.Field, c.Item.String())
}

// answers sees to it that each change of a call is answered once. It is for several goroutines.
type answers struct {
	ctx   context.Context
	asked []Change

	mu   sync.Mutex
	open map[string]Change // that were not answered yet, by key
	err  error             // the first
}

func newAnswers(ctx context.Context, changes []Change) (*answers, error) {
	b := &answers{ctx: ctx, asked: changes, open: make(map[string]Change, len(changes))}
	for _, c := range changes {
		if _, twice := b.open[c.Key]; twice {
			return nil, &unknownFieldError{fmt.Errorf("the key %.80q is that of two changes", c.Key)}
		}
		b.open[c.Key] = c
	}
	return b, nil
}

// take takes the answer to a change, unless there was an error before. It keeps the first error.
func (b *answers) take(key string, answer func(Change) error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err != nil {
		return b.err
	}
	c, ok := b.open[key]
	switch {
	case ok:
		delete(b.open, key)
		b.err = answer(c)
	case b.has(key):
		b.err = misuse("the change %.80q is answered twice", key)
	default:
		b.err = misuse("an answer is about the change %.80q, which nobody asked for", key)
	}
	return b.err
}

func (b *answers) has(key string) bool {
	for _, c := range b.asked {
		if c.Key == key {
			return true
		}
	}
	return false
}

// finish returns the error of a call whose method has returned err: an answer that was wrong comes first.
func (b *answers) finish(method string, err error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.err != nil:
		return b.err
	case err != nil:
		return err
	case len(b.open) > 0 && b.ctx.Err() != nil:
		return context.Cause(b.ctx)
	}
	for _, c := range b.asked {
		if _, open := b.open[c.Key]; open {
			return misuse("%s has ended without an answer to %d of %d changes, such as %s", method, len(b.open), len(b.asked), named(c))
		}
	}
	return nil
}
