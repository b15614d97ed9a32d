// Package patience measures whether a connector gets on, and says when it has not for too long.
package patience

import (
	"sync"
	"time"

	"github.com/reconcilehq/reconcile/engine/fault"
	"github.com/reconcilehq/reconcile/plugins/proto"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// Timer ends a call if the connector makes no progress for too long. It counts only the time in which the host waits for a
// message, not the time that the host itself needs between two messages. Only Progress gives the connector the whole time
// again. Time in which the connector has said that it waits for its platform is counted apart, up to proto.MaxWaiting.
//
// A Timer may be used from several goroutines.
type Timer struct {
	timeout time.Duration
	expired func()
	timer   *time.Timer

	mu        sync.Mutex
	receiving bool
	since     time.Time     // up to when the time is counted
	left      time.Duration // how much of the timeout is left
	until     time.Time     // up to when the connector waits, as it says
	waits     time.Duration // how long it may still wait before it gets on
}

// Start starts a timer that calls expired after timeout. The host receives at once. The caller calls Stop.
func Start(timeout time.Duration, expired func()) *Timer {
	t := &Timer{timeout: timeout, expired: expired, left: timeout, waits: proto.MaxWaiting}
	t.timer = time.AfterFunc(timeout, fault.Caught(t.check))
	t.Receive()
	return t
}

// Receive is called before the host waits for a message.
func (t *Timer) Receive() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.receiving, t.since = true, time.Now()
	t.timer.Reset(t.remaining())
}

// Received is called when a message has come.
func (t *Timer) Received() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.receiving {
		t.count()
		t.receiving = false
	}
}

// Progress is called each time that the connector has got on.
func (t *Timer) Progress() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.since, t.left, t.waits = time.Now(), t.timeout, proto.MaxWaiting
}

// Waiting is called when the connector says that it waits for its platform until then. What it said earlier does not hold
// any more.
func (t *Timer) Waiting(until time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.receiving {
		t.count()
	}
	// From here on the clock may be set: what counts is how long it is until then.
	t.until = time.Now().Add(min(time.Until(until), proto.MaxWaiting))
	if t.receiving {
		t.timer.Reset(t.remaining())
	}
}

// WaitedTooLong reports whether the connector has used up all the time for which it may wait.
func (t *Timer) WaitedTooLong() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.waits <= 0
}

// Stop ends the timer.
func (t *Timer) Stop() { t.timer.Stop(); t.Received() }

// count counts the time since it was last counted.
func (t *Timer) count() {
	now := time.Now()
	passed := now.Sub(t.since)
	waited := min(max(t.until.Sub(t.since), 0), t.waits, passed)
	t.since, t.waits, t.left = now, t.waits-waited, t.left-(passed-waited)
}

// remaining returns how long nothing may come from now on, if all time up to now is counted.
func (t *Timer) remaining() time.Duration {
	return max(t.left+min(max(t.until.Sub(t.since), 0), t.waits), 0)
}

func (t *Timer) check() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.receiving {
		return // Receive sets the timer again
	}
	t.count()
	if left := t.remaining(); left > 0 {
		t.timer.Reset(left)
		return
	}
	t.expired()
}

// Numbers are the numbers of a connector's last Progress.
type Numbers struct{ items, total, steps int64 }

// Moved takes the numbers of a Progress. It reports whether one of them is another than the last time: the connector has got
// on.
func (n *Numbers) Moved(p *sourcev1.Progress) bool {
	now := Numbers{p.GetItems(), p.GetTotal(), p.GetSteps()}
	moved := now != *n
	*n = now
	return moved
}
