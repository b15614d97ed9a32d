// Package jobs has imports made in processes of their own, at a lower priority than the server that shows them, and plans made and carried out:
// of each reconciliation one import at a time, and one plan. A worker tells on stdout, a line of JSON each, how far it is, and ends when
// its stdin does: it outlives nobody.
package jobs

import (
	"bytes"
	"log/slog"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// Event is a line that a worker writes. It is of one of these.
type Event struct {
	Begin    []string  `json:"begin,omitempty"`    // the names of the sources that are being read
	Progress *Progress `json:"progress,omitempty"` // how far one of them is
	Waiting  *Waiting  `json:"waiting,omitempty"`  // one of them waits for its platform
	Read     bool      `json:"read,omitempty"`     // all were read to their ends
	Run      string    `json:"run,omitempty"`      // the run that was kept: all is done
	Done     string    `json:"done,omitempty"`     // the plan that was made, or carried out as far as it could be: all is done
	Estimate *Estimate `json:"estimate,omitempty"` // with Done: what carrying out the plan takes
	Failure  string    `json:"failure,omitempty"`  // why there is none
}

// isLast reports whether the event says what became of all.
func (e *Event) isLast() bool { return e.Run != "" || e.Done != "" || e.Failure != "" }

// Progress says how far a source is read.
type Progress struct {
	Source int    `json:"source"` // its place among those of Begin
	Items  int64  `json:"items"`
	Total  int64  `json:"total,omitempty"` // 0: not known
	Text   string `json:"text,omitempty"`
}

// Waiting says that a source waits, until when and why.
type Waiting struct {
	Source int    `json:"source"`
	Text   string `json:"text"`
}

// Reading is how far a source is read.
type Reading struct {
	Source       string
	Items, Total int64
	Text         string
}

// State is how far a worker is.
type State struct {
	Order   *Order // what it was told; nil: nothing
	Began   time.Time
	Sources []Reading
	Read    bool // all sources were read; the rest is computing
}

func (s *State) take(e *Event) {
	switch {
	case e.Begin != nil:
		s.Sources = nil
		for _, name := range e.Begin {
			s.Sources = append(s.Sources, Reading{Source: name})
		}
	case e.Progress != nil && e.Progress.Source >= 0 && e.Progress.Source < len(s.Sources):
		r := &s.Sources[e.Progress.Source]
		r.Items, r.Text = e.Progress.Items, e.Progress.Text
		if e.Progress.Total > 0 {
			r.Total = e.Progress.Total
		}
	case e.Waiting != nil && e.Waiting.Source >= 0 && e.Waiting.Source < len(s.Sources):
		s.Sources[e.Waiting.Source].Text = e.Waiting.Text
	case e.Read:
		s.Read = true
	}
}

// Imports are workers that import.
type Imports struct {
	Workers
	// Command returns the command that imports a reconciliation. Its streams are set by Start.
	Command func(reconciliation string) (*exec.Cmd, error)
	// Failed is told why an import came to nothing.
	Failed func(reconciliation string, began time.Time, why string)
	Log    *slog.Logger
}

// Start begins an import, and returns true; false if there is one of that reconciliation already that is as good, which goes on. seeing names what is
// known of what it will read. Where an import is under way that was begun when something else was known, or that has its results already,
// another one follows it.
func (i *Imports) Start(reconciliation, seeing string) (began bool, err error) {
	return i.Workers.Start(reconciliation, Work{
		Command: func() (*exec.Cmd, error) { return i.Command(reconciliation) },
		Waits:   true,
		Seeing:  seeing,
		Ended:   func(e *Ended) { i.ended(reconciliation, e) },
	})
}

func (i *Imports) ended(reconciliation string, e *Ended) {
	switch {
	case e.Last.Run != "":
		i.Log.Info("imported", "reconciliation", reconciliation, "run", e.Last.Run)
	case e.GivenUp:
		i.Log.Warn("an import was given up", "reconciliation", reconciliation)
	default:
		why := e.Why("import")
		i.Log.Error("an import failed", "reconciliation", reconciliation, "error", why, "stderr", e.Stderr)
		i.Failed(reconciliation, e.Began, why)
	}
}

// tail keeps the last of what is written to it.
type tail struct {
	mu   sync.Mutex
	text []byte
}

const longestTail = 4 << 10

// Write implements io.Writer.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	if over := len(t.text) - longestTail; over > 0 {
		t.text = bytes.Clone(t.text[over:])
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.ToValidUTF8(string(t.text), "")
}
