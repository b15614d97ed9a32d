package host

import (
	"sync"
	"time"
)

// patience ends a call whose connector gives no sign of progress while the host waits for one. Only the time of waiting
// counts, not the time that the host itself takes between two messages; what is no sign of progress does not stop it.
type patience struct {
	timeout time.Duration
	lost    func()
	timer   *time.Timer

	mu      sync.Mutex
	waiting bool
	since   time.Time     // when waiting began, or the last sign while waiting
	left    time.Duration // of the timeout, at since
}

// newPatience calls lost once when patience is lost. The caller calls end.
func newPatience(timeout time.Duration, lost func()) *patience {
	p := &patience{timeout: timeout, lost: lost, left: timeout}
	p.timer = time.AfterFunc(timeout, p.look)
	p.wait()
	return p
}

// wait is called when the host begins to wait for the connector.
func (p *patience) wait() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting, p.since = true, time.Now()
	p.timer.Reset(p.left)
}

// sign notes a sign of progress.
func (p *patience) sign() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.since, p.left = time.Now(), p.timeout
}

// pause is called when something has come.
func (p *patience) pause() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.waiting {
		p.waiting = false
		p.left = max(p.left-time.Since(p.since), 0)
	}
}

func (p *patience) look() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.waiting {
		return // wait sets the timer again
	}
	if left := p.left - time.Since(p.since); left > 0 {
		p.timer.Reset(left)
		return
	}
	p.lost()
}

func (p *patience) end() { p.timer.Stop(); p.pause() }
