package web

import (
	"net/netip"
	"sync"
	"time"
)

// How log-ins are slowed down: after so many that failed in a row, the next has to wait, twice as long each time.
const (
	freeTries    = 5
	firstWait    = 2 * time.Second
	longestUser  = time.Minute      // a stranger who tries a name must not keep its owner out for long
	longestWait  = 15 * time.Minute // for an address
	forgetAfter  = 30 * time.Minute
	mostRemember = 20_000
)

// slowdown slows down those who guess passwords, by the name that they try and by the address that they come from.
type slowdown struct {
	now   func() time.Time
	mu    sync.Mutex
	tries map[string]*tries
}

type tries struct {
	failed int
	last   time.Time
	until  time.Time
	most   time.Duration
}

func newSlowdown(now func() time.Time) *slowdown {
	return &slowdown{now: now, tries: map[string]*tries{}}
}

// begin says how long a log-in has to wait; 0 if it may be tried now. Then it counts as failed until right is called: of many that
// come at once, no more are tried than one after another would be.
func (s *slowdown) begin(user string, from netip.Addr) (wait time.Duration, right func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	of := []*tries{s.of("user "+user, longestUser), s.of("from "+network(from), longestWait)}
	for _, t := range of {
		wait = max(wait, t.until.Sub(now))
	}
	if wait > 0 {
		return wait, func() {}
	}
	before := [2]tries{*of[0], *of[1]}
	for _, t := range of {
		t.fail(now)
	}
	return 0, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		*of[0] = tries{last: now, most: longestUser}
		// Who knows one password is not let off for guessing others from there.
		of[1].failed, of[1].until = before[1].failed, before[1].until
	}
}

func (t *tries) fail(now time.Time) {
	t.failed++
	t.last = now
	if over := t.failed - freeTries; over >= 0 {
		t.until = now.Add(min(firstWait<<min(over, 20), t.most))
	}
}

// of returns what is remembered by a key. What nobody has tried for long is forgotten, and the oldest where there is too much.
func (s *slowdown) of(key string, most time.Duration) *tries {
	now := s.now()
	if t, ok := s.tries[key]; ok && now.Sub(t.last) < forgetAfter {
		return t
	}
	if len(s.tries) >= mostRemember {
		oldest := ""
		for k, t := range s.tries {
			if now.Sub(t.last) >= forgetAfter {
				delete(s.tries, k)
			} else if oldest == "" || t.last.Before(s.tries[oldest].last) {
				oldest = k
			}
		}
		if len(s.tries) >= mostRemember {
			delete(s.tries, oldest)
		}
	}
	t := &tries{most: most, last: now}
	s.tries[key] = t
	return t
}

// network returns what is taken for one place: an address, of IPv6 the network that a customer has.
func network(a netip.Addr) string {
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}
