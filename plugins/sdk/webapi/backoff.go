package webapi

import (
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// backoff is the series of pauses between the tries of one request.
type backoff struct {
	last, total time.Duration
}

const (
	firstPause = time.Second
	mostWaits  = 3 * time.Minute // in all, for one request
)

// next returns the next pause: as long as the platform asks, or twice as long as the last one. A small random part is added, so
// that the platform's other clients do not all come back at once. It reports false where waiting longer is not worth it.
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

// longestRetryAfter stands for all that is longer: nobody waits so long.
const longestRetryAfter = 1000 * time.Hour

// RetryAfter returns how long an answer asks to wait: a number of seconds, or a date, which is held against the date of the answer
// itself where it has one, and else against now. 0 if it does not say, or makes no sense.
func RetryAfter(h http.Header, now time.Time) time.Duration {
	text := strings.TrimSpace(h.Get("Retry-After"))
	if seconds, err := strconv.ParseFloat(text, 64); err == nil {
		if !(seconds > 0) {
			return 0
		}
		return time.Duration(min(seconds, longestRetryAfter.Seconds()) * float64(time.Second))
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	if its, err := http.ParseTime(h.Get("Date")); err == nil {
		now = its
	}
	return min(max(at.Sub(now), 0), longestRetryAfter)
}

// HeaderNumber reads a header that is a whole number from 0 to 2^31-1.
func HeaderNumber(h http.Header, name string) (int64, bool) {
	n, err := strconv.ParseInt(strings.TrimSpace(h.Get(name)), 10, 64)
	return n, err == nil && n >= 0 && n < 1<<31
}
