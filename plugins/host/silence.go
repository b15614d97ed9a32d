package host

import (
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
