package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/change"
	"github.com/reconcilehq/reconcile/plugins/devkit/conformance/expect"
	"github.com/reconcilehq/reconcile/plugins/proto"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// checkReadOnly checks that nothing is changed by a process that was configured to read.
func (s *suite) checkReadOnly(ctx context.Context, c *readSource) {
	if !s.can(proto.Apply) || len(s.description.GetWritable()) == 0 {
		s.skipAll("10.", "the connector has no capability apply")
		return
	}
	field, at := "", -1
	for _, w := range s.description.GetWritable() {
		if at < 0 {
			field, at = w.GetField(), c.schema.Index(w.GetField())
		}
	}
	if at < 0 {
		return // 9.1 says so
	}
	p := s.startConfigured(ctx, c.configuration)
	if p == nil {
		return
	}
	defer p.close()
	null := catalog.NullValue(c.schema.Field(at).Type)
	nothing := change.Change{Key: "conformance", Item: change.Ref{SKU: noSuchItem}, Field: field, Expected: null, Desired: null}
	_, preparing := p.prepare(ctx, nothing)
	_, applying := p.apply(ctx, nothing)
	for call, err := range map[string]error{"Prepare": preparing, "Apply": applying} {
		if status.Code(err) != codes.FailedPrecondition {
			s.fail("10.1", "%s answers %s", call, answerOf(err))
		}
	}
	if !s.failed("10.1") {
		s.pass("10.1", "")
	}
}

// changeError is what a connector does wrong in an answer: the demand, and what happened.
type changeError struct{ number, text string }

// Error returns what happened.
func (e *changeError) Error() string { return e.text }

func (p *peer) send(stream interface {
	Send(*sourcev1.ChangeRequest) error
	CloseSend() error
}, c change.Change) {
	if stream.Send(&sourcev1.ChangeRequest{Change: proto.FromChange(c)}) == nil { // otherwise Recv returns the error
		_ = stream.CloseSend()
	}
}

// prepare has one change prepared.
func (p *peer) prepare(ctx context.Context, c change.Change) (prepared change.Prepared, err error) {
	ctx, cancel := p.call(ctx)
	defer cancel()
	stream, err := p.calls.Prepare(ctx)
	if err != nil {
		return prepared, err
	}
	p.send(stream, c)
	wrong := func(format string, args ...any) error { return &changeError{"10.2", fmt.Sprintf(format, args...)} }
	var done *sourcev1.PrepareDone
	answers := 0
	for {
		m, err := stream.Recv()
		switch {
		case errors.Is(err, io.EOF) && done == nil:
			return prepared, wrong("Prepare ends without PrepareDone")
		case errors.Is(err, io.EOF) && (answers != 1 || done.GetChanges() != 1):
			return prepared, wrong("one change was to be prepared, %d answers came, and PrepareDone says %d", answers, done.GetChanges())
		case errors.Is(err, io.EOF):
			return prepared, nil
		case err != nil:
			return prepared, err
		case done != nil:
			return prepared, wrong("something was sent after PrepareDone")
		}
		p.texts.addLine(m.GetWarning().GetText() + m.GetProgress().GetText() + m.GetPrepared().GetProblem())
		done = m.GetDone()
		if m.GetPrepared() == nil {
			continue
		}
		answers++
		if prepared, err = proto.ToPrepared(m.GetPrepared(), c.Desired.Type()); err != nil {
			return prepared, wrong("%v", err)
		}
		if prepared.Key != c.Key {
			return prepared, wrong("the change has the key %q, and the answer %q", c.Key, printable(prepared.Key))
		}
	}
}

// apply has one change made. Values that it tells are of the field's type.
func (p *peer) apply(ctx context.Context, c change.Change) (outcome change.Outcome, err error) {
	ctx, cancel := p.call(ctx)
	defer cancel()
	stream, err := p.calls.Apply(ctx)
	if err != nil {
		return outcome, err
	}
	p.send(stream, c)
	wrong := func(format string, args ...any) error { return &changeError{"10.7", fmt.Sprintf(format, args...)} }
	var done *sourcev1.ApplyDone
	told, outcomes := map[string]int64{}, 0
	for {
		m, err := stream.Recv()
		switch {
		case errors.Is(err, io.EOF) && done == nil:
			return outcome, wrong("Apply ends without ApplyDone")
		case errors.Is(err, io.EOF):
			counts := maps.Clone(done.GetOutcomes())
			maps.DeleteFunc(counts, func(_ string, n int64) bool { return n == 0 })
			if outcomes != 1 || !maps.Equal(counts, told) {
				return outcome, wrong("one change was to be made, the outcomes %v came, and ApplyDone says %v", told, counts)
			}
			return outcome, nil
		case err != nil:
			return outcome, err
		case done != nil:
			return outcome, wrong("something was sent after ApplyDone")
		}
		p.texts.addLine(m.GetWarning().GetText() + m.GetProgress().GetText() + m.GetOutcome().GetReason())
		done = m.GetDone()
		if m.GetOutcome() == nil {
			continue
		}
		outcomes++
		told[m.GetOutcome().GetKind().String()]++
		if outcome, err = proto.ToOutcome(m.GetOutcome(), c.Desired.Type()); err != nil {
			return outcome, wrong("%v", err)
		}
		if outcome.Key != c.Key {
			return outcome, wrong("the change has the key %q, and the outcome %q", c.Key, printable(outcome.Key))
		}
	}
}

