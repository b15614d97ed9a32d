package main

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/reconcilehq/reconcile/rules/source"
)

// progress shows a person how far reads are, and keeps the sources' warnings for afterwards.
type progress struct {
	app   *app
	mu    sync.Mutex
	bar   *progressbar.ProgressBar // nil where nobody watches
	sides []*sideProgress
}

// sideProgress is one source of it; it implements engine.Watcher.
type sideProgress struct {
	of           *progress
	name, label  string // label is the connector's name and the source's: amberpos.shop
	items, total int64
	text         string
	warnings     []string
	notes        []string
	notices      []string
}

func newProgress(a *app, sources ...*source.Source) *progress {
	p := &progress{app: a}
	for _, s := range sources {
		p.sides = append(p.sides, &sideProgress{of: p, name: s.Name, label: s.Connector + "." + s.Name})
	}
	if a.person && !a.verbose {
		p.bar = progressbar.NewOptions64(-1, progressbar.OptionSetWriter(a.stderr), progressbar.OptionClearOnFinish(),
			progressbar.OptionSpinnerType(14), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionSetElapsedTime(true),
			progressbar.OptionSetDescription("Reading"))
	}
	return p
}

func (p *progress) side(i int) *sideProgress { return p.sides[i] }

// Progress notes how far the read is.
func (s *sideProgress) Progress(items, total int64, text string) {
	p := s.of
	p.mu.Lock()
	defer p.mu.Unlock()
	s.items = items
	if total > 0 {
		s.total = total
	}
	s.text = text
	if p.bar == nil {
		return
	}
	var parts []string
	for _, side := range p.sides {
		part := fmt.Sprintf("%s %d", side.name, side.items)
		if side.total > 0 {
			part += fmt.Sprintf(" of %d", side.total)
		}
		if side.text != "" {
			part += " (" + side.text + ")"
		}
		parts = append(parts, part)
	}
	p.bar.Describe("Reading " + strings.Join(parts, ", "))
	_ = p.bar.Add(0) // a terminal that goes away is no reason to stop
}

// Warning keeps a warning.
func (s *sideProgress) Warning(text string) {
	s.of.mu.Lock()
	defer s.of.mu.Unlock()
	s.warnings = append(s.warnings, text)
}

// Notice keeps what had to be guessed about how the source is read.
func (s *sideProgress) Notice(text string) {
	s.of.mu.Lock()
	defer s.of.mu.Unlock()
	s.notices = append(s.notices, text)
}

// note keeps something to tell after the read that is no cause for worry.
func (s *sideProgress) note(format string, args ...any) {
	s.of.mu.Lock()
	defer s.of.mu.Unlock()
	s.notes = append(s.notes, fmt.Sprintf(format, args...))
}

// say tells something at once, for example why nothing goes on.
func (s *sideProgress) say(format string, args ...any) {
	s.of.mu.Lock()
	defer s.of.mu.Unlock()
	if s.of.bar != nil {
		_ = s.of.bar.Clear()
	}
	fmt.Fprintf(s.of.app.stderr, format+"\n", args...)
}

// finish clears the bar and prints the notices, the notes and the warnings.
func (p *progress) finish() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
	for _, s := range p.sides {
		for _, text := range s.notices {
			fmt.Fprintf(p.app.stderr, "%s: %s\n", s.label, p.app.secrets.Hide(text))
		}
		for _, text := range s.notes {
			fmt.Fprintln(p.app.stderr, text)
		}
		for _, text := range s.warnings {
			p.app.warn("source %q: %s", s.name, text)
		}
	}
}
