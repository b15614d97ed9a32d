package bigcommerce

import (
	"context"
	"time"
)

// clock is where the client takes the time from and waits, so that tests need not.
type clock interface {
	Now() time.Time
	// Sleep waits that long; if ctx is done earlier it returns ctx's cause.
	Sleep(ctx context.Context, d time.Duration) error
}

type wallClock struct{}

func (wallClock) Now() time.Time { return time.Now() }

func (wallClock) Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
