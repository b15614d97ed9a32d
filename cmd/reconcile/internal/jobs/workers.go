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

// Work is what a worker is to do.
type Work struct {
	Command func() (*exec.Cmd, error) // its process. The streams are set here
	Order   *Order                    // what it is told on stdin; nil: nothing
	// Waits lets it follow the worker under way where that is not as good: one that has told what became of it, or that was started for another
	// Seeing, which names what there is to be seen.
	Waits  bool
	Seeing string
	// Ended is called when it has come to its end, before anybody sees that it has.
	Ended func(*Ended)
}

type job struct {
	Work
	state State
	stop  func()
	told  bool  // it has said what became of it: only its process is still there
	next  *Work // what follows it; nil: nothing
}

// Ended is how a worker came to its end.
type Ended struct {
	Began   time.Time
	Last    Event // the last one that says what became of it; the zero Event if it said nothing
	GivenUp bool  // the server was being stopped
	NoStart bool  // it did not even begin, for Err
	Err     error // of the process
	Stderr  string
}

// Why says why nothing came of it; "" if something did.
func (e *Ended) Why(what string) string {
	switch {
	case e.Last.Failure != "":
		return e.Last.Failure
	case e.NoStart:
		return fmt.Sprintf("the %s did not begin: %v", what, e.Err)
	case e.Last.Run == "" && e.Last.Done == "":
		return fmt.Sprintf("the %s ended before it was done (%v)", what, e.Err)
	}
	return ""
}

// ErrEnding means that the server is being stopped.
var ErrEnding = errors.New("the server is being stopped")

// Start has a worker do what work says, and returns true: now, or when the one of that key has ended that work waits for. It returns false if there
// is one already that goes on, or one that follows that: this one sees all that there is then.
func (w *Workers) Start(key string, work Work) (began bool, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	j := w.running[key]
	switch {
	case w.ending:
		return false, ErrEnding
	case j == nil:
		err := w.start(key, work)
		return err == nil, err
	case !work.Waits || j.next != nil || !j.told && j.Seeing == work.Seeing:
		return false, nil
	}
	j.next = &work
	return true, nil
}

// start starts a worker. w.mu is held.
func (w *Workers) start(key string, work Work) error {
	cmd, err := work.Command()
	if err != nil {
		return err
	}
	apart(cmd)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return fmt.Errorf("start a worker: %w", err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("start a worker: %w", err)
	}
	said := &tail{}
	cmd.Stderr = said
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start a worker: %w", err)
	}
	j := &job{Work: work, state: State{Order: work.Order, Began: time.Now()}, stop: sync.OnceFunc(func() { _ = stdin.Close() })}
	if w.running == nil {
		w.running = map[string]*job{}
	}
	w.running[key] = j
	w.ended.Go(fault.Caught(func() {
		if work.Order != nil {
			_ = json.NewEncoder(stdin).Encode(work.Order) // one that does not read it ends, and says why
		}
		end := &Ended{Began: j.state.Began}
		defer w.follow(key, j)
		w.listen(j, end, stdout)
		end.Err = cmd.Wait()
		j.stop()
		end.Stderr = said.String()
		w.mu.Lock()
		end.GivenUp = w.ending
		w.mu.Unlock()
		work.Ended(end)
	}))
	return nil
}

// listen reads what a worker says until it ends.
func (w *Workers) listen(j *job, end *Ended, stdout io.Reader) {
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
		j.told = j.told || e.isLast()
		w.mu.Unlock()
	}
	_, _ = io.Copy(io.Discard, stdout) // whatever a line too long has left
}

// follow lets a worker that has ended be forgotten, and starts the one that follows it. Whoever looks then sees what became of the first, and of one
// that could not even begin.
func (w *Workers) follow(key string, j *job) {
	for {
		next, err := w.handOver(key, j)
		if err == nil {
			return
		}
		next.Ended(&Ended{Began: time.Now(), NoStart: true, GivenUp: errors.Is(err, ErrEnding), Err: err})
	}
}

// handOver starts what follows a worker in its place; nothing is there if nothing follows. With an error, which is of what it returns, the worker
// that has ended stays until that was told.
func (w *Workers) handOver(key string, j *job) (next *Work, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch next, j.next = j.next, nil; {
	case next == nil:
		delete(w.running, key)
		return nil, nil
	case w.ending:
		return next, ErrEnding
	}
	return next, w.start(key, *next)
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