// checkWrites writes what the configuration says, source by source, and puts it back.
func (s *suite) checkWrites(ctx context.Context) {
	if !s.can(proto.Apply) {
		return
	}
	for _, c := range s.sources {
		if c.expected.Write == nil {
			continue
		}
		if s.source = ""; len(s.sources) > 1 {
			s.source = c.name
		}
		s.log("writing to %s", c.name)
		if p := s.startConfiguredTo(ctx, c.toApply, true); p != nil {
			s.checkWrite(ctx, p, c.expected.Write)
			p.close()
		}
	}
	s.source = ""
	s.skipAll("10.", "nothing was to be written: name what may be, as write \"SOURCE\" { item = ..., field = ..., value = ... }")
}

// writing is one value that is written, and put back.
type writing struct {
	*fetching
	item, field string
	id          string        // the item's; "" if the connector has none
	late        bool          // the platform does it later
	before      catalog.Value // that the item had
}

func (s *suite) checkWrite(ctx context.Context, p *peer, what *expect.Write) {
	m, err := p.schema(ctx)
	if err != nil {
		s.fail("4.1", "Schema answers with an error: %s", messageOf(err))
		return
	}
	schema, err := proto.ToSchema(m.GetFields())
	if err != nil {
		s.fail("4.1", "%v", err)
		return
	}
	writable, err := proto.ToWritable(s.description.GetWritable())
	at, can := schema.Index(what.Field), false
	if err == nil {
		_, can = writable[what.Field]
	}
	if at < 0 || !can || schema.Index("sku") < 0 {
		s.fail("10.2", "the write block names the field %q, which cannot be set", printable(what.Field))
		return
	}
	desired, err := valueOfText(schema.Field(at).Type, what.Value)
	if err != nil {
		s.fail("10.2", "the write block: %v", err)
		return
	}
	w := &writing{fetching: &fetching{suite: s, peer: p, schema: schema}, item: what.Item, field: what.Field, late: writable[what.Field].Late}
	now, text := w.now(ctx)
	if text != "" {
		s.fail("10.2", "%s", text)
		return
	}
	if w.before = now; now.Equal(desired) {
		s.fail("10.2", "the write block: the item has that value already")
		return
	}
	w.walk(ctx, desired, writable[what.Field])
	if now, text := w.now(ctx); text != "" || !now.Equal(w.before) {
		s.fail("10.6", "at last the item has %s, and had %s at first: put it back by hand. %s", printable(clip(now.Text())), printable(clip(w.before.Text())), text)
	}
}

// valueOfText reads the value of a write block.
func valueOfText(t catalog.Type, text string) (catalog.Value, error) {
	switch t {
	case catalog.String:
		return catalog.StringValue(catalog.NormalText(text)), nil
	case catalog.Number:
		d, err := catalog.ParseDecimal(text)
		return catalog.NumberValue(d), err
	case catalog.Bool:
		return catalog.BoolValue(text == "true"), nil
	}
	return catalog.Value{}, fmt.Errorf("a %s cannot be tried", t)
}

// now returns the value that the item has; text says why it is not known.
func (w *writing) now(ctx context.Context) (v catalog.Value, text string) {
	lines, text := w.fetch(ctx, &sourcev1.Ref{Sku: w.item})
	if text != "" {
		return v, text
	}
	lines = w.having(lines, "sku", w.item)
	if len(lines) != 1 {
		return v, fmt.Sprintf("Fetch gives %d items of the SKU %q", len(lines), printable(w.item))
	}
	if err := json.Unmarshal([]byte(lines[0]["id"]), &w.id); err != nil {
		w.id = ""
	}
	v, err := change.ParseValue(w.schema.Field(w.schema.Index(w.field)).Type, []byte(lines[0][w.field]))
	if err != nil {
		return v, err.Error()
	}
	return v, ""
}

