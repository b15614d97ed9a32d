package main

import (
	"context"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"

	"github.com/reconcilehq/reconcile/engine/fault"
)

// stopSignals are what a program is asked to stop by: Ctrl-C, a service's manager, the end of the terminal, Ctrl-\. Each of
// them ends the program with nothing left behind.
var stopSignals = []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT}

// stopper knows by which signal the program was asked to stop.
type stopper struct{ signal atomic.Int32 }

// catchSignals returns a context that is canceled when the program is asked to stop. The second signal ends the program at
// once, whatever it was doing. release lets go of the signals.
//
// A signal that the program was started without stays ignored: nohup has it outlive its terminal.
//
// SIGPIPE comes when the reader of our output has gone, such as head. Go would end the program where it stands; so the
// write fails instead, and what the run has on disk is removed.
func catchSignals(parent context.Context) (ctx context.Context, s *stopper, release func()) {
	ctx, cancel := context.WithCancel(parent)
	s = &stopper{}
	stop, pipe := make(chan os.Signal, 1), make(chan os.Signal, 1)
	for _, sig := range stopSignals {
		if !signal.Ignored(sig) {
			signal.Notify(stop, sig)
		}
	}
	signal.Notify(pipe, syscall.SIGPIPE)
	fault.Go(func() {
		select {
		case sig := <-stop:
			if number, ok := sig.(syscall.Signal); ok {
				s.signal.Store(int32(number))
			}
			signal.Stop(stop)
			cancel()
		case <-ctx.Done():
		}
	})
	return ctx, s, func() {
		cancel()
		signal.Stop(stop)
		signal.Stop(pipe)
	}
}

// stoppedBy returns the signal that has stopped the program; 0 if none has.
func (s *stopper) stoppedBy() syscall.Signal { return syscall.Signal(s.signal.Load()) }
