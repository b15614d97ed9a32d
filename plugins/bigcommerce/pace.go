package bigcommerce

import (
	"math/rand/v2"
	"net/http"
	"sync"
	"time"
)

// reserve is how many requests of a window are left alone: other apps of the store draw on the same quota, so the last
// one may be gone by the time it is asked for.
const reserve = 2

// pace keeps requests within the quota, as far as the API's answers tell about it.
type pace struct {
	mu    sync.Mutex
	until time.Time
}

// note takes in what an answer says about the quota.
func (p *pace) note(h http.Header, now time.Time) {
	left, ok := headerNumber(h, "X-Rate-Limit-Requests-Left")
	reset, known := headerNumber(h, "X-Rate-Limit-Time-Reset-Ms")
	if !ok || !known {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.until = time.Time{}
	if quota, ok := headerNumber(h, "X-Rate-Limit-Requests-Quota"); left <= reserve && (!ok || quota > reserve) {
		p.until = now.Add(time.Duration(reset) * time.Millisecond)
	}
}

// delay returns how long to wait before the next request.
func (p *pace) delay(now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	wait := p.until.Sub(now)
	p.until = time.Time{} // waited for once: after that, the next answer tells
	return max(wait, 0)
}

// backoff is the series of pauses between the tries of one request.
type backoff struct {
	last, total time.Duration
}

const (
	firstPause = time.Second
	mostWaits  = 3 * time.Minute // in all, for one request
)

// next returns the next pause: as long as the API asks, or twice as long as the last one. A little chance is added so
// that the apps of a store do not come back all at once. It reports false where waiting is not worth it any longer.
func (b *backoff) next(asked time.Duration) (time.Duration, bool) {
	b.last = max(b.last*2, firstPause)
	pause := b.last
	if asked > 0 {
		pause = asked
	}
	pause += rand.N(250 * time.Millisecond)
	b.total += pause
	return pause, b.total <= mostWaits
}
