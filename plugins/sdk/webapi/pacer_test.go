package webapi

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// simulation is an API with a quota, and its clients, in a time of its own.
type simulation struct {
	now    time.Time
	events []event // in the order of their times

	quota, left int64
	length      time.Duration
	ends        time.Time
	aligned     bool          // windows follow each other without a gap
	coarse      time.Duration // in which units it says when a window ends, rounded down

	windows, allowed, refused, fullest int64
	inWindow                           int64
	othersAllowed, othersRefused       int64
}

type event struct {
	at time.Time
	do func()
}

func (s *simulation) Now() time.Time { return s.now }
func (s *simulation) Sleep(context.Context, time.Duration) error {
	panic("nobody sleeps in a simulation")
}

func (s *simulation) after(d time.Duration, do func()) {
	e := event{s.now.Add(d), do}
	at, _ := slices.BinarySearchFunc(s.events, e, func(a, b event) int {
		if a.at.After(b.at) {
			return 1
		}
		return -1 // those of one time in the order in which they were planned
	})
	s.events = slices.Insert(s.events, at, e)
}

func (s *simulation) step() {
	e := s.events[0]
	s.events = s.events[1:]
	s.now = e.at
	e.do()
}

// count takes a request off the quota, as the API does, and returns what it says about that.
func (s *simulation) count() (*Limits, bool) {
	if !s.now.Before(s.ends) {
		from := s.now
		if s.aligned && !s.ends.IsZero() {
			from = s.ends.Add(s.now.Sub(s.ends).Truncate(s.length))
		}
		s.ends, s.left, s.inWindow = from.Add(s.length), s.quota, 0
		s.windows++
	}
	ok := s.left > 0
	if ok {
		s.left--
	}
	return &Limits{Quota: s.quota, Left: s.left, Window: s.length, Reset: s.ends.Sub(s.now).Truncate(max(s.coarse, time.Millisecond))}, ok
}

// shared returns a pacer for limits that other apps take from, too.
func shared(clock Clock, share float64) *pacer {
	return newPacer(Config{Clock: clock, Name: "the API", Share: share, Shared: true})
}

// readers are clients that share a pacer and make so many requests in all, as fast as they are let.
type readers struct {
	*simulation
	pacer *pacer
	delay func() time.Duration // between sending and counting, and between counting and the answer
	loses func() bool          // an answer
	done  int
	waits bool // a look at the clock is planned
}

func (r *readers) queue(n int) {
	for range n {
		r.pacer.queue = append(r.pacer.queue, &turn{})
	}
	r.push()
}

// push lets go what may go.
func (r *readers) push() {
	for len(r.pacer.queue) > 0 {
		t := r.pacer.queue[0]
		if r.pacer.trial != nil {
			t = r.pacer.trial
		}
		if !slices.Contains(r.pacer.queue, t) {
			return
		}
		gone, wait, _ := r.pacer.send(t, r.now)
		if !gone {
			if wait > 0 && !r.waits {
				r.waits = true
				r.after(wait, func() { r.waits = false; r.push() })
			}
			return
		}
		r.after(r.delay(), func() {
			limits, ok := r.count()
			if ok {
				r.allowed++
				r.inWindow++
				r.fullest = max(r.fullest, r.inWindow)
			} else {
				r.refused++
			}
			r.after(r.delay(), func() {
				if r.pacer.window.known && r.loses() { // the connection breaks, and the request is made again
					r.pacer.leave(t, false, nil)
					r.pacer.hold(t, time.Second, "no answer")
					r.pacer.queue = append(r.pacer.queue, t)
					r.push()
					return
				}
				r.pacer.leave(t, true, limits)
				if !ok {
					r.pacer.hold(t, max(limits.Reset, firstPause), "429")
					r.pacer.queue = append(r.pacer.queue, t)
					r.push()
					return
				}
				r.pacer.end(t, true)
				r.done++
				r.push()
			})
		})
	}
}

