package emulator

import (
	"net/http"
	"strconv"
	"sync"
	"time"
)

// quota counts requests in windows. A window begins with the first request after the last one's end; another app's
// requests, which never cease, let it follow at once.
type quota struct {
	limit  int // 0: none
	window time.Duration
	others int // requests of another app in a window, evenly spread

	mu    sync.Mutex
	ends  time.Time
	left  int
	drawn int // requests of the other app in this window so far
	seen  Traffic
}

// Traffic is what a server's quota was used for.
type Traffic struct {
	Allowed, Refused             int // requests that were counted, and those answered 429 since the quota was used up
	OthersAllowed, OthersRefused int // those of the other app
	Windows                      int // windows that have begun
}

// take counts a request, writes what is left into the header, and reports whether the request is allowed.
func (q *quota) take(now time.Time, header http.Header) bool {
	if q.limit == 0 {
		return true
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.advance(now)
	allowed := q.left > 0
	if allowed {
		q.left--
		q.seen.Allowed++
	} else {
		q.seen.Refused++
	}
	reset := q.ends.Sub(now)
	writeLimits(header, limits{quota: q.limit, left: q.left, window: q.window, reset: reset})
	if !allowed {
		writeWait(header, reset)
	}
	return allowed
}

// limits are what an answer says of the quota.
type limits struct {
	quota, left   int
	window, reset time.Duration
}

// writeLimits writes the headers that every answer has.
func writeLimits(h http.Header, l limits) {
	h.Set("X-Rate-Limit-Time-Window-Ms", strconv.FormatInt(l.window.Milliseconds(), 10))
	h.Set("X-Rate-Limit-Time-Reset-Ms", strconv.FormatInt(l.reset.Milliseconds(), 10))
	h.Set("X-Rate-Limit-Requests-Quota", strconv.Itoa(l.quota))
	h.Set("X-Rate-Limit-Requests-Left", strconv.Itoa(l.left))
}

// writeWait writes the header by which a 429 says, in seconds, when to come back.
func writeWait(h http.Header, reset time.Duration) {
	h.Set("X-Retry-After", strconv.Itoa(int((reset+time.Second-1)/time.Second)))
}

// advance brings the window, and what the other app has done in it, up to now.
func (q *quota) advance(now time.Time) {
	for q.others > 0 && !q.ends.IsZero() && !now.Before(q.ends) {
		q.draw(q.others)
		q.begin(q.ends)
	}
	if !now.Before(q.ends) {
		q.begin(now)
	}
	if q.others > 0 {
		q.draw(int(int64(q.others) * int64(now.Sub(q.ends.Add(-q.window))) / int64(q.window)))
	}
}

func (q *quota) begin(at time.Time) {
	q.ends, q.left, q.drawn = at.Add(q.window), q.limit, 0
	q.seen.Windows++
}

// draw makes the other app's requests of this window up to that many.
func (q *quota) draw(due int) {
	for ; q.drawn < due; q.drawn++ {
		if q.left > 0 {
			q.left--
			q.seen.OthersAllowed++
		} else {
			q.seen.OthersRefused++
		}
	}
}

// Traffic returns what the quota was used for so far.
func (s *Server) Traffic() Traffic {
	s.quota.mu.Lock()
	defer s.quota.mu.Unlock()
	return s.quota.seen
}
