package jobs

import (
	"context"
	"encoding/json"
	"io"
	"sync"
	"time"

	"github.com/reconcilehq/reconcile/engine/fault"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/session"
)

// progressEvery is how often a worker tells how far it is.
const progressEvery = 200 * time.Millisecond

// Teller writes a worker's events. It implements session.Listener.
type Teller struct {
	mu    sync.Mutex
	lines *json.Encoder
	last  map[int]time.Time
}

// NewTeller returns a teller that writes to w.
func NewTeller(w io.Writer) *Teller {
	return &Teller{lines: json.NewEncoder(w), last: map[int]time.Time{}}
}

// Say writes an event. That nobody reads it is no failure: then stdin ends, too.
func (t *Teller) Say(e Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	_ = t.lines.Encode(e)
}

// Tell implements session.Listener. What is to be known of a run is kept with it.
func (t *Teller) Tell(session.Message) {}

// Begin implements session.Listener.
func (t *Teller) Begin(sources []string) { t.Say(Event{Begin: sources}) }

// Progress implements session.Listener.
func (t *Teller) Progress(source int, items, total int64, text string) {
	t.mu.Lock()
	now := time.Now()
	soon := now.Sub(t.last[source]) < progressEvery
	if !soon {
		t.last[source] = now
	}
	t.mu.Unlock()
	if !soon {
		t.Say(Event{Progress: &Progress{source, items, total, text}})
	}
}

// Waiting implements session.Listener.
func (t *Teller) Waiting(source int, _ time.Time, text string) {
	t.Say(Event{Waiting: &Waiting{source, text}})
}

// End implements session.Listener.
func (t *Teller) End() { t.Say(Event{Read: true}) }

// UntilEnd returns a context that is done when r ends: whoever has started this process has gone, or wants it to give up.
func UntilEnd(ctx context.Context, r io.Reader) context.Context {
	ctx, cancel := context.WithCancel(ctx)
	fault.Go(func() {
		_, _ = io.Copy(io.Discard, r)
		cancel()
	})
	return ctx
}
