package host

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/reconcilehq/reconcile/engine/fault"
	"github.com/reconcilehq/reconcile/plugins/host/patience"
	"github.com/reconcilehq/reconcile/plugins/proto"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// receive waits for a message of a stream. It counts how long that takes.
func receive[M any](patience *patience.Timer, recv func() (M, error)) (M, error) {
	patience.Receive()
	defer patience.Received()
	return recv()
}

var errSilent = errors.New("no batch and no sign of progress")

// silenceError is the failure of a connector that did not get on for too long; said is what it said last.
func (p *Process) silenceError(doing, said string, patience *patience.Timer) error {
	p.unresponsive.Store(true)
	text := fmt.Sprintf("%v for %s", errSilent, p.timeout)
	if patience.WaitedTooLong() {
		text += fmt.Sprintf(", beside the %s for which a connector may wait in a row", inWords(proto.MaxWaiting))
	}
	if said != "" {
		text += fmt.Sprintf(" (the last it said was %q)", said)
	}
	return &Failure{Label: p.label, Action: doing, cause: errSilent, Text: text, LastWords: p.LastWords(), Fault: Slowness}
}

// streamError returns why a stream of messages failed: the connector was silent, or took too long, or the call itself has failed.
func (p *Process) streamError(ctx context.Context, doing, said string, patience *patience.Timer, err error) error {
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, errSilent):
		return p.silenceError(doing, said, patience)
	case errors.Is(cause, errTooLong):
		return p.tooLongError(doing, said)
	}
	return p.callError(ctx, doing, err)
}

// waiting takes a connector's word that it waits for its platform, and returns it for people.
func (p *Process) waiting(m *sourcev1.Waiting, patience *patience.Timer) (until time.Time, text string) {
	text = "waiting"
	if why := p.safeText(m.GetWhy()); why != "" {
		text += " for " + why
	}
	if !m.GetUntil().IsValid() {
		return time.Time{}, text
	}
	until = m.GetUntil().AsTime().Local()
	patience.Waiting(until)
	return until, text + " until " + until.Format(time.TimeOnly)
}

var errTooLong = errors.New("the read takes too long")

// limitRead ends a read that takes longer than the source's read_limit, however lively it is. The caller calls stop.
func (p *Process) limitRead(cancel context.CancelCauseFunc) (stop func()) {
	timer := time.AfterFunc(p.readLimit, fault.Caught(func() { cancel(errTooLong) }))
	return func() { timer.Stop() }
}

// tooLongError is the failure of a read that did not end in time; said is what the connector said last.
func (p *Process) tooLongError(doing, said string) error {
	text := fmt.Sprintf("not at its end after %s, the read_limit of the source", inWords(p.readLimit))
	if said != "" {
		text += fmt.Sprintf(" (the last it said was %q)", said)
	}
	text += ". If the platform really has that much to tell, set a longer read_limit in the source block; if it has less, the connector goes round in circles: tell whoever makes it"
	return &Failure{Label: p.label, Action: doing, cause: errTooLong, Text: text, LastWords: p.LastWords()}
}

// tooManyItems is the failure of a read that has sent more than the source's max_items.
func (r *reading) tooManyItems() error {
	return &Failure{Label: r.process.label, Action: r.actionSoFar(), Text: fmt.Sprintf(
		"the connector sent more than %d items, the max_items of the source, and no end is in sight. If the platform really has more, set a larger max_items in the source block; if it has fewer, the connector goes round in circles: tell whoever makes it",
		r.process.maxItems)}
}

// inWords writes a duration as people write it in a configuration: 6h, and not 6h0m0s.
func inWords(d time.Duration) string {
	for _, unit := range []struct {
		length time.Duration
		name   string
	}{{time.Hour, "h"}, {time.Minute, "m"}} {
		if d >= unit.length && d%unit.length == 0 {
			return fmt.Sprintf("%d%s", d/unit.length, unit.name)
		}
	}
	return d.String()
}

// warnings passes a connector's warnings on, up to proto.MaxWarnings of them, and counts the others.
type warnings struct{ n int }

func (w *warnings) pass(to Watcher, text string) {
	if w.n++; w.n <= proto.MaxWarnings {
		to.Warning(text)
	}
}

// passCount says how many warnings were left out, if any were.
func (w *warnings) passCount(to Watcher) {
	if more := w.n - proto.MaxWarnings; more > 0 {
		to.Warning(fmt.Sprintf("and %d more warnings", more))
	}
}

// notices is the same for notices, up to proto.MaxNotices.
type notices struct{ n int }

func (s *notices) pass(to Watcher, text string) {
	if s.n++; s.n <= proto.MaxNotices {
		to.Notice(text)
	}
}

func (s *notices) passCount(to Watcher) {
	if more := s.n - proto.MaxNotices; more > 0 {
		to.Notice(fmt.Sprintf("and %d more notices", more))
	}
}

// safeText makes a text of the connector safe to show: without secrets and without control characters.
func (p *Process) safeText(text string) string { return p.secrets.safeText(text) }
