// Package apply carries out the changes of a journal on a platform. Before changes are sent, the journal has on disk that they will be;
// after, what became of each. What was sent and not answered is settled by looking at the items, never by sending it again.
//
// It decides nothing about rules and starts no process: the platform, and what speaks against a change, are handed to it.
package apply

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/change"
	"github.com/reconcilehq/reconcile/engine/journal"
)

// mostAtOnce is how many changes a call has at most.
const mostAtOnce = 2000

// Watcher hears what happens in a call.
type Watcher interface {
	Progress(done, total int64, text string) // total is 0 if it is not known
	Warning(text string)
	Notice(text string)
	Waiting(until time.Time, text string)
}

// Platform is a store that can be changed. It is used by one goroutine.
type Platform interface {
	// Fetch reads items as they are now, with these fields. One that is not there is left out; one that was not asked for may come.
	Fetch(ctx context.Context, items []change.Ref, fields *catalog.Schema, w Watcher, sink func(*catalog.Batch) error) error
	// Prepare says of each change what the platform would make of it. It writes nothing.
	Prepare(ctx context.Context, changes []change.Change, w Watcher, answer func(change.Prepared) error) (change.Cost, error)
	// Apply makes the changes, and tells one outcome of each. After an error those that it has not told of are unknown.
	Apply(ctx context.Context, changes []change.Change, w Watcher, answer func(change.Outcome) error) error
}

// Job is what is carried out.
type Job struct {
	Journal  *journal.Journal // opened, and only for us
	By       string           // who it is
	Steps    []string         // in which order
	Platform Platform
	Watch    Watcher
	Writable map[string]change.Writable // by field
	Schema   *catalog.Schema            // of the store: it has the fields that are changed, and those of ReadsFor; id and sku among them

	// Estimated is what Estimate has said of the changes: those that it refuses are not sent. nil: nothing is refused.
	Estimated *Estimated
	// FreshFor returns the fields of the store to be read anew right before a step, and whether that is to be done at all.
	FreshFor func(step string) (fields *catalog.Schema, fresh bool)
	// Objection returns why a change is not made after all; "" if it is. fresh are the item's values by column of the fields of FreshFor; nil
	// where the step has none. nil: nothing speaks against any.
	Objection func(key string, fresh []catalog.Value) (string, error)
	// SettleOnly: nothing is sent. What was sent before and not answered is looked at.
	SettleOnly bool
	// Waits is called before each pause in which the platform may still show what was sent before this Run, until that time at most. nil:
	// nobody wants to know.
	Waits func(until time.Time)
	// Now is the time, and Sleep waits so long unless ctx is done before; nil: the machine's. They are for tests.
	Now   func() time.Time
	Sleep func(ctx context.Context, long time.Duration) error
}

// Run carries out what is open in the journal, or goes on with it. It returns nil if every change was tried: what became of each, the
// journal says. An error says why not all were; the journal may not know it then, and Run with the same journal goes on.
func Run(ctx context.Context, job Job) error {
	r := &runner{Job: job}
	if r.Now == nil {
		r.Now = time.Now
	}
	if r.Estimated == nil {
		r.Estimated = &Estimated{}
	}
	if r.Sleep == nil {
		r.Sleep = sleep
	}
	if r.Waits == nil {
		r.Waits = func(time.Time) {}
	}
	if err := r.Journal.Begin(r.By); err != nil {
		return err
	}
	if err := r.settleAll(ctx); err != nil {
		return err
	}
	if r.SettleOnly {
		return nil
	}
	for _, step := range r.Steps {
		for {
			todo := r.todo(step)
			if len(todo) == 0 {
				break
			}
			if err := r.call(ctx, step, todo[:min(len(todo), mostAtOnce)]); err != nil {
				return err
			}
		}
	}
	return r.Journal.End()
}

// runner is one Run.
type runner struct {
	Job
	began time.Time       // when what was sent before this run was looked at first
	tried map[string]bool // what was tried in this run is not tried again
}

// todo returns the changes of a step that can be tried, and were not in this run.
func (r *runner) todo(step string) (list []*journal.Change) {
	for _, c := range r.Journal.Changes {
		again := c.State == journal.Open || c.State == journal.Told && (c.Outcome.Kind == change.Failed || c.Outcome.Kind == change.Skipped)
		if c.Step == step && again && !r.tried[c.Key] {
			list = append(list, c)
		}
	}
	return list
}

// call tries changes of one step.
func (r *runner) call(ctx context.Context, step string, changes []*journal.Change) error {
	if r.tried == nil {
		r.tried = map[string]bool{}
	}
	for _, c := range changes {
		r.tried[c.Key] = true
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	send, err := r.sift(ctx, step, changes)
	if err != nil || len(send) == 0 {
		return errors.Join(err, r.Journal.Sync())
	}
	keys, list := make([]string, len(send)), make([]change.Change, len(send))
	for i, c := range send {
		keys[i], list[i] = c.Key, c.Change
	}
	if err := r.Journal.Intend(keys); err != nil {
		return err
	}
	sent := map[string]bool{}
	for _, key := range keys {
		sent[key] = true
	}
	failed := r.Platform.Apply(ctx, list, r.Watch, func(o change.Outcome) error {
		if !sent[o.Key] {
			return fmt.Errorf("the connector told what became of a change that it was not sent, or twice: %q", o.Key)
		}
		delete(sent, o.Key)
		return r.Journal.Conclude(o)
	})
	if err := r.Journal.Sync(); err != nil {
		return err
	}
	return r.unanswered(ctx, send, failed)
}

// unanswered settles what a call has not answered, and of which the connector does not know whether it arrived. failed is the call's error.
func (r *runner) unanswered(ctx context.Context, sent []*journal.Change, failed error) error {
	var left []*journal.Change
	silent := 0
	for _, c := range sent {
		if c.State == journal.Sent {
			silent++
		}
		if c.State == journal.Sent || c.Outcome.Kind == change.Unknown {
			left = append(left, c)
		}
	}
	if silent > 0 && failed == nil {
		failed = fmt.Errorf("the connector did not say what became of %d of %d changes", silent, len(sent))
	}
	if len(left) == 0 || ctx.Err() != nil {
		return failed
	}
	if err := r.settle(ctx, left); err != nil && failed == nil {
		return err
	}
	return failed // which says more where settling has failed, too: who goes on settles it
}

// sift returns the changes that are sent, and says of the others why they are not.
func (r *runner) sift(ctx context.Context, step string, changes []*journal.Change) (send []*journal.Change, err error) {
	var fields *catalog.Schema
	fresh := false
	if r.FreshFor != nil {
		fields, fresh = r.FreshFor(step)
	}
	var seen found
	if fresh {
		if seen, err = r.fetch(ctx, changes, fields); err != nil {
			return nil, err
		}
	}
	for _, c := range changes {
		if o, ok := r.Estimated.Refused[c.Key]; ok {
			if err := r.Journal.Conclude(o); err != nil {
				return nil, err
			}
			continue
		}
		why := ""
		if fresh && seen.of(c.Item) == nil {
			why = "the store does not show the item"
		} else if r.Objection != nil {
			if why, err = r.Objection(c.Key, seen.of(c.Item)); err != nil {
				return nil, err
			}
		}
		if why == "" {
			send = append(send, c)
			continue
		}
		if err := r.Journal.Conclude(change.Outcome{Key: c.Key, Kind: change.Skipped, Reason: why}); err != nil {
			return nil, err
		}
	}
	return send, nil
}
