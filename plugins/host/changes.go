package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/change"
	"github.com/reconcilehq/reconcile/engine/fault"
	"github.com/reconcilehq/reconcile/plugins/host/patience"
	"github.com/reconcilehq/reconcile/plugins/proto"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// CanFetch reports whether single items can be read: whether Fetch may be called.
func (p *Process) CanFetch() bool { return p.can(proto.Fetch) }

// CanApply reports whether the connector can change its platform,
// as it is configured. Before Schema was called, it is whether any configuration may let it.
func (p *Process) CanApply() bool {
	now := p.settable.Load()
	return p.can(proto.Apply) && (now == nil || len(*now) > 0)
}

// Writable returns how the platform takes the values of the fields that can be set, by name; nil if none can.
func (p *Process) Writable() map[string]change.Writable {
	if now := p.settable.Load(); now != nil {
		return maps.Clone(*now)
	}
	return maps.Clone(p.description.Writable)
}

// keepSettable keeps which fields can be set as the source is configured: those that Schema has, and does not say otherwise of.
func (p *Process) keepSettable(fields []*sourcev1.Field) {
	if p.description.Writable == nil {
		return
	}
	now := map[string]change.Writable{}
	for _, f := range fields {
		if w, ok := p.description.Writable[f.GetName()]; ok && !f.GetReadOnly() {
			now[f.GetName()] = w
		}
	}
	p.settable.Store(&now)
}

func (p *Process) can(capability string) bool {
	return slices.Contains(p.description.Capabilities, capability)
}

// checkWritable checks, and keeps, what a connector's description says of changes.
func (p *Process) checkWritable(m *sourcev1.DescribeResponse) error {
	wrong := func(text string) error {
		return &Failure{Label: p.label, Action: "describe itself", Fault: Connector, Text: p.safeText(text)}
	}
	writable, err := proto.ToWritable(m.GetWritable())
	switch {
	case !p.can(proto.Apply):
		return nil // it may be for a later version what this one does not know
	case err != nil:
		return wrong(err.Error())
	case !p.can(proto.Fetch):
		return wrong("it can change its platform, but not read single items of it")
	case len(writable) == 0:
		return wrong("it can change its platform, but there is no field that it can set")
	}
	p.description.Writable = writable
	return nil
}

// Fetch reads single items anew from the platform, at most proto.MaxChanges, and passes them to sink as Read does. Items that are not there
// are left out, and others may be among those that come. Items that could not be read are warnings.
func (p *Process) Fetch(ctx context.Context, items []change.Ref, fields *catalog.Schema, w Watcher, sink func(*catalog.Batch) error) error {
	_, err := p.ReadItems(ctx, items, fields, unreadableWarnings{w}, sink)
	return err
}

// unreadableWarnings makes warnings of items that could not be read.
type unreadableWarnings struct{ Watcher }

// Unreadable implements ReadWatcher.
func (w unreadableWarnings) Unreadable(items []catalog.Unreadable) error {
	for _, it := range items {
		w.Warning(fmt.Sprintf("%s could not be read: %s", it.SKU, it.Reason))
	}
	return nil
}

