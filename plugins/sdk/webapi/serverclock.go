package webapi

import (
	"net/http"
	"sync"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// ServerClock is the platform's own clock, as its answers tell it: what has changed is asked for by that one. Hand Note to
// Session.Answered. Several goroutines may use it.
type ServerClock struct {
	mu          sync.Mutex
	first, last time.Time
}

// Note takes in an answer.
func (c *ServerClock) Note(a *Answer) {
	at, err := http.ParseTime(a.Header.Get("Date"))
	if err != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.last = at; c.first.IsZero() {
		c.first = at
	}
}

// First returns the time of the first answer, or ours if none has told it.
func (c *ServerClock) First(ours time.Time) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.first.IsZero() {
		return ours
	}
	return c.first
}

// Fact returns the fact by which reconcile doctor compares the clocks, for a source's Check: the time of the last answer. There is none
// if no answer has told it.
func (c *ServerClock) Fact() []sdk.Fact {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.last.IsZero() {
		return nil
	}
	return []sdk.Fact{{Name: catalog.FactClock, Value: c.last.UTC().Format(time.RFC3339)}}
}
