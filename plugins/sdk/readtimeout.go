package sdk

import (
	"context"
	"math"
	"time"

	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// readTimeoutKey is the context's key of what ReadTimeout returns.
type readTimeoutKey struct{}

// ReadTimeout returns the source's read_timeout, if the host told it: each call but Read and Pull has to end within it, and these
// must not be silent for so long. It is 0 if the host did not tell, and in tests; WithReadTimeout sets it there. ctx is the
// context that a method of the source was called with, or one made from it.
//
// What asks a platform should give up a single try well before, so that another one can follow: webapi does.
func ReadTimeout(ctx context.Context) time.Duration {
	told, _ := ctx.Value(readTimeoutKey{}).(time.Duration)
	return told
}

// WithReadTimeout returns a context of which ReadTimeout returns d.
func WithReadTimeout(ctx context.Context, d time.Duration) context.Context {
	return context.WithValue(ctx, readTimeoutKey{}, d)
}

// timeoutOf returns the read_timeout that the host tells; 0 if it does not.
func timeoutOf(req *sourcev1.ConfigureRequest) time.Duration {
	const most = math.MaxInt64 / int64(time.Millisecond)
	return time.Duration(min(req.GetReadTimeoutMs(), uint64(most))) * time.Millisecond
}

// told returns the context of a call, of which ReadTimeout returns what the host told.
func (s *server) told(ctx context.Context) context.Context {
	s.mu.Lock()
	defer s.mu.Unlock()
	return WithReadTimeout(ctx, s.timeout)
}
