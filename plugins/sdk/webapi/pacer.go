package webapi

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// longestWait is how long a quota is waited for: the host does not stand longer waits.
const longestWait = 14 * time.Minute

// pacer holds requests back as the platform's limits demand. All requests of a client go through one pacer, from any goroutine:
//
//  1. The first goes alone: its answer tells the quota. After that, a request goes only while fewer are under way than
//     the last answers said are left, so that one which the API has not counted yet is counted here.
//  2. What is left of a window is shared with the platform's other clients, as window.reserve works out.
//  3. When a window should have ended, one request goes alone, and its answer tells what the new window allows.
//  4. When a request fails for a reason that may pass, all others wait, and only that one is tried again. When it is
//     answered the others follow, at first one, then two, and so on.
//  5. If people set how many requests a second may go, each waits for its time besides.
//
// Requests go in the order in which they came.
type pacer struct {
	clock       Clock
	name        string        // of the platform, for people
	share       float64       // of the quota that is ours at most
	most, blind int           // how many are under way at a time; blind: while nothing is known of the limits
	gap         time.Duration // between two requests at least; 0: none

	mu       sync.Mutex
	window   window
	bucket   bucket
	next     time.Time // when one may go, for the gap
	sent     int64     // how many were sent
	flight   []*turn   // under way, in the order in which they were sent
	queue    []*turn   // waiting, in the order in which they came
	answered bool      // the platform has answered at all
	ramp     int       // how many may be under way since the last trouble
	trial    *turn     // the request that is tried again while all others wait; nil: there is no trouble
	until    time.Time
	why      string // the trouble
	watched  bool   // one of those that wait watches the clock
	changed  chan struct{}
}

// turn is one request in the pacer, with all of its tries.
type turn struct {
	cost   int64 // in points; 0 if it is not known
	room   int64 // how many requests must be free beside it
	sent   time.Time
	number int64 // which one it was of all that were sent
	alone  bool  // nothing else was under way when it was sent
	blind  bool  // the answer said nothing about the quota
}

func newPacer(c Config) *pacer {
	p := &pacer{clock: c.Clock, name: c.Name, share: c.Share, most: c.Pace.most(), blind: c.Pace.blind(), changed: make(chan struct{})}
	if c.Pace.RateLimit != nil {
		p.gap = time.Duration(float64(time.Second) / max(*c.Pace.RateLimit, leastRate))
	}
	p.ramp, p.window.shared = p.most, c.Shared
	return p
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
		if wait > longestWait {
			p.unqueue(t)
			p.mu.Unlock()
			return &Failure{Cause: Platform, RetryAfter: wait, Text: fmt.Sprintf("%s is used up for another %s", why, wait.Round(time.Second)),
				Advice: "try again then, or ask for less"}
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
	brief := wait < step && why == ownRate // nobody wants to know of each
	for ; wait > 0; wait -= step {
		if !brief {
			tell(wait, why)
		}
		if p.clock.Sleep(ctx, min(wait, step)) != nil {
			return
		}
	}
}

// send lets a request go if it may; if not, it returns what admit does.
func (p *pacer) send(t *turn, now time.Time) (bool, time.Duration, string) {
	admitted, wait, why := p.admit(t, now)
	if admitted {
		p.sent++
		t.sent, t.number, t.alone = now, p.sent, len(p.flight) == 0
		p.flight = append(p.flight, t)
		p.next = now.Add(p.gap)
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
		most = p.most // what else is under way was sent before the trouble
	case p.queue[0] != t:
		return false, 0, ""
	case !p.answered:
		most = 1
	case !p.window.known && !p.bucket.known:
		most = min(most, p.blind)
	}
	if len(p.flight) >= min(most, p.most) {
		return false, 0, ""
	}
	if wait := p.next.Sub(now); p.gap > 0 && wait > 0 {
		return false, wait, ownRate
	}
	if ok, wait := p.bucket.admit(t, now, p.flight, p.share); !ok {
		return false, wait, p.name + "'s quota"
	}
	ok, wait, why := p.window.admit(now, p.flight, p.share, t.room)
	return ok, wait, p.name + why
}

// ownRate is what a request waits for where people set how many may go.
const ownRate = "rate_limit"

// leave notes that the request's answer has begun. answered says whether there is one, and l what it says of the limits; nil
// if it says nothing.
func (p *pacer) leave(t *turn, answered bool, l *Limits) {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := slices.Index(p.flight, t)
	p.flight = slices.Delete(p.flight, at, at+1)
	switch t.blind = l == nil; {
	case l == nil:
		p.window.lost++
	case l.PerSecond > 0:
		p.bucket.note(*l, t, p.clock.Now(), t.alone && t.number == p.sent)
	default:
		p.window.note(*l, t.sent, p.clock.Now(), at)
	}
	p.answered = p.answered || answered
	p.change()
}

// withdraw removes a request that entered and was not sent.
func (p *pacer) withdraw(t *turn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.flight = slices.DeleteFunc(p.flight, func(other *turn) bool { return other == t })
	p.change()
}

// takes estimates how long so many requests take from now on, one after the other, if each takes so long by itself.
func (p *pacer) takes(requests int64, each time.Duration) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if requests <= 0 {
		return 0
	}
	each = max(each, p.gap)
	alone := time.Duration(requests) * each
	if !p.window.known {
		return alone
	}
	return max(alone, p.window.takes(requests, each, p.share, p.clock.Now()))
}

// hasAnswered reports whether the platform has answered at all.
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
		p.ramp = min(p.ramp*2, p.most)
	}
	if well && t.blind && !t.sent.Before(p.window.ends) {
		p.window.known = false // the API has ceased to say
	}
	p.change()
}

// quota says what is known of the limits, for people; "" if the platform says nothing about them.
func (p *pacer) quota() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.window.known:
		return fmt.Sprintf("%d requests in %s, %d left", p.window.quota, p.window.length, p.window.left)
	case p.bucket.known:
		return fmt.Sprintf("%v points, of which %v are left and %v come back in a second", p.bucket.size, p.bucket.left, p.bucket.perSecond)
	}
	return ""
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
