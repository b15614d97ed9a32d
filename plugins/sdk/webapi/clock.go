package webapi

import (
	"context"
	"time"
)

// Clock is where the client takes the time from and waits, so that tests need not.
type Clock interface {
	Now() time.Time
	// Sleep waits that long; if ctx is done earlier it returns ctx's cause.
	Sleep(ctx context.Context, d time.Duration) error
}

// WallClock is this machine's own.
type WallClock struct{}

// Now returns the present time.
func (WallClock) Now() time.Time { return time.Now() }

// Sleep waits, or returns ctx's cause.
func (WallClock) Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
