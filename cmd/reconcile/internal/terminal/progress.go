package terminal

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/reconcilehq/reconcile/engine/signs"
)

// meter shows how far reads are.
type meter struct {
	mu    sync.Mutex
	bar   *progressbar.ProgressBar
	sides []side
}

// side is a source that is read.
type side struct {
	name         string
	items, total int64
	text         string
}

// Begin shows, to somebody who watches, that sources of these names are being read.
func (t *Terminal) Begin(sources []string) {
	t.waits.begin(sources)
	if !t.watch {
		return
	}
	m := &meter{bar: progressbar.NewOptions64(-1, progressbar.OptionSetWriter(t.err), progressbar.OptionClearOnFinish(),
		progressbar.OptionSpinnerType(14), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionSetElapsedTime(true),
		progressbar.OptionSetDescription("Reading"))}
	for _, name := range sources {
		m.sides = append(m.sides, side{name: name})
	}
	t.meter = m
}

// Progress shows how far the read of a source is, which Begin has named at that place.
func (t *Terminal) Progress(source int, items, total int64, text string) {
	m := t.meter
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	s := &m.sides[source]
	s.items, s.text = items, text
	if total > 0 {
		s.total = total
	}
	m.show()
}

// wait shows that the read of a source waits.
func (m *meter) wait(source int, text string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sides[source].text = text
	m.show()
}

// show shows all sides.
func (m *meter) show() {
	var parts []string
	for _, s := range m.sides {
		part := fmt.Sprintf("%s %d", s.name, s.items)
		if s.total > 0 {
			part += fmt.Sprintf(" of %d", s.total)
		}
		if s.text != "" {
			part += " (" + s.text + ")"
		}
		parts = append(parts, part)
	}
	m.bar.Describe("Reading " + signs.Text(strings.Join(parts, ", ")))
	_ = m.bar.Add(0) // a terminal that goes away is no reason to stop
}

// End takes away what Begin shows.
func (t *Terminal) End() {
	if t.meter != nil {
		_ = t.meter.bar.Finish()
		t.meter = nil
	}
}

// Tell prints a line to Err, wrapped where that is a terminal, whatever progress is shown meanwhile.
func (t *Terminal) Tell(line string) {
	if m := t.meter; m != nil {
		m.mu.Lock()
		defer m.mu.Unlock()
		_ = m.bar.Clear()
	}
	fmt.Fprintln(t.Err, t.wrapped(signs.Lines(t.hide(line))))
}