// ReadItems is Fetch, with what is known of the read.
func (p *Process) ReadItems(ctx context.Context, items []change.Ref, asked *catalog.Schema, w ReadWatcher, sink func(*catalog.Batch) error) (ReadResult, error) {
	r := &reading{process: p, action: "fetch", asked: asked, watcher: w, sink: sink, started: time.Now()}
	switch {
	case !p.CanFetch():
		return ReadResult{}, &Failure{Label: p.label, Action: r.action, Text: "the connector cannot read single items"}
	case len(items) > proto.MaxChanges:
		return ReadResult{}, fmt.Errorf("%s: fetch: %d items in one call, more than %d", p.label, len(items), proto.MaxChanges)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	r.patience = patience.Start(p.timeout, func() { cancel(errSilent) })
	defer r.patience.Stop()
	defer p.limitRead(cancel)()
	stream, err := p.calls.Fetch(ctx, &sourcev1.FetchRequest{Items: proto.FromRefs(items), Fields: asked.Names()})
	if err != nil {
		return ReadResult{}, r.callError(ctx, err)
	}
	return r.receiveAll(ctx, stream)
}

// Prepare asks what the platform would make of changes, and what making them costs. Nothing is written. It calls answer once for each
// change, in any order, and returns an error unless it did. The process was started to apply, and there are at most proto.MaxChanges
// changes, each key once.
func (p *Process) Prepare(ctx context.Context, changes []change.Change, w Watcher, answer func(change.Prepared) error) (change.Cost, error) {
	r, err := p.newChanging("prepare changes", changes, w)
	if err != nil {
		return change.Cost{}, err
	}
	ctx, stop := r.begin(ctx)
	defer stop()
	stream, err := p.calls.Prepare(ctx, shortAnswer)
	if err != nil {
		return change.Cost{}, r.callError(ctx, err)
	}
	var done *sourcev1.PrepareDone
	also := 0 // items that change with others
	err = exchange(ctx, r, stream, func(m *sourcev1.PrepareResponse) (gotOn bool, err error) {
		switch m := m.GetMessage().(type) {
		case *sourcev1.PrepareResponse_Prepared:
			c, err := r.answered(m.Prepared.GetKey())
			if err != nil {
				return false, err
			}
			prepared, err := proto.ToPrepared(m.Prepared, c.Desired.Type())
			if err != nil {
				return false, r.wrong(c, err)
			}
			if also += len(prepared.Also); also > proto.MaxBatchItems {
				return false, r.protocolError(fmt.Sprintf("the connector names more than %d items that change with others", proto.MaxBatchItems))
			}
			if prepared.Problem = p.safeText(prepared.Problem); prepared.Problem == "" {
				p.wills[c.Key] = prepared.Will
			}
			return true, answer(prepared)
		case *sourcev1.PrepareResponse_Done:
			r.done, done = true, m.Done
			return false, nil
		}
		return r.handle(m)
	})
	if err != nil {
		return change.Cost{}, err
	}
	if n := done.GetChanges(); n != int64(len(changes)) {
		return change.Cost{}, r.protocolError(fmt.Sprintf("the connector says that it prepared %d changes, but it answered %d", n, len(changes)))
	}
	cost, err := proto.ToCost(done)
	if err != nil {
		return change.Cost{}, r.protocolError(fmt.Sprintf("the connector says that the changes cost %v, which cannot be", err))
	}
	return cost, nil
}

// Apply has changes made. It calls answer once for each change, in any order, as soon as the connector has told what became of it, and
// returns an error unless it did: what became of the changes that were not answered is then not known. That also holds where ctx is done,
// or answer returns an error. The process was started to apply, and there are at most proto.MaxChanges changes, each key once.
func (p *Process) Apply(ctx context.Context, changes []change.Change, w Watcher, answer func(change.Outcome) error) error {
	r, err := p.newChanging("apply changes", changes, w)
	if err != nil {
		return err
	}
	ctx, stop := r.begin(ctx)
	defer stop()
	stream, err := p.calls.Apply(ctx, shortAnswer)
	if err != nil {
		return r.callError(ctx, err)
	}
	counts := map[string]int64{}
	var done *sourcev1.ApplyDone
	err = exchange(ctx, r, stream, func(m *sourcev1.ApplyResponse) (gotOn bool, err error) {
		switch m := m.GetMessage().(type) {
		case *sourcev1.ApplyResponse_Outcome:
			c, err := r.answered(m.Outcome.GetKey())
			if err != nil {
				return false, err
			}
			outcome, err := proto.ToOutcome(m.Outcome, c.Desired.Type())
			if err == nil {
				err = outcome.Check(c, p.holds(c)...)
			}
			if err != nil {
				return false, r.wrong(c, err)
			}
			counts[m.Outcome.GetKind().String()]++
			outcome.Reason = p.safeText(outcome.Reason)
			return true, answer(outcome)
		case *sourcev1.ApplyResponse_Done:
			r.done, done = true, m.Done
			return false, nil
		}
		return r.handle(m)
	})
	if err != nil {
		return err
	}
	told := maps.Clone(done.GetOutcomes())
	maps.DeleteFunc(told, func(_ string, n int64) bool { return n == 0 })
	if !maps.Equal(told, counts) {
		return r.protocolError(fmt.Sprintf("the connector says that it told the outcomes %v, but %v arrived", told, counts))
	}
	return nil
}

// holds returns the values that the platform may hold in place of the desired one, as far as the connector has said so before.
func (p *Process) holds(c change.Change) (values []catalog.Value) {
	if w, ok := p.description.Writable[c.Field]; ok {
		held, _ := w.Holds(c.Desired)
		values = append(values, held)
	}
	if will, ok := p.wills[c.Key]; ok {
		values = append(values, will)
	}
	return values
}

// changing is the state of one Prepare or Apply.
type changing struct {
	process  *Process
	action   string // what is being done, in words
	changes  []change.Change
	watcher  Watcher
	cancel   context.CancelCauseFunc
	patience *patience.Timer

	open          map[string]change.Change // that were not answered yet, by key
	numbers       patience.Numbers         // of the last progress
	lastText      string                   // the last that the connector said it was doing
	withoutAnswer int                      // messages since the last answer
	warnings      warnings
	done          bool
}

// newChanging returns the state of a call. It fails where the call must not be made.
func (p *Process) newChanging(action string, changes []change.Change, w Watcher) (*changing, error) {
	r := &changing{process: p, action: action, changes: changes, watcher: w, open: make(map[string]change.Change, len(changes))}
	switch {
	case !p.CanApply():
		return nil, &Failure{Label: p.label, Action: action, Text: "the connector cannot change its platform"}
	case !p.apply:
		return nil, fmt.Errorf("%s: %s: its process was started to read only", p.label, action)
	case len(changes) > proto.MaxChanges:
		return nil, fmt.Errorf("%s: %s: %d changes in one call, more than %d", p.label, action, len(changes), proto.MaxChanges)
	}
	can := p.Writable()
	for _, c := range changes {
		_, twice := r.open[c.Key]
		_, writable := can[c.Field]
		switch {
		case c.Key == "" || twice:
			return nil, fmt.Errorf("%s: %s: the key %q of a change is empty, or that of two", p.label, action, c.Key)
		case !writable:
			return nil, &Failure{Label: p.label, Action: action, Text: fmt.Sprintf("the connector cannot set the field %q", c.Field)}
		case c.Expected.Type() != c.Desired.Type() || c.Desired.Type() == catalog.Invalid:
			return nil, fmt.Errorf("%s: %s: field %q: from a %s to a %s", p.label, action, c.Field, c.Expected.Type(), c.Desired.Type())
		}
		r.open[c.Key] = c
	}
	return r, nil
}

// begin returns the context of the call, which ends with read_timeout and read_limit. The caller calls stop.
func (r *changing) begin(ctx context.Context) (_ context.Context, stop func()) {
	ctx, r.cancel = context.WithCancelCause(ctx)
	r.patience = patience.Start(r.process.timeout, func() { r.cancel(errSilent) })
	unlimit := r.process.limitRead(r.cancel)
	return ctx, func() {
		unlimit()
		r.patience.Stop()
		r.cancel(nil)
	}
}

// exchange sends all changes, and meanwhile hands each message to take, which reports whether the connector has got on. It returns an error
// unless all changes were answered and the connector has said that it is done.
func exchange[M any](ctx context.Context, r *changing, stream interface {
	Send(*sourcev1.ChangeRequest) error
	CloseSend() error
	Recv() (M, error)
}, take func(M) (gotOn bool, err error)) error {
	sent := make(chan struct{})
	fault.Go(func() {
		defer close(sent)
		for _, c := range r.changes {
			if stream.Send(&sourcev1.ChangeRequest{Change: proto.FromChange(c)}) != nil {
				return // Recv returns the error
			}
		}
		_ = stream.CloseSend()
	})
	err := receiveAnswers(ctx, r, stream.Recv, take)
	if err != nil {
		r.cancel(err) // so that Send returns
	}
	<-sent
	return err
}

func receiveAnswers[M any](ctx context.Context, r *changing, recv func() (M, error), take func(M) (gotOn bool, err error)) error {
	for {
		m, err := receive(r.patience, recv)
		if errors.Is(err, io.EOF) {
			return r.checkDone()
		}
		if err != nil {
			return r.callError(ctx, err)
		}
		if r.done {
			return r.protocolError("the connector went on after it had said that it was done")
		}
		if r.withoutAnswer++; r.withoutAnswer > proto.MaxMessagesWithoutItem {
			return r.protocolError(fmt.Sprintf("the connector sent %d messages in a row without an answer to a change", proto.MaxMessagesWithoutItem))
		}
		gotOn, err := take(m)
		if err != nil {
			return err
		}
		if gotOn {
			r.patience.Progress()
		}
	}
}

// handle takes a message that is no answer. It reports whether the connector has got on.
func (r *changing) handle(m interface {
	GetProgress() *sourcev1.Progress
	GetWarning() *sourcev1.Warning
	GetWaiting() *sourcev1.Waiting
}) (gotOn bool, err error) {
	switch {
	case m.GetProgress() != nil:
		r.lastText = r.process.safeText(m.GetProgress().GetText())
		r.watcher.Progress(m.GetProgress().GetItems(), m.GetProgress().GetTotal(), r.lastText)
		return r.numbers.Moved(m.GetProgress()), nil
	case m.GetWarning() != nil:
		r.warnings.pass(r.watcher, r.process.safeText(m.GetWarning().GetText()))
		return false, nil
	case m.GetWaiting() != nil:
		var until time.Time
		until, r.lastText = r.process.waiting(m.GetWaiting(), r.patience)
		r.watcher.Waiting(until, r.lastText)
		return false, nil
	}
	return false, r.protocolError("the connector sent a message that this version of reconcile does not know") // it may be about a change
}

// answered takes note that the change of a key is answered, and returns the change.
func (r *changing) answered(key string) (change.Change, error) {
	c, open := r.open[key]
	if !open {
		text := "the connector answered a change that it was not asked for"
		if slices.ContainsFunc(r.changes, func(c change.Change) bool { return c.Key == key }) {
			text = "the connector answered a change twice"
		}
		return c, r.protocolError(fmt.Sprintf("%s: %s", text, r.process.safeText(fmt.Sprintf("%.80q", key))))
	}
	delete(r.open, key)
	r.withoutAnswer = 0
	return c, nil
}

// wrong says what is wrong with the answer to a change.
func (r *changing) wrong(c change.Change, err error) error {
	return r.protocolError(r.process.safeText(fmt.Sprintf("the connector's answer about %s, field %q, cannot be: %v", c.Item, c.Field, err)))
}

func (r *changing) checkDone() error {
	r.warnings.passCount(r.watcher)
	switch {
	case !r.done:
		return r.protocolError("the connector stopped sending without saying that it was done")
	case len(r.open) > 0:
		return r.protocolError(fmt.Sprintf("the connector says that it is done, and did not answer %d of %d changes", len(r.open), len(r.changes)))
	}
	return nil
}

func (r *changing) actionSoFar() string {
	return fmt.Sprintf("%s (after %d of %d)", r.action, len(r.changes)-len(r.open), len(r.changes))
}

func (r *changing) protocolError(text string) error {
	return &Failure{Label: r.process.label, Action: r.actionSoFar(), Text: text, Fault: Connector}
}

func (r *changing) callError(ctx context.Context, err error) error {
	return r.process.streamError(ctx, r.actionSoFar(), r.lastText, r.patience, err)
}
