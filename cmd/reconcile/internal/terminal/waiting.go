package terminal

import (
	"strings"
	"sync"
	"time"
)

// Where no progress is shown, a wait is told as it begins if it is not short; one for the same thing as the last, such as a quota, once in
// a while.
const (
	shortWait   = 2 * time.Second
	betweenTold = time.Minute
	mostTold    = 100 // of one source in a read, whatever it says that it waits for
)

// waits are the waits of sources that were told of, where no progress is shown.
type waits struct {
	mu      sync.Mutex
	sources []string
	told    map[int]toldWait // by source, the last that was told
}

// toldWait is a wait that was told.
type toldWait struct {
	until time.Time
	what  string // the text without its time
	lines int    // that were told of the source's waits, in this read
}

// begin begins a read of sources of these names.
func (w *waits) begin(sources []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sources, w.told = sources, map[int]toldWait{}
}

// worth reports whether somebody should be told, at that time, that a source waits until then, and returns its name.
func (w *waits) worth(source int, now, until time.Time, text string) (name string, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if source >= len(w.sources) || !until.IsZero() && until.Sub(now) < shortWait { // zero: nobody knows until when
		return "", false
	}
	wait := toldWait{until: until, what: strings.TrimSuffix(text, until.Format(time.TimeOnly))}
	last := w.told[source]
	if last.what == wait.what && until.Sub(last.until) < betweenTold || last.lines == mostTold {
		return "", false
	}
	wait.lines = last.lines + 1
	w.told[source] = wait
	return w.sources[source], true
}

// Waiting shows that a source, which Begin has named at that place, waits for its platform until then. text says so.
func (t *Terminal) Waiting(source int, until time.Time, text string) {
	if m := t.meter; m != nil {
		m.wait(source, text)
		return
	}
	if name, ok := t.waits.worth(source, time.Now(), until, text); ok {
		t.Tell(name + ": " + text)
	}
}
