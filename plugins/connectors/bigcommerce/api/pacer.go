package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/reconcilehq/reconcile/plugins/sdk"
)

const (
	// MostInFlight is how many requests are under way at a time: enough for the largest quota at the latency of large
	// pages, few enough that their answers fit in memory.
	MostInFlight = 12
	// BlindInFlight is the same while the API says nothing about its quota.
	BlindInFlight = 4
)

// pacer holds requests back as the API's quota demands. All requests of a client go through one pacer, from any goroutine:
//
//  1. The first goes alone: its answer tells the quota. After that, a request goes only while fewer are under way than
//     the last answers said are left, so that one which the API has not counted yet is counted here.
//  2. What is left of a window is shared with the store's other apps, as window.reserve works out.
//  3. When a window should have ended, one request goes alone, and its answer tells what the new window allows.
//  4. When a request fails for a reason that may pass, all others wait, and only that one is tried again. When it is
//     answered the others follow, at first one, then two, and so on.
//
// Requests go in the order in which they came.
type pacer struct {
	clock Clock
	share float64 // of the quota that is ours at most

	mu       sync.Mutex
	window   window
	flight   []*turn // under way, in the order in which they were sent
	queue    []*turn // waiting, in the order in which they came
	answered bool    // the API has answered at all
	ramp     int     // how many may be under way since the last trouble
	trial    *turn   // the request that is tried again while all others wait; nil: there is no trouble
	until    time.Time
	why      string // the trouble
	watched  bool   // one of those that wait watches the clock
	changed  chan struct{}
}

// turn is one request in the pacer, with all of its tries.
type turn struct {
	sent  time.Time
	blind bool // the answer said nothing about the quota
}

func newPacer(clock Clock, share float64) *pacer {
	return &pacer{clock: clock, share: share, ramp: MostInFlight, changed: make(chan struct{})}
}

// errChanged ends the sleep of the goroutine that is in watch.
var errChanged = errors.New("the pacer's state changed")

// enter waits until the request may go. tell is called, about every second, with how long the wait will be and why. If
// ctx is done earlier, enter returns its cause. After nil, call leave when the answer comes.
func (p *pacer) enter(ctx context.Context, t *turn, tell func(wait time.Duration, why string)) error {
	p.mu.Lock()
	p.queue = append(p.queue, t)
	for {
		if err := context.Cause(ctx); err != nil {
			p.unqueue(t)
			p.mu.Unlock()
			return err
		}
		gone, wait, why := p.send(t, p.clock.Now())
		if gone {
			p.mu.Unlock()
			return nil
		}
		watch := wait > 0 && !p.watched
		p.watched = p.watched || watch
		changed := p.changed
		p.mu.Unlock()
		if watch {
			p.watch(ctx, changed, wait, why, tell)
		} else {
			select {
			case <-changed:
			case <-ctx.Done():
			}
		}
		p.mu.Lock()
		if watch {
			p.watched = false
			p.change()
		}
	}
}

// watch sleeps in short steps until the wait or ctx is over, or the state changes.
func (p *pacer) watch(ctx context.Context, changed <-chan struct{}, wait time.Duration, why string, tell func(time.Duration, string)) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	sdk.Go(func() {
		select {
		case <-changed:
			cancel(errChanged)
		case <-ctx.Done():
		}
	})
	const step = time.Second
	for ; wait > 0; wait -= step {
		tell(wait, why)
		if p.clock.Sleep(ctx, min(wait, step)) != nil {
			return
		}
	}
}

// send lets a request go if it may; if not, it returns what admit does.
func (p *pacer) send(t *turn, now time.Time) (bool, time.Duration, string) {
	admitted, wait, why := p.admit(t, now)
	if admitted {
		t.sent = now
		p.flight = append(p.flight, t)
		p.unqueue(t)
	}
	return admitted, wait, why
}

// admit reports whether a request may go now; if not, after what time that may have changed by itself (0: only an
// answer can change it), and why.
func (p *pacer) admit(t *turn, now time.Time) (bool, time.Duration, string) {
	most := p.ramp
	switch {
	case p.trial != nil && p.trial != t:
		return false, 0, ""
	case p.trial == t:
		if wait := p.until.Sub(now); wait > 0 {
			return false, wait, p.why
		}
		most = MostInFlight // what else is under way was sent before the trouble
	case p.queue[0] != t:
		return false, 0, ""
	case !p.answered:
		most = 1
	case !p.window.known:
		most = min(most, BlindInFlight)
	}
	if len(p.flight) >= min(most, MostInFlight) {
		return false, 0, ""
	}
	return p.window.admit(now, p.flight, p.share)
}

// leave notes that the request's answer has begun. header is the answer's; nil if there is no answer.
func (p *pacer) leave(t *turn, header http.Header) {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := slices.Index(p.flight, t)
	p.flight = slices.Delete(p.flight, at, at+1)
	l, ok := limitsOf(header)
	if t.blind = !ok; ok {
		p.window.note(l, t.sent, p.clock.Now(), at)
	} else {
		p.window.lost++
	}
	p.answered = p.answered || header != nil
	p.change()
}

// hasAnswered reports whether the API has answered at all.
func (p *pacer) hasAnswered() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.answered
}

// lose notes a request that will get no answer.
func (p *pacer) lose() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.window.lost++
}

// hold stops all requests for a while after one that failed, which is to be tried again.
func (p *pacer) hold(t *turn, pause time.Duration, why string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	until := p.clock.Now().Add(pause)
	switch {
	case p.trial == nil || p.trial == t:
		p.trial, p.until, p.why = t, until, why
	case until.After(p.until):
		p.until = until
	}
	p.ramp = 1
	p.change()
}

// end removes a request, which was answered well or given up.
func (p *pacer) end(t *turn, well bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.trial == t {
		p.trial = nil
	}
	if well && p.trial == nil {
		p.ramp = min(p.ramp*2, MostInFlight)
	}
	if well && t.blind && !t.sent.Before(p.window.ends) {
		p.window.known = false // the API has ceased to say
	}
	p.change()
}

// quota says what is known of the API's quota, for people; "" if it says nothing about it.
func (p *pacer) quota() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.window.known {
		return ""
	}
	return fmt.Sprintf("%d requests in %s, %d left", p.window.quota, p.window.length, p.window.left)
}

func (p *pacer) unqueue(t *turn) {
	p.queue = slices.DeleteFunc(p.queue, func(other *turn) bool { return other == t })
	p.change()
}

// change wakes all goroutines that wait.
func (p *pacer) change() {
	close(p.changed)
	p.changed = make(chan struct{})
}
