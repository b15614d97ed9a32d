// Package queue compares the shops of a configuration by jobs, on as many machines as there are workers: the jobs are in the store (see
// store.Job), and each worker takes the next one that may be done. What schedules want becomes jobs by the same workers.
//
//	plan      what schedules want, as jobs that are there once      (plan.go)
//	worker    does jobs, says that it is there, and keeps results   (this file)
//	waker     has a worker take jobs when there may be some         (waker.go)
//	commands  reconcile worker and reconcile fleet                  (commands.go, fleetcommands.go)
package queue

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/reconcilehq/reconcile/engine/fault"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
)

// Worker does jobs of one configuration.
type Worker struct {
	Store     *store.Store
	About     store.Worker // how it is listed
	UntilDone bool         // it ends when nothing waits and nothing is being done
	Log       *slog.Logger

	// Plan adds the jobs that schedules want, and returns when it is to be called again at the latest.
	Plan func(ctx context.Context) (again time.Duration, err error)
	// Compare does a job. Where its result is kept, the job is done with it.
	Compare func(ctx context.Context, j *store.Job) Result
	// Failed returns what is kept of a job that has failed for good, but for why.
	Failed func(j *store.Job) (*store.Run, error)

	by waker // nil: that of the store

	mu       sync.Mutex
	running  map[int64]*held
	draining bool
	wake     chan struct{}
}

// Result is what became of a job.
type Result struct {
	Failure  string // why there is no result; "" if there is one
	Store    error  // what was wrong with the store, where that is the reason: the job is done again, and that counts as no try
	Run      string
	Warnings []string
}

// held is a job that a worker has.
type held struct {
	job    *store.Job
	lost   bool // by Renew's word
	cancel context.CancelFunc
}

const (
	renewEvery = store.Lease / 3
	endWithin  = 5 * time.Second // to give back jobs, when the worker is being stopped
	askWithin  = store.Lease / 2 // to ask the database: after that, the connection is given up for a new one
)

// Run does jobs until ctx is done, then gives back what is not done. It also ends when somebody drains it, after it has done what it has.
func (w *Worker) Run(ctx context.Context) error {
	w.running, w.wake = map[int64]*held{}, make(chan struct{}, 1)
	if err := w.Store.EnterWorker(ctx, &w.About); err != nil {
		return err
	}
	beside, stop := context.WithCancel(context.WithoutCancel(ctx)) // jobs that are given back are held until they are
	var others sync.WaitGroup
	others.Go(fault.Caught(func() { w.renew(beside) }))
	planning, planned := context.WithCancel(ctx)
	others.Go(fault.Caught(func() { w.plan(planning) }))
	by := w.by
	if by == nil {
		by = wakerOf(w.Store)
	}
	err := by.run(ctx, w)
	planned()
	stop()
	others.Wait()
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), endWithin)
	defer cancel()
	return errors.Join(err, w.Store.LeaveWorker(end, w.About.ID))
}

// next takes the next job; nil if there is none.
func (w *Worker) next(ctx context.Context) *store.Job {
	if w.hasEnded(ctx) {
		return nil
	}
	ask, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	j, err := w.Store.Take(ask, w.About.ID, w.About.Config)
	if err != nil && ctx.Err() == nil {
		w.Log.Error("take a job", "error", err)
	}
	return j
}

// isDone reports whether nothing is left to do, here and elsewhere.
func (w *Worker) isDone(ctx context.Context) bool {
	q, err := w.Store.Queue(ctx, w.About.Config)
	return err == nil && q.States[store.Waiting]+q.States[store.Running] == 0
}

// pause waits for a while, or until somebody pokes.
func (w *Worker) pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-w.wake:
	}
}

func (w *Worker) poke() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

func (w *Worker) hold(h *held) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.running[h.job.ID] = h
}

func (w *Worker) letGo(h *held) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.running[h.job.ID] == h {
		delete(w.running, h.job.ID)
	}
}

func (w *Worker) isDraining() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.draining
}

// hasEnded reports whether no more jobs are taken.
func (w *Worker) hasEnded(ctx context.Context) bool { return ctx.Err() != nil || w.isDraining() }

// have does a job that the worker has taken, and has it renewed meanwhile.
func (w *Worker) have(ctx context.Context, j *store.Job) {
	h := &held{job: j}
	of, cancel := context.WithTimeout(ctx, j.Deadline)
	defer cancel()
	h.cancel = cancel
	w.hold(h)
	defer w.letGo(h)
	w.do(ctx, of, h)
}

