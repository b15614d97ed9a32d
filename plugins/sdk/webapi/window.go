package webapi

import (
	"math"
	"time"
)

// window is what is known of the current time window: the platform allows so many requests in each.
type window struct {
	shared bool // with other clients, which get their part

	known  bool
	quota  int64
	left   int64 // as the last answer said; what is under way is not taken off
	lost   int64 // requests of which nothing is known but that they may have been counted
	length time.Duration
	ends   time.Time // it is over by then
	lasts  time.Time // it is not over before that

	ours    int64         // of our requests, those that this window is known to have counted
	others  int64         // requests of other clients in it
	seen    time.Time     // the last answer that counts
	expect  int64         // what other clients use of a window, going by those before
	grain   time.Duration // how coarsely the API says when a window ends
	windows int           // that were seen before it, without a gap
}

// resetGrain is the precision with which the API says when a window ends, until its answers show that it is coarser.
const resetGrain = 2 * time.Millisecond

// note notes what an answer says. Its request was sent at sent and answered at now. earlier is the number of requests that
// were sent before it and are not answered yet.
//
// The end of the window that the answer tells shows which window counted the request. Half a window is precise enough for
// that: answers take time, and the API may round. If it is not clear, the answer is counted in this window, which never
// allows too many requests.
func (w *window) note(l Limits, sent, now time.Time, earlier int) {
	// The API counted it somewhere in between, and said how long from then the window would last.
	lasts, ends := sent.Add(l.Reset), now.Add(l.Reset+max(w.grain, resetGrain))
	late := !sent.Before(w.ends) // when this window should have been over
	switch {
	case !w.known || lasts.Sub(w.ends) > w.length/2 || late && l.Left > w.left:
		w.begin(l, lasts, ends)
	case w.lasts.Sub(ends) > w.length/2:
		return // of the window before
	default:
		w.left, w.quota = min(w.left, l.Left), l.Quota
		if lasts.After(w.lasts) {
			w.lasts = lasts
		}
		switch {
		case lasts.After(w.ends), late && ends.After(w.ends): // it is not over then after all
			w.ends = ends
		case ends.Before(w.ends) && now.Sub(sent) < w.length/2:
			w.ends = ends
		}
		if late && l.Left == 0 { // it was not over: the API tells the time in coarser units
			w.grain = min(max(4*w.grain, 10*resetGrain), w.length/20)
		}
	}
	w.ours++
	w.seen = now
	if l.Left <= w.left {
		w.others = max(0, w.quota-w.left-w.ours-int64(earlier))
	}
}

func (w *window) begin(l Limits, lasts, ends time.Time) {
	switch {
	case !w.known:
	case lasts.Sub(w.ends) > 2*w.length: // others may have come and gone since
		w.windows, w.expect = 0, 0
	default:
		passed := max(1-w.rest(w.seen), 0.2) // of the window, when that was seen
		w.expect = max(int64(math.Ceil(float64(w.others)/passed)), w.expect/2)
		w.windows++
	}
	w.known, w.quota, w.left, w.length = true, l.Quota, l.Left, l.Window
	w.lasts, w.ends, w.ours, w.others, w.lost = lasts, ends, 0, 0, 0
}

// reserve returns how many of the window's requests we must leave. rest is the part of the window that is still to come,
// share the part of the quota that is ours by the settings. The other clients get what is left of the quota, or what they seem
// to need if that is more: as many as they used of the windows before, at most half of the quota. In the first window that
// is not known: they get half of it, and less the longer none of them asks. We also keep a few of our own for later in the
// window, since only answers show what the others do.
func (w *window) reserve(rest, share float64) float64 {
	if !w.shared {
		return min(math.Floor(float64(w.quota)*(1-share)+1e-9), float64(w.quota-1))
	}
	half := float64(w.quota / 2)
	need := float64(w.expect - w.others)
	if w.windows == 0 {
		need = half * rest
	}
	least := math.Ceil(float64(w.quota)*(1-share) - 1e-9)
	return min(max(least, min(need, half))+float64(w.quota)/samplesOf*rest, float64(w.quota-1))
}

// usable is how many requests are ours of a window in which no other client asks.
func (w *window) usable(share float64) int64 { return max(w.quota-int64(w.reserve(0, share)), 1) }

// takes estimates how long so many requests take that go as soon as the windows allow: what is free of this window goes at once, and each
// window after it begins with all that is ours.
func (w *window) takes(requests int64, each time.Duration, share float64, now time.Time) time.Duration {
	usable, wait := w.usable(share), time.Duration(0)
	if now.Before(w.ends) {
		free := max(w.left-w.lost-int64(w.reserve(0, share)), 0)
		if requests <= free {
			return 0
		}
		requests, wait = requests-free, w.ends.Sub(now)
	}
	whole := (requests - 1) / usable
	return wait + time.Duration(whole)*w.length + time.Duration(requests-whole*usable)*each
}

// samplesOf says which part of the quota is spread over the window, and not used at once: one in samplesOf.
const samplesOf = 20

// rest is how much of the window is still to come, from 0 to 1.
func (w *window) rest(now time.Time) float64 {
	return min(max(float64(w.ends.Sub(now))/float64(w.length), 0), 1)
}

// admit reports whether one more request may go besides those in flight, with room for some more. If not, it returns how long to
// wait, and why.
func (w *window) admit(now time.Time, flight []*turn, share float64, room int64) (bool, time.Duration, string) {
	if !w.known {
		return true, 0, ""
	}
	free := w.left - w.lost - int64(len(flight)) - min(room, max(w.usable(share)/2, 1)-1)
	if !now.Before(w.ends) {
		// A new window should have begun. Use what the last one left; if that is nothing, one request goes alone to find out.
		alone := len(flight) == 0 || flight[len(flight)-1].sent.Before(w.ends)
		return free > 0 || alone && int64(len(flight)) < w.quota, 0, ""
	}
	rest := w.rest(now)
	switch {
	case float64(free) > w.reserve(rest, share):
		return true, 0, ""
	case free <= 0:
		return false, w.ends.Sub(now), "'s quota"
	}
	// The reserve shrinks with the window: find when it is less than what is free.
	early, late := 0.0, rest
	if float64(free) > w.reserve(0, share) {
		for range 20 {
			if middle := (early + late) / 2; float64(free) > w.reserve(middle, share) {
				early = middle
			} else {
				late = middle
			}
		}
	}
	return false, time.Duration((rest-early)*float64(w.length)) + time.Millisecond, "'s quota (the rest is left to other apps)"
}