// expectNow fails a demand if the item has not the value.
func (w *writing) expectNow(ctx context.Context, number string, want catalog.Value) {
	now, text := w.now(ctx)
	switch {
	case text != "":
		w.fail(number, "%s", text)
	case !now.Equal(want):
		w.fail(number, "then the item has %s, and should have %s", printable(clip(now.Text())), printable(clip(want.Text())))
	default:
		w.pass(number, "")
	}
}

// apply has a value set, and fails a demand if the outcome is not of the kind, or cannot be. It reports whether it is.
func (w *writing) apply(ctx context.Context, number string, kind change.Kind, expected, desired catalog.Value, holds ...catalog.Value) bool {
	return w.applyTo(ctx, change.Ref{SKU: w.item}, number, kind, expected, desired, holds...)
}

// applyTo is apply for an item that is named in another way.
func (w *writing) applyTo(ctx context.Context, item change.Ref, number string, kind change.Kind, expected, desired catalog.Value, holds ...catalog.Value) bool {
	c := change.Change{Key: "conformance-" + number, Item: item, Field: w.field, Expected: expected, Desired: desired}
	outcome, err := w.peer.apply(ctx, c)
	var wrong *changeError
	switch {
	case errors.As(err, &wrong):
		w.fail(wrong.number, "%s", wrong.text)
		return false
	case err != nil:
		w.fail(number, "Apply ends with an error: %s%s", messageOf(err), w.peer.lastWords())
		return false
	}
	w.pass("10.7", "")
	if kind == change.Applied && outcome.Kind == change.Pending && w.late {
		w.skip(number, "the platform does it later: %s", printable(outcome.Reason))
		return false
	}
	if outcome.Kind != kind {
		w.fail(number, "it is %s: %s", outcome.Kind, printable(outcome.Reason))
		return false
	}
	if err := outcome.Check(c, holds...); err != nil {
		w.fail(number, "%v", err)
		return false
	}
	if kind == change.Applied && !outcome.Before.Equal(expected) {
		w.fail(number, "it says that the item had %s before, and it had %s", printable(clip(outcome.Before.Text())), printable(clip(expected.Text())))
		return false
	}
	return true
}

// walk prepares, conflicts, writes, writes again, and puts back.
func (w *writing) walk(ctx context.Context, desired catalog.Value, takes change.Writable) {
	prepared, err := w.peer.prepare(ctx, change.Change{Key: "conformance-10.2", Item: change.Ref{SKU: w.item}, Field: w.field, Expected: w.before, Desired: desired})
	var wrong *changeError
	switch {
	case errors.As(err, &wrong):
		w.fail(wrong.number, "%s", wrong.text)
		w.putBack(ctx, takes)
		return
	case err != nil:
		w.fail("10.2", "Prepare ends with an error: %s%s", messageOf(err), w.peer.lastWords())
		return
	case prepared.Problem != "":
		w.fail("10.2", "the value of the write block cannot be set: %s", printable(prepared.Problem))
		return
	}
	defer w.putBack(ctx, takes)
	w.expectNow(ctx, "10.2", w.before)
	will := prepared.Will
	if will.Equal(w.before) || w.failed("10.2") {
		w.skip("10.4", "with that value nothing changes")
		return
	}
	if w.apply(ctx, "10.3", change.Conflict, will, will) {
		w.expectNow(ctx, "10.3", w.before)
	}
	if w.failed("10.3") {
		return
	}
	if w.renamed(ctx, desired); w.failed("10.8") {
		return
	}
	if w.apply(ctx, "10.4", change.Applied, w.before, desired, will) {
		w.expectNow(ctx, "10.4", will)
		if w.apply(ctx, "10.5", change.Unchanged, w.before, desired, will) {
			w.expectNow(ctx, "10.5", will)
		}
	}
}

// renamed changes an item that has got another SKU since.
func (w *writing) renamed(ctx context.Context, desired catalog.Value) {
	if w.id == "" {
		w.skip("10.8", "its items have no id")
		return
	}
	named := change.Ref{ID: w.id, SKU: w.item + " before"}
	if w.applyTo(ctx, named, "10.8", change.Rejected, w.before, desired) {
		w.expectNow(ctx, "10.8", w.before)
	}
}

// putBack gives the item the value that it had, if it has another.
func (w *writing) putBack(ctx context.Context, takes change.Writable) {
	now, text := w.now(ctx)
	if text != "" || now.Equal(w.before) {
		return
	}
	if w.before.IsNull() && !takes.Nullable {
		w.fail("10.6", "the item had no value, and the field cannot be set to none: choose another item for the write block")
		return
	}
	if w.apply(ctx, "10.6", change.Applied, now, w.before) {
		w.expectNow(ctx, "10.6", w.before)
	}
}
