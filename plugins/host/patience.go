package host

import (
	"sync"
	"time"
)

// patience ends a call whose connector gives no sign of life while the host waits for one. Only the time of waiting
// counts, not the time that the host itself takes between two messages.
type patience struct {
	timeout time.Duration
	lost    func()
	timer   *time.Timer

	mu      sync.Mutex
	waiting bool
	last    time.Time // sign of life
}

// newPatience calls lost once when patience is lost. The caller calls end.
func newPatience(timeout time.Duration, lost func()) *patience {
	p := &patience{timeout: timeout, lost: lost}
	p.timer = time.AfterFunc(timeout, p.look)
	p.wait()
	return p
}

// wait is called when the host begins to wait for the connector.
func (p *patience) wait() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting, p.last = true, time.Now()
	p.timer.Reset(p.timeout)
}

// sign notes a sign of life other than what is waited for.
func (p *patience) sign() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last = time.Now()
}

// pause is called when something has come.
func (p *patience) pause() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting = false
}

func (p *patience) look() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.waiting {
		return // wait sets the timer again
	}
	if left := p.timeout - time.Since(p.last); left > 0 {
		p.timer.Reset(left)
		return
	}
	p.lost()
}

func (p *patience) end() { p.timer.Stop(); p.pause() }
