package queue

import (
	"context"
	"sync"
	"time"

	"github.com/reconcilehq/reconcile/engine/fault"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
)

// waker has a worker take jobs when there may be some, until ctx is done, somebody has drained the worker, or, with UntilDone, nothing is left
// to do. When it returns the worker has no job any more. Which job is next is the store's to say, not the waker's.
type waker interface {
	run(ctx context.Context, w *Worker) error
}

// wakerOf returns what wakes the workers of a store.
func wakerOf(s *store.Store) waker {
	if s.Shared() {
		return notices{every: rareEvery}
	}
	return clock{}
}

const (
	pollEvery = time.Second
	// rareEvery is how often workers that are woken look for jobs by themselves: a wake may be lost, and nobody is woken for the jobs of a worker
	// that was killed.
	rareEvery = 10 * time.Second
)

// clock looks into the table each second.
type clock struct{}

func (clock) run(ctx context.Context, w *Worker) error {
	s := newSlots(w.About.Jobs)
	s.look(ctx, w, pollEvery)
	s.fill()
	return nil
}

// notices is woken by River, and looks into the table by itself but rarely.
type notices struct{ every time.Duration }

func (n notices) run(ctx context.Context, w *Worker) error {
	s := newSlots(w.About.Jobs)
	stop, err := w.Store.Listen(ctx, w.About.ID, w.About.Config, w.About.Jobs, w.Log, func() { s.woken(ctx, w) })
	if err != nil {
		return err
	}
	every := n.every
	if w.UntilDone {
		every = pollEvery // it also looks whether all is done
	}
	w.pause(ctx, every) // wakes that are there come first
	s.look(ctx, w, every)
	// No more wakes come from now on, and none is waited for longer than the jobs take.
	end, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	var stopping sync.WaitGroup
	stopping.Go(fault.Caught(func() {
		if err := stop(end); err != nil {
			w.Log.Warn("stop listening for jobs", "error", err)
		}
	}))
	s.fill()
	defer time.AfterFunc(endWithin, fault.Caught(cancel)).Stop()
	stopping.Wait()
	return nil
}

// slots are as many places as a worker does jobs at a time.
type slots struct {
	busy  chan struct{}
	ended chan struct{} // closed when no more jobs are taken
}

func newSlots(n int) *slots {
	return &slots{busy: make(chan struct{}, n), ended: make(chan struct{})}
}

// look takes jobs for the slots that are free, and looks again each while, until the worker has ended.
func (s *slots) look(ctx context.Context, w *Worker, every time.Duration) {
	defer close(s.ended)
	for !w.hasEnded(ctx) {
		select {
		case s.busy <- struct{}{}:
		case <-ctx.Done():
			return
		}
		if j := w.next(ctx); j != nil {
			fault.Go(func() { s.use(ctx, w, j) })
			continue
		}
		<-s.busy
		if w.hasEnded(ctx) || w.UntilDone && w.isDone(ctx) {
			return
		}
		w.pause(ctx, every)
	}
}

// woken takes jobs for a slot as soon as one is free.
func (s *slots) woken(ctx context.Context, w *Worker) {
	select {
	case s.busy <- struct{}{}:
		s.use(ctx, w, w.next(ctx))
	case <-s.ended:
	}
}

// use does jobs one after the other in a slot, the first of which may be nil, until there is none that may be done. A job that has ended may
// be what others of its shop or account waited for, and nobody is woken for those.
func (s *slots) use(ctx context.Context, w *Worker, j *store.Job) {
	for ; j != nil; j = w.next(ctx) {
		w.have(ctx, j)
	}
	<-s.busy
}

// fill waits until no slot is used, and leaves them so.
func (s *slots) fill() {
	for range cap(s.busy) {
		s.busy <- struct{}{}
	}
}