// do does one job. of ends with its deadline, ctx with the worker.
func (w *Worker) do(ctx, of context.Context, h *held) {
	j := h.job
	log := w.Log.With("shop", j.Shop, "reconciliation", j.Reconciliation, "night", j.Night)
	began := time.Now()
	log.Debug("compare", "attempt", j.Attempt)
	r := w.Compare(of, j)
	for _, text := range r.Warnings {
		log.Warn(text)
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), endWithin)
	defer cancel()
	w.mu.Lock()
	lost := h.lost
	w.mu.Unlock()
	switch {
	case r.Failure == "":
		log.Info("compared", "run", r.Run, "seconds", time.Since(began).Seconds())
	case lost || errors.Is(r.Store, store.ErrLost):
		log.Warn("given up: the job is another worker's now, or was cancelled")
	case ctx.Err() != nil:
		w.giveBack(end, log, j)
	case r.Store != nil:
		log.Error("the job is given back: its result cannot be kept", "error", r.Store)
		w.giveBack(end, log, j)
		w.pause(ctx, pollEvery)
	default:
		if of.Err() != nil {
			r.Failure = fmt.Sprintf("it took longer than it may, %s: see deadline in the schedule block", j.Deadline)
		}
		w.fail(ctx, log, j, r.Failure)
	}
}

// giveBack has a job wait again. Where that fails the lease runs out.
func (w *Worker) giveBack(ctx context.Context, log *slog.Logger, j *store.Job) {
	if err := w.Store.GiveBack(ctx, j); err != nil && !errors.Is(err, store.ErrLost) {
		log.Error("give back a job: others take it when its lease has run out", "error", err)
	}
}

// fail says that a job came to nothing. A database that is away for a while may be back before the lease has run out.
func (w *Worker) fail(ctx context.Context, log *slog.Logger, j *store.Job, why string) {
	for {
		run, err := w.Failed(j)
		state := ""
		if err == nil {
			state, err = w.Store.Fail(ctx, j, why, run)
		}
		switch {
		case err == nil && state == store.Failed:
			log.Error("failed", "tries", j.Tries+1, "error", why)
			return
		case err == nil:
			log.Warn("failed, and is tried again", "tries", j.Tries+1, "error", why)
			return
		case errors.Is(err, store.ErrLost) || ctx.Err() != nil:
			return
		}
		log.Error("note that a job failed", "error", err)
		w.mu.Lock()
		lost := w.running[j.ID] == nil || w.running[j.ID].lost
		w.mu.Unlock()
		if lost {
			return
		}
		w.pause(ctx, pollEvery)
	}
}

// renew says that the worker is there, until ctx is done.
func (w *Worker) renew(ctx context.Context) {
	for ticker := time.NewTicker(renewEvery); ; {
		select {
		case <-ctx.Done():
			ticker.Stop()
			return
		case <-ticker.C:
		}
		if err := w.renewOnce(ctx); err != nil && ctx.Err() == nil {
			w.Log.Error("tell that this worker is there", "error", err)
		}
	}
}

func (w *Worker) renewOnce(ctx context.Context) error {
	w.mu.Lock()
	had, doing := make([]*held, 0, len(w.running)), make([]int64, 0, len(w.running))
	for id, h := range w.running {
		had, doing = append(had, h), append(doing, id)
	}
	w.mu.Unlock()
	slices.Sort(doing) // rows are locked in one order
	ask, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	kept, draining, err := w.Store.Renew(ask, w.About.ID, doing)
	if errors.Is(err, sql.ErrNoRows) { // it was away for so long that it is not listed any more
		return w.Store.EnterWorker(ctx, &w.About)
	}
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if draining && !w.draining {
		w.Log.Info("no more jobs are taken: somebody has drained this worker")
		w.draining = true
		w.poke()
	}
	for _, h := range had {
		if attempt, is := kept[h.job.ID]; !is || attempt != h.job.Attempt {
			h.lost = true
			h.cancel()
		}
	}
	return nil
}

// plan adds what schedules want, until ctx is done or the worker is drained.
func (w *Worker) plan(ctx context.Context) {
	if w.UntilDone {
		return // it does what is there
	}
	for ctx.Err() == nil && !w.isDraining() {
		again, err := w.Plan(ctx)
		if err != nil && ctx.Err() == nil {
			w.Log.Error("plan what schedules want", "error", err)
		}
		w.Log.Debug("looked at schedules", "again_in", again)
		timer := time.NewTimer(again)
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		timer.Stop()
	}
}
