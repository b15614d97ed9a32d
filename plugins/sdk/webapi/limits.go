package webapi

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Limits are what an answer says about how much may be asked: a window, in which so many requests are allowed, or a bucket,
// which each request takes points out of and which fills up again.
type Limits struct {
	Quota int64 // requests in a window, or points in a full bucket; 0 if it is not said
	Left  int64 // how many are left, after this request

	// Of a window:
	Reset  time.Duration // how long until it ends
	Window time.Duration // how long it is as a whole; 0 if it is not said

	// Of a bucket:
	PerSecond float64 // how many points come back in a second; 0: it is a window
	Cost      int64   // what this request took out; 0 if it is not said
}

// longestReset is the longest time to a window's end that is believed.
const longestReset = 25 * time.Hour

// sound returns the limits with what they leave out. It reports false if they make no sense.
func (l Limits) sound() (Limits, bool) {
	if l.Quota < 0 || l.Cost < 0 {
		return Limits{}, false
	}
	l.Left = max(l.Left, 0)
	if l.PerSecond != 0 {
		return l, l.PerSecond > 0 && l.PerSecond <= 1e9 && l.Quota > 0
	}
	if l.Reset < 0 || l.Reset > longestReset || l.Window < 0 || l.Window > longestReset {
		return Limits{}, false
	}
	if l.Quota == 0 {
		l.Quota = l.Left
	}
	if l.Quota == 0 || l.Reset == 0 && l.Window == 0 {
		return Limits{}, false
	}
	l.Left, l.Window = min(l.Left, l.Quota), max(l.Window, l.Reset)
	return l, true
}

// RateLimitHeaders reads the headers that many platforms agree on: RateLimit-Limit, -Remaining and -Reset, with or without X- before
// them. Reset is in seconds, or a time as seconds since 1970. It is for Config.Limits.
func RateLimitHeaders(h http.Header) (Limits, bool) {
	for _, prefix := range []string{"RateLimit-", "X-RateLimit-", "X-Rate-Limit-"} {
		left, ok := HeaderNumber(h, prefix+"Remaining")
		if !ok {
			continue
		}
		reset, ok := resetOf(h, prefix+"Reset")
		if !ok {
			continue
		}
		// A limit may be followed by how it is made up: 100, 100;w=60
		first, _, _ := strings.Cut(h.Get(prefix+"Limit"), ",")
		first, _, _ = strings.Cut(first, ";")
		quota, err := strconv.ParseInt(strings.TrimSpace(first), 10, 32)
		if err != nil {
			quota = 0
		}
		return Limits{Quota: quota, Left: left, Reset: reset}.sound()
	}
	return Limits{}, false
}

// epoch is the number from which on a reset is a time, and not how long it takes: 2001.
const epoch = 1_000_000_000

// resetOf reads how long a window lasts. A time is held against the date of the answer. Platforms round down to seconds: one is
// added, so that nothing is asked too early.
func resetOf(h http.Header, name string) (time.Duration, bool) {
	n, err := strconv.ParseFloat(strings.TrimSpace(h.Get(name)), 64)
	if err != nil || !(n >= 0 && n < 1<<40) {
		return 0, false
	}
	if n < epoch {
		return time.Duration(min(n+1, 2*longestReset.Seconds()) * float64(time.Second)), true
	}
	now, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return 0, false
	}
	// A window that has just ended is one that ends now.
	return max(time.Duration(min(n+1-float64(now.Unix()), 2*longestReset.Seconds())*float64(time.Second)), 0), true
}
