package queue

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os/exec"
	"sync"
	"time"

	"github.com/reconcilehq/reconcile/engine/fault"
)

// Beside has a worker run beside a server as soon as the configuration has schedules: a process of its own, which ends when the server does.
type Beside struct {
	Command   func() (*exec.Cmd, error) // starts a worker that ends with its stdin
	Schedules func() (int, error)       // how many schedules the configuration has
	Log       *slog.Logger
	Err       io.Writer // for what the worker logs

	ended sync.WaitGroup
}

// lookEvery is how often it is looked whether there are schedules now, and whether the worker is still there.
const lookEvery = 20 * time.Second

// Start begins to look after the worker, until ctx is done.
func (b *Beside) Start(ctx context.Context) {
	b.ended.Go(fault.Caught(func() {
		said := false // that the configuration has a mistake
		for ctx.Err() == nil {
			n, err := b.Schedules()
			said = said && err != nil
			switch {
			case err != nil && !said:
				said = true
				b.Log.Error("nothing is compared by schedules", "error", err)
			case err == nil && n > 0:
				if err := b.run(ctx); err != nil && ctx.Err() == nil {
					b.Log.Error("the worker beside the server ended, and is started again", "error", err)
				}
			}
			timer := time.NewTimer(lookEvery)
			select {
			case <-ctx.Done():
			case <-timer.C:
			}
			timer.Stop()
		}
	}))
}

// Wait waits until the worker has ended, after ctx is done.
func (b *Beside) Wait() { b.ended.Wait() }

// run runs a worker until it ends, or until ctx is done, when it gives back what it has and ends.
func (b *Beside) run(ctx context.Context) error {
	cmd, err := b.Command()
	if err != nil {
		return err
	}
	cmd.Stdout, cmd.Stderr = b.Err, b.Err
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return fmt.Errorf("start a worker: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start a worker: %w", err)
	}
	defer context.AfterFunc(ctx, fault.Caught(func() { _ = stdin.Close() }))()
	return cmd.Wait()
}
