package webapi

import "time"

// bucket is what is known of a bucket of points: each request takes some out, and it fills up again with time.
type bucket struct {
	known     bool
	size      float64
	left      float64 // at the time at
	at        time.Time
	perSecond float64
	cost      float64 // what a request is taken to cost that does not say
}

// note notes what the answer to t says. alone says that nothing else was under way meanwhile. If something was, answers may come in
// another order than that in which the platform counted, so that the highest of them says nothing.
func (b *bucket) note(l Limits, t *turn, now time.Time, alone bool) {
	if b.cost == 0 {
		b.cost = 1
	}
	cost := b.costOf(t)
	if l.Cost > 0 {
		b.cost, cost = float64(l.Cost), float64(l.Cost)
	}
	left := min(float64(l.Left), float64(l.Quota))
	if b.known && !alone {
		left = min(left, b.full(now)-cost)
	}
	b.known, b.size, b.left, b.perSecond, b.at = true, float64(l.Quota), left, l.PerSecond, now
}

// full is how full the bucket is, but for what is under way.
func (b *bucket) full(now time.Time) float64 {
	return min(b.size, b.left+b.perSecond*max(now.Sub(b.at).Seconds(), 0))
}

// costOf is what a request is taken to cost.
func (b *bucket) costOf(t *turn) float64 {
	if t.cost > 0 {
		return float64(t.cost)
	}
	return b.cost
}

// admit reports whether one more request may go besides those in flight, of which the platform may not have counted any; if not,
// how long to wait: 0 if only an answer can change it.
func (b *bucket) admit(t *turn, now time.Time, flight []*turn, share float64) (bool, time.Duration) {
	if !b.known {
		return true, 0
	}
	under := 0.0 // way
	for _, other := range flight {
		under += b.costOf(other)
	}
	free := b.full(now) - under
	// More than the bucket holds can be had of none: then a full one has to do.
	want := min(b.costOf(t)+b.size*(1-share), b.size)
	switch {
	case free >= want-1e-9:
		return true, 0
	case b.size-under < want:
		return false, 0
	}
	wait := time.Duration((want - free) / b.perSecond * float64(time.Second))
	return false, min(wait, longestReset) + time.Millisecond
}
