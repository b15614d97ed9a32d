package host

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/reconcilehq/reconcile/engine/fault"
)

// silenceTimer ends a call if the connector shows no progress for too long. It counts only the time in which the host waits
// for the connector, not the time that the host itself needs between two messages. Only restart, which is called for
// progress, gives the connector the whole time again.
type silenceTimer struct {
	timeout time.Duration
	expired func()
	timer   *time.Timer

	mu      sync.Mutex
	waiting bool
	since   time.Time     // when waiting began, or the last restart
	left    time.Duration // how much of the timeout was left at since
}

// newSilenceTimer starts a timer, waiting, that calls expired once after timeout. The caller calls stop.
func newSilenceTimer(timeout time.Duration, expired func()) *silenceTimer {
	p := &silenceTimer{timeout: timeout, expired: expired, left: timeout}
	p.timer = time.AfterFunc(timeout, fault.Caught(p.check))
	p.startWaiting()
	return p
}

// startWaiting is called before the host waits for the connector.
func (p *silenceTimer) startWaiting() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting, p.since = true, time.Now()
	p.timer.Reset(p.left)
}

// restart is called for each sign of progress.
func (p *silenceTimer) restart() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.since, p.left = time.Now(), p.timeout
}

// stopWaiting is called when a message has arrived.
func (p *silenceTimer) stopWaiting() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.waiting {
		p.waiting = false
		p.left = max(p.left-time.Since(p.since), 0)
	}
}

func (p *silenceTimer) check() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.waiting {
		return // startWaiting sets the timer again
	}
	if left := p.left - time.Since(p.since); left > 0 {
		p.timer.Reset(left)
		return
	}
	p.expired()
}

// stop ends the timer.
func (p *silenceTimer) stop() { p.timer.Stop(); p.stopWaiting() }

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
