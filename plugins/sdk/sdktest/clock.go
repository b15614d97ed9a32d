package sdktest

import (
	"context"
	"sync"
	"time"
)

// Clock is a clock that stands still, but for what somebody waits: that passes at once. It is for the field Clock of webapi.Config, so that
// tests of what is tried again take no time. The zero value begins at the time of its first use. Goroutines may share it.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now returns the clock's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.started()
}

// Sleep puts the clock forward. It returns ctx's cause if that is done.
func (c *Clock) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.started().Add(d)
	return context.Cause(ctx)
}

func (c *Clock) started() time.Time {
	if c.now.IsZero() {
		c.now = time.Now()
	}
	return c.now
}
