package api

import (
	"math/rand/v2"
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

// next returns the next pause: as long as the API asks, or twice as long as the last one. A small random part is added, so
// that the apps of a store do not all come back at once. It reports false where waiting longer is not worth it.
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
