package jobs

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"sync"
	"time"

	"github.com/reconcilehq/reconcile/engine/fault"
)

// Workers are processes that this one has started, of each key one at a time. The zero Workers has none.
type Workers struct {
	mu      sync.Mutex
	running map[string]*job
	ending  bool
	ended   sync.WaitGroup
}

type job struct {
	state State
	stop  func()
}

// Ended is how a worker came to its end.
type Ended struct {
	Began   time.Time
	Last    Event // the last one that says what became of it; the zero Event if it said nothing
	GivenUp bool  // the server was being stopped
	Err     error // of the process
	Stderr  string
}

// Why says why nothing came of it; "" if something did.
func (e *Ended) Why(what string) string {
	switch {
	case e.Last.Failure != "":
		return e.Last.Failure
	case e.Last.Run == "" && e.Last.Done == "":
		return fmt.Sprintf("the %s ended before it was done (%v)", what, e.Err)
	}
	return ""
}

// ErrEnding means that the server is being stopped.
var ErrEnding = errors.New("the server is being stopped")

// Start starts a worker, and returns true; false if there is one of that key already, which goes on. command returns its command, whose streams
// are set here. order is what it is told on stdin; nil: nothing. ended is called when it has come to its end, before anybody sees that it has.
func (w *Workers) Start(key string, command func() (*exec.Cmd, error), order *Order, ended func(*Ended)) (began bool, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.ending:
		return false, ErrEnding
	case w.running[key] != nil:
		return false, nil
	}
	cmd, err := command()
	if err != nil {
		return false, err
	}
	apart(cmd)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return false, fmt.Errorf("start a worker: %w", err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return false, fmt.Errorf("start a worker: %w", err)
	}
	said := &tail{}
	cmd.Stderr = said
	if err := cmd.Start(); err != nil {
		return false, fmt.Errorf("start a worker: %w", err)
	}
	j := &job{state: State{Order: order, Began: time.Now()}, stop: sync.OnceFunc(func() { _ = stdin.Close() })}
	if w.running == nil {
		w.running = map[string]*job{}
	}
	w.running[key] = j
	w.ended.Go(fault.Caught(func() {
		if order != nil {
			_ = json.NewEncoder(stdin).Encode(order) // one that does not read it ends, and says why
		}
		w.follow(key, j, cmd, stdout, said, ended)
	}))
	return true, nil
}

// follow reads what a worker says until it ends.
func (w *Workers) follow(key string, j *job, cmd *exec.Cmd, stdout io.Reader, said *tail, ended func(*Ended)) {
	end := &Ended{Began: j.state.Began}
	lines := bufio.NewScanner(stdout)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e Event
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			continue // of no worker of ours
		}
		if e.isLast() {
			end.Last = e
		}
		w.mu.Lock()
		j.state.take(&e)
		w.mu.Unlock()
	}
	_, _ = io.Copy(io.Discard, stdout) // whatever a line too long has left
	end.Err = cmd.Wait()
	j.stop()
	end.Stderr = said.String()
	w.mu.Lock()
	end.GivenUp = w.ending
	w.mu.Unlock()
	defer func() { // whoever looks then sees what became of it
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.running, key)
	}()
	ended(end)
}

// State returns how far the worker of a key is; false if there is none.
func (w *Workers) State(key string) (State, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	j := w.running[key]
	if j == nil {
		return State{}, false
	}
	s := j.state
	s.Sources = slices.Clone(s.Sources)
	return s, true
}

// Running returns how many workers there are.
func (w *Workers) Running() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.running)
}

// Stop has all workers give up, and lets no more begin.
func (w *Workers) Stop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ending = true
	for _, j := range w.running {
		j.stop()
	}
}

// Wait waits until all workers have ended.
func (w *Workers) Wait(ctx context.Context) error {
	done := make(chan struct{})
	fault.Go(func() { w.ended.Wait(); close(done) })
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return errors.New("a worker did not give up in time; it ends by itself")
	}
}
