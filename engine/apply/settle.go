package apply

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/change"
	"github.com/reconcilehq/reconcile/engine/journal"
)

// latest is how long a platform that does things later may take: what it does not show after that did not arrive.
const latest = 2 * time.Minute

// unsettled returns the changes of which nobody knows yet what became of them.
func (r *runner) unsettled() (list []*journal.Change) {
	for _, c := range r.Journal.Changes {
		if c.State == journal.Sent || c.State == journal.Told && (c.Outcome.Kind == change.Unknown || c.Outcome.Kind == change.Pending) {
			list = append(list, c)
		}
	}
	return list
}

// The pauses between two looks at what may still come.
const (
	firstPause   = 2 * time.Second
	longestPause = 15 * time.Second
)

// settleAll looks what became of what was sent before this run. What the platform may still be doing is waited for, as long as that may
// take: then it is there, or it did not arrive and can be tried again.
func (r *runner) settleAll(ctx context.Context) error {
	r.began = r.Now()
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		if err := r.settle(ctx, r.unsettled()); err != nil {
			return err
		}
		var until time.Time
		for _, c := range r.Journal.Changes {
			if end := r.sentAt(c).Add(latest); c.State == journal.Told && c.Outcome.Kind == change.Pending && end.After(until) {
				until = end
			}
		}
		if until.IsZero() {
			return nil
		}
		r.Waits(until)
		if err := r.Sleep(ctx, min(pause, max(until.Sub(r.Now()), time.Millisecond))); err != nil {
			return err
		}
	}
}

// sleep waits so long, or until ctx is done.
func sleep(ctx context.Context, long time.Duration) error {
	timer := time.NewTimer(long)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// sentAt returns when a change was sent last. Where a clock went back meanwhile, what was sent before this run was so when it began.
func (r *runner) sentAt(c *journal.Change) time.Time {
	if !r.tried[c.Key] && c.SentAt.After(r.began) {
		return r.began
	}
	return c.SentAt
}

// settle looks at the items of changes that were sent, and says what became of them.
func (r *runner) settle(ctx context.Context, list []*journal.Change) error {
	for chunk := range slices.Chunk(list, mostAtOnce) {
		fields, err := r.fieldsOf(chunk)
		if err != nil {
			return err
		}
		seen, err := r.fetch(ctx, chunk, fields)
		if err != nil {
			return fmt.Errorf("look what became of what was sent: %w", err)
		}
		for _, c := range chunk {
			var v catalog.Value
			if values := seen.of(c.Item); values != nil {
				v = values[fields.Index(c.Field)]
			}
			if o := r.settled(c, v); c.State == journal.Sent || o.Kind != c.Outcome.Kind {
				if err := r.Journal.Conclude(o); err != nil {
					return err
				}
			}
		}
		if err := r.Journal.Sync(); err != nil {
			return err
		}
	}
	return nil
}

// settled returns what became of a change that was sent, by what its item shows; the zero Value: the platform does not show the item.
func (r *runner) settled(c *journal.Change, seen catalog.Value) change.Outcome {
	o := change.Outcome{Key: c.Key, After: seen}
	holds, known := r.Estimated.Holds[c.Key]
	how := "it was sent without an answer"
	if c.Came != "" {
		how = "it was sent without a good answer (" + c.Came + ")"
	}
	switch {
	case seen.Type() == catalog.Invalid:
		o.Kind, o.Reason = change.Unknown, "it was sent, and the store does not show the item"
	case seen.Equal(c.Desired), known && seen.Equal(holds):
		o.Kind, o.Reason = change.Applied, how+", and was there when we looked"
	case !seen.Equal(c.Expected):
		o.Kind, o.Reason = change.Conflict, how+", and something else was there when we looked"
	case r.Writable[c.Field].Late && r.Now().Sub(r.sentAt(c)) < latest:
		o.Kind, o.Reason = change.Pending, "it was sent, and the store does not show it yet"
		if c.Came != "" {
			o.Reason = how + ", and the store does not show it"
		}
	default:
		o.Kind, o.Reason = change.Failed, how+", and was not there when we looked"
	}
	return o
}

// fieldsOf returns the fields that changes are about, with those that items are recognised by.
func (r *runner) fieldsOf(changes []*journal.Change) (*catalog.Schema, error) {
	var names []string
	for _, f := range r.Schema.Fields() {
		if f.Name == "sku" || f.Name == "id" || slices.ContainsFunc(changes, func(c *journal.Change) bool { return c.Field == f.Name }) {
			names = append(names, f.Name)
		}
	}
	for _, c := range changes {
		switch at := r.Schema.Index(c.Field); {
		case at < 0:
			return nil, fmt.Errorf("the store has no field %s any more: what became of its changes cannot be seen", c.Field)
		case r.Schema.Field(at).Type != c.Type:
			return nil, fmt.Errorf("the store's field %s is of another type now: what became of its changes cannot be seen", c.Field)
		}
	}
	return r.Schema.Select(names)
}

// found are items that were read, by id and by SKU: their values by column.
type found struct {
	byID, bySKU map[string][]catalog.Value
	twice       map[string]bool // SKUs that several items have
}

// of returns the values of an item; nil if it is not there, or nobody knows which one it is.
func (f found) of(ref change.Ref) []catalog.Value {
	if ref.ID != "" && f.byID != nil {
		return f.byID[ref.ID]
	}
	if f.twice[ref.SKU] {
		return nil
	}
	return f.bySKU[ref.SKU]
}

// fetch reads the items of changes anew.
func (r *runner) fetch(ctx context.Context, changes []*journal.Change, fields *catalog.Schema) (f found, err error) {
	id, sku := fields.Index("id"), fields.Index("sku")
	f = found{bySKU: map[string][]catalog.Value{}, twice: map[string]bool{}}
	if id >= 0 {
		f.byID = map[string][]catalog.Value{}
	}
	var refs []change.Ref
	asked := map[change.Ref]bool{}
	for _, c := range changes {
		if !asked[c.Item] {
			refs = append(refs, c.Item)
		}
		asked[c.Item] = true
	}
	err = r.Platform.Fetch(ctx, refs, fields, r.Watch, func(b *catalog.Batch) error { // not released: the values are kept
		for i := range b.Len() {
			values := make([]catalog.Value, fields.Len())
			for at, name := range fields.Names() {
				values[at] = b.Value(name, i)
			}
			if id >= 0 {
				f.byID[values[id].Str()] = values
			}
			if sku >= 0 {
				f.twice[values[sku].Str()] = f.bySKU[values[sku].Str()] != nil
				f.bySKU[values[sku].Str()] = values
			}
		}
		return nil
	})
	return f, err
}
