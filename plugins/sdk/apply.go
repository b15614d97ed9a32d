package sdk

import (
	"context"
	"slices"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/change"
)

// The words in which changes are told.
type (
	// Value is a field's value: text, number, bool, list or map, or null.
	Value = catalog.Value
	// Ref names an item of the platform.
	Ref = change.Ref
	// Change is one field of one item that is to be set.
	Change = change.Change
	// Prepared is what the platform would make of a change.
	Prepared = change.Prepared
	// Cost is what carrying out changes takes.
	Cost = change.Cost
	// Outcome is what became of a change.
	Outcome = change.Outcome
	// Kind is what became of a change, in a word.
	Kind = change.Kind
	// Writable says how the platform takes the values of a field.
	Writable = change.Writable
)

// What can become of a change.
const (
	Applied   = change.Applied
	Unchanged = change.Unchanged
	Pending   = change.Pending
	Conflict  = change.Conflict
	Rejected  = change.Rejected
	Failed    = change.Failed
	Unknown   = change.Unknown
	Skipped   = change.Skipped
)

// ValueOf returns the Value of a field of type t, of which v is what an Item has: ValueOf(sdk.Number, "19.90"). nil is null, and for types
// that have no null "" or empty.
func ValueOf(t Type, v any) (Value, error) {
	value, err := valueOf(t, v)
	return change.Normal(value), err
}

// Fetcher is a source that can read single items.
type Fetcher interface {
	// Fetch calls emit for each item that one of the refs names, as the platform has it now: it asks the platform each time.
	// An item that is not there is left out; one that was not asked for may come, too. Otherwise it is like Reader.Read.
	Fetch(ctx context.Context, req FetchRequest, emit func(Item) error) error
}

// FetchRequest says which items to read, and which fields of them.
type FetchRequest struct {
	ReadRequest
	Items []Ref // at most 2000
}

// Applier is a source that can change its platform. One that only reads stays as it is.
//
// Settings that only Prepare and Apply need, such as a token that may write, are tagged ,apply: they are filled in only in a process
// that is asked for these calls. There Checker.Check says whether they let us write.
type Applier interface {
	Fetcher

	// Writable returns the fields that can be set, by name. It is called before Configure, too, and always answers the same.
	Writable() map[string]Writable

	// Prepare calls answer once for each change: what the platform would make of it, or why it cannot be made. It may read, and writes
	// nothing. It returns what Apply will cost, and for fields that are Late what reading the items once more right before will, which
	// whoever sets them does; the time is what they add to what was prepared before and not applied. An error means that nothing is known of the changes it did not answer. answer may be
	// called from several goroutines.
	Prepare(ctx context.Context, req ApplyRequest, answer func(Prepared) error) (Cost, error)

	// Apply makes the changes, and calls answer once for each, as soon as its outcome is known. Right before it writes, it looks at the
	// items: a field that has the desired value is Unchanged, one that has neither that nor the expected one is a Conflict, and neither
	// is written (Change.Guard says which it is). After it has written, it looks again: only what the item then has makes it Applied. An
	// error, or a context that is done, means that the changes it did not answer are Unknown. It returns promptly when ctx is done, but
	// not between a write and its answer. answer may be called from several goroutines.
	//
	// Package writing does all of that for a platform of which it is said how items are looked at, and how a request sets their fields.
	//
	// The SDK fails the call if a key is answered twice, or is none of req.Changes, or if an outcome cannot be (see change.Outcome.Check).
	Apply(ctx context.Context, req ApplyRequest, answer func(Outcome) error) error
}

// ApplyDecider is an Applier of which the configuration decides what can be set.
type ApplyDecider interface {
	// Settable returns those of the fields of Writable that can be set as the source is configured. It is called after Configure; an error
	// is one of Schema.
	Settable(ctx context.Context) ([]string, error)
}

// settable returns the fields that can be set as a source is configured.
func settable(ctx context.Context, source Applier) (map[string]Writable, error) {
	fields := source.Writable()
	d, ok := source.(ApplyDecider)
	if !ok {
		return fields, nil
	}
	some, err := d.Settable(ctx)
	if err != nil {
		return nil, err
	}
	fewer := map[string]Writable{}
	for _, name := range some {
		if w, ok := fields[name]; ok {
			fewer[name] = w
		}
	}
	return fewer, nil
}

// ApplyRequest says what to change. Each key is there once.
type ApplyRequest struct {
	ReadRequest          // Fields is empty; Log, Warn, Progress and Waiting are as in a read
	Changes     []Change // in the order in which they are to be made, as far as the platform allows
}

// Of returns the request with those of its changes that are about one of the fields: for a platform that has several endpoints to write to.
func (r ApplyRequest) Of(fields ...string) ApplyRequest {
	r.Changes = slices.DeleteFunc(slices.Clone(r.Changes), func(c Change) bool { return !slices.Contains(fields, c.Field) })
	return r
}
