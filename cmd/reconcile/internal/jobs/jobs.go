// Package jobs has imports made in processes of their own, at a lower priority than the server that shows them: of each reconciliation
// one at a time. A worker tells on stdout, a line of JSON each, how far it is, and ends when its stdin does: it outlives nobody.
package jobs

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/reconcilehq/reconcile/engine/fault"
)

// Event is a line that a worker writes. It is of one of these.
type Event struct {
	Begin    []string  `json:"begin,omitempty"`    // the names of the sources that are being read
	Progress *Progress `json:"progress,omitempty"` // how far one of them is
	Waiting  *Waiting  `json:"waiting,omitempty"`  // one of them waits for its platform
	Read     bool      `json:"read,omitempty"`     // all were read to their ends
	Run      string    `json:"run,omitempty"`      // the run that was kept: all is done
	Failure  string    `json:"failure,omitempty"`  // why there is none
}

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

// State is how far an import is.
type State struct {
	Began   time.Time
	Sources []Reading
	Read    bool // all sources were read; the rest is computing
}

// Imports starts workers.
type Imports struct {
	// Command returns the command that imports a reconciliation. Its streams are set by Start.
	Command func(reconciliation string) (*exec.Cmd, error)
	// Failed is told why an import came to nothing.
	Failed func(reconciliation string, began time.Time, why string)
	Log    *slog.Logger

	mu      sync.Mutex
	running map[string]*job
	ending  bool
	ended   sync.WaitGroup
}

type job struct {
	state State
	stop  func()
}

// ErrEnding means that the server is being stopped.
var ErrEnding = errors.New("the server is being stopped")

// Start begins an import, and returns true; false if there is one of that reconciliation already, which goes on.
func (i *Imports) Start(reconciliation string) (began bool, err error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	switch {
	case i.ending:
		return false, ErrEnding
	case i.running[reconciliation] != nil:
		return false, nil
	}
	cmd, err := i.Command(reconciliation)
	if err != nil {
		return false, err
	}
	apart(cmd)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return false, fmt.Errorf("start an import: %w", err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return false, fmt.Errorf("start an import: %w", err)
	}
	said := &tail{}
	cmd.Stderr = said
	if err := cmd.Start(); err != nil {
		return false, fmt.Errorf("start an import: %w", err)
	}
	j := &job{state: State{Began: time.Now()}, stop: sync.OnceFunc(func() { _ = stdin.Close() })}
	if i.running == nil {
		i.running = map[string]*job{}
	}
	i.running[reconciliation] = j
	i.ended.Go(fault.Caught(func() { i.follow(reconciliation, j, cmd, stdout, said) }))
	return true, nil
}

// follow reads what a worker says until it ends.
func (i *Imports) follow(reconciliation string, j *job, cmd *exec.Cmd, stdout io.Reader, said *tail) {
	last := Event{}
	lines := bufio.NewScanner(stdout)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e Event
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			continue // of no worker of ours
		}
		if e.Run != "" || e.Failure != "" {
			last = e
		}
		i.mu.Lock()
		j.state.take(&e)
		i.mu.Unlock()
	}
	_, _ = io.Copy(io.Discard, stdout) // whatever a line too long has left
	err := cmd.Wait()
	j.stop()
	i.mu.Lock()
	ending := i.ending
	i.mu.Unlock()
	defer func() { // whoever looks then sees what became of it
		i.mu.Lock()
		defer i.mu.Unlock()
		delete(i.running, reconciliation)
	}()
	switch {
	case last.Run != "":
		i.Log.Info("imported", "reconciliation", reconciliation, "run", last.Run)
	case ending:
		i.Log.Warn("an import was given up", "reconciliation", reconciliation)
	default:
		why := last.Failure
		if why == "" {
			why = fmt.Sprintf("the import ended before it was done (%v)", err)
		}
		i.Log.Error("an import failed", "reconciliation", reconciliation, "error", why, "stderr", said.String())
		i.Failed(reconciliation, j.state.Began, why)
	}
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

// State returns how far the import of a reconciliation is; false if there is none.
func (i *Imports) State(reconciliation string) (State, bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	j := i.running[reconciliation]
	if j == nil {
		return State{}, false
	}
	s := j.state
	s.Sources = slices.Clone(s.Sources)
	return s, true
}

// Running returns how many imports are under way.
func (i *Imports) Running() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return len(i.running)
}

// Stop has all imports give up, and lets no more begin.
func (i *Imports) Stop() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.ending = true
	for _, j := range i.running {
		j.stop()
	}
}

// Wait waits until all imports have ended.
func (i *Imports) Wait(ctx context.Context) error {
	done := make(chan struct{})
	fault.Go(func() { i.ended.Wait(); close(done) })
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return errors.New("an import did not give up in time; it ends by itself")
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
