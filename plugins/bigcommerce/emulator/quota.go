package emulator

import (
	"net/http"
	"strconv"
	"sync"
	"time"
)

// quota counts requests in windows that begin with the first request after the last window's end.
type quota struct {
	limit  int // 0: none
	window time.Duration

	mu   sync.Mutex
	ends time.Time
	left int
}

// take counts a request, writes what is left into the header, and reports whether the request is allowed.
func (q *quota) take(now time.Time, header http.Header) bool {
	if q.limit == 0 {
		return true
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if !now.Before(q.ends) {
		q.ends, q.left = now.Add(q.window), q.limit
	}
	allowed := q.left > 0
	if allowed {
		q.left--
	}
	reset := q.ends.Sub(now)
	header.Set("X-Rate-Limit-Time-Window-Ms", strconv.FormatInt(q.window.Milliseconds(), 10))
	header.Set("X-Rate-Limit-Time-Reset-Ms", strconv.FormatInt(reset.Milliseconds(), 10))
	header.Set("X-Rate-Limit-Requests-Quota", strconv.Itoa(q.limit))
	header.Set("X-Rate-Limit-Requests-Left", strconv.Itoa(q.left))
	if !allowed {
		seconds := (reset + time.Second - 1) / time.Second
		header.Set("X-Retry-After", strconv.Itoa(int(seconds)))
	}
	return allowed
}