// TestNoRequestIsRefused has an API with any quota and window answer more requests than a window allows: as long as nobody else takes
// from the quota, none may be refused, and they take no more windows than they must.
//
// An answer takes no longer than a window: both are 30 seconds, usualTimeout and the vendor's windows. Of one that took longer nobody
// could say which window has counted it, and once in 20,000 catalogues a request is refused then, which waits and is made again.
func TestNoRequestIsRefused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := &simulation{now: time.Unix(1_800_000_000, 0), quota: rapid.Int64Range(1, 450).Draw(t, "quota"),
			length:  time.Duration(rapid.IntRange(200, 30_000).Draw(t, "window in ms")) * time.Millisecond,
			aligned: rapid.Bool().Draw(t, "aligned")}
		slowest := time.Duration(rapid.IntRange(1, min(3000, int(s.length.Milliseconds()/2))).Draw(t, "slowest in ms")) * time.Millisecond
		share := rapid.SampledFrom([]float64{0.5, 0.95, 1}).Draw(t, "share")
		source := rapid.Int64Range(0, int64(slowest))
		frail := s.quota > MostInFlight && rapid.Bool().Draw(t, "frail")
		others := rapid.Bool().Draw(t, "others may take from it")
		r := &readers{simulation: s, pacer: newPacer(Config{Clock: s, Share: share, Shared: others}),
			delay: func() time.Duration { return time.Duration(source.Draw(t, "delay")) },
			loses: func() bool { return frail && rapid.IntRange(0, 19).Draw(t, "lost if 0") == 0 }}
		total := int(min(s.quota*3, 300)) + 1
		r.queue(total)
		began := s.now
		for steps := 0; r.done < total; steps++ {
			if len(s.events) == 0 || steps > 100*total {
				t.Fatalf("it stands still at %d of %d", r.done, total)
			}
			s.step()
		}
		if s.refused > 0 {
			t.Errorf("%d of %d requests were refused", s.refused, total)
		}
		// Each window lets at least one go, and all but what is left to others; latency comes on top.
		ours := max(1, int64(float64(s.quota)*share+1e-9))
		if most := time.Duration(int64(total)/ours+2)*(s.length+4*slowest+5*time.Millisecond) + time.Duration(total)*2*slowest; !frail && s.now.Sub(began) > most {
			t.Errorf("%d requests took %s, more than %s", total, s.now.Sub(began), most)
		}
	})
}

// TestTheQuotaIsUsed makes as many requests as a full read of 250,000 SKUs takes: they need hardly more windows than the
// quota demands. BenchmarkFullRead250k is the same with a store and a clock on the wall.
func TestTheQuotaIsUsed(t *testing.T) {
	for _, total := range []int{100, 142, 150, 300, 1177, 1270} {
		s := &simulation{now: time.Unix(1_800_000_000, 0), quota: 150, length: time.Second}
		r := &readers{simulation: s, pacer: shared(s, 0.95), delay: func() time.Duration { return 10 * time.Millisecond },
			loses: func() bool { return false }}
		began := s.now
		for r.queue(total); r.done < total; {
			s.step()
		}
		took, most := s.now.Sub(began).Seconds(), 1.05*(float64(total)/150-1)+2
		t.Logf("%d requests in %.2f windows, of at most %.2f", total, took, most)
		if took > most || s.refused > 0 {
			t.Errorf("%d requests took %.2f windows, want at most %.2f; %d were refused", total, took, most, s.refused)
		}
	}
}

// TestCoarseResets reads from an API that says in tenths of seconds when a window ends, rounded down: it is asked too
// early a few times, and then no more.
func TestCoarseResets(t *testing.T) {
	s := &simulation{now: time.Unix(1_800_000_000, 0), quota: 20, length: 10 * time.Second, coarse: 100 * time.Millisecond}
	delays := []time.Duration{7 * time.Millisecond, 31 * time.Millisecond, 3 * time.Millisecond, 11 * time.Millisecond}
	n := 0
	r := &readers{simulation: s, pacer: shared(s, 0.95), loses: func() bool { return false },
		delay: func() time.Duration { n++; return delays[n%len(delays)] }}
	const total = 600
	for r.queue(total); r.done < total; {
		s.step()
	}
	if s.windows < total/20 || s.refused > 4 {
		t.Errorf("%d of %d requests were refused in %d windows", s.refused, total, s.windows)
	}
}

// TestAnotherAppIsNotStarved has another app take half of the quota, evenly spread: it gets nearly all that it asks for,
// and so do we.
func TestAnotherAppIsNotStarved(t *testing.T) {
	for _, c := range []struct {
		quota, others int64
		length        time.Duration
	}{{150, 75, time.Second}, {150, 75, 30 * time.Second}, {450, 225, 30 * time.Second}, {150, 30, 30 * time.Second}, {150, 150, 30 * time.Second}} {
		t.Run(fmt.Sprintf("%d of %d in %s", c.others, c.quota, c.length), func(t *testing.T) {
			s := &simulation{now: time.Unix(1_800_000_000, 0), quota: c.quota, length: c.length, aligned: true}
			r := &readers{simulation: s, pacer: shared(s, 0.95), delay: func() time.Duration { return 10 * time.Millisecond },
				loses: func() bool { return false }}
			var other func()
			other = func() {
				if _, ok := s.count(); ok {
					s.othersAllowed++
				} else {
					s.othersRefused++
				}
				s.after(c.length/time.Duration(c.others), other)
			}
			s.after(0, other)
			const total = 1000
			began := s.now
			s.after(c.length/3, func() { r.queue(total) })
			for r.done < total {
				s.step()
			}
			windows := float64(s.now.Sub(began)) / float64(c.length)
			t.Logf("%d requests in %.1f windows, %d refused; the other app got %d and was refused %d", total, windows, s.refused, s.othersAllowed, s.othersRefused)
			free := max(c.quota-c.others, c.quota/2) - 2*c.quota/10
			if windows > float64(total)/float64(free)+2 {
				t.Errorf("it took %.1f windows", windows)
			}
			if c.others <= c.quota/2 && s.othersRefused*50 > s.othersAllowed {
				t.Errorf("the other app was refused %d of %d requests", s.othersRefused, s.othersRefused+s.othersAllowed)
			}
		})
	}
}
