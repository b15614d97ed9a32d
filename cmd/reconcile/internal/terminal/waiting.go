package terminal

import (
	"sync"
	"time"
)

// A wait is told where no progress is shown if it lasts for some time, and not as often as a quota makes a source wait.
const (
	shortWait   = 5 * time.Second
	betweenTold = time.Minute
)

// waits are the waits of sources that were told of, where no progress is shown.
type waits struct {
	mu      sync.Mutex
	sources []string
	told    map[int]time.Time // until when a source waits that was told of last
}

// begin begins a read of sources of these names.
func (w *waits) begin(sources []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sources, w.told = sources, map[int]time.Time{}
}

// worth reports whether somebody should be told, at that time, that a source waits until then, and returns its name.
func (w *waits) worth(source int, now, until time.Time) (name string, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if source >= len(w.sources) || until.Sub(now) < shortWait {
		return "", false
	}
	if last, ok := w.told[source]; ok && until.Sub(last) < betweenTold {
		return "", false
	}
	w.told[source] = until
	return w.sources[source], true
}

// Waiting shows that a source, which Begin has named at that place, waits for its platform until then. text says so.
func (t *Terminal) Waiting(source int, until time.Time, text string) {
	if m := t.meter; m != nil {
		m.wait(source, text)
		return
	}
	if name, ok := t.waits.worth(source, time.Now(), until); ok {
		t.Tell(name + ": " + text)
	}
}
