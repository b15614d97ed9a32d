package webapi

import (
	"context"
	"sync"

	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// InOrder fetches the parts 0 to n-1 of a list, several at a time, and calls take with each, in their order and in the
// goroutine of the caller. The first error, of whichever part, ends it: InOrder cancels the fetches that are running, waits
// for them, and returns that error. Twice as many parts as requests may be under way are asked for, or wait to be taken, at a time.
func InOrder[T any](ctx context.Context, c *Client, n int, fetch func(ctx context.Context, i int) (T, error), take func(i int, part T) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	parts := make(chan chan T, 2*c.pace.most-1) // in their order; each gets its part when that is there
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel(nil)
	running.Go(sdk.Caught(func() {
		defer close(parts)
		for i := range n {
			part := make(chan T, 1)
			select {
			case parts <- part:
			case <-ctx.Done():
				return
			}
			running.Go(sdk.Caught(func() {
				got, err := fetch(ctx, i)
				if err != nil {
					cancel(err)
					return
				}
				part <- got
			}))
		}
	}))
	for i := range n {
		select {
		case part := <-parts:
			select {
			case got := <-part:
				if err := take(i, got); err != nil {
					return err
				}
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}
