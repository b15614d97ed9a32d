package host

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/host/patience"
	"github.com/reconcilehq/reconcile/plugins/proto"
	sourcev1 "github.com/reconcilehq/reconcile/plugins/proto/source/v1"
)

// timed is a stream that sends a message every so often, and ends after some.
type timed struct {
	ctx     context.Context
	every   func(n int) time.Duration
	left    int
	message func(n int) *sourcev1.ReadResponse // n counts from 0
	sent    int
}

func (s *timed) Recv() (*sourcev1.ReadResponse, error) {
	if s.left--; s.left < 0 {
		return nil, io.EOF
	}
	select {
	case <-time.After(s.every(s.sent)):
	case <-s.ctx.Done():
		return nil, s.ctx.Err()
	}
	s.sent++
	return s.message(s.sent - 1), nil
}

// waits keeps what a read tells of waiting.
type waits struct {
	unwatched
	texts []string
}

func (w *waits) Waiting(until time.Time, text string) {
	w.texts = append(w.texts, text)
	if !strings.HasSuffix(text, " until "+until.Format(time.TimeOnly)) {
		w.texts = append(w.texts, "until "+until.String())
	}
}

// TestStandingStill says what keeps a read alive: numbers that move, and for a while the word that the connector waits. The
// clock is the test's own.
func TestStandingStill(t *testing.T) {
	progress := func(items, steps int64, text string) *sourcev1.ReadResponse {
		return &sourcev1.ReadResponse{Message: &sourcev1.ReadResponse_Progress{Progress: &sourcev1.Progress{Items: items, Steps: steps, Text: text}}}
	}
	waiting := func(d time.Duration, why string) *sourcev1.ReadResponse {
		return &sourcev1.ReadResponse{Message: &sourcev1.ReadResponse_Waiting{Waiting: &sourcev1.Waiting{
			Until: timestamppb.New(time.Now().Add(d)), Why: why}}}
	}
	each := func(d time.Duration) func(int) time.Duration { return func(int) time.Duration { return d } }
	// inTurns is one time for the messages 0, 2, 4, ..., and another for the rest.
	inTurns := func(even, odd time.Duration) func(int) time.Duration {
		return func(n int) time.Duration { return []time.Duration{even, odd}[n%2] }
	}
	waitThenMove := func(n int) *sourcev1.ReadResponse {
		if n%2 == 0 {
			return waiting(9*time.Minute, "the shop's quota")
		}
		return progress(int64(n), 0, "")
	}
	for _, c := range []struct {
		name    string
		every   func(n int) time.Duration
		message func(n int) *sourcev1.ReadResponse
		want    string // of the failure; "": none, for hours
		after   time.Duration
	}{
		{"the same numbers", each(time.Second), func(int) *sourcev1.ReadResponse { return progress(7, 3, "working") },
			`no batch and no sign of progress for 2m0s (the last it said was "working")`, 2*time.Minute + time.Second},
		{"another text each time", each(time.Second), func(n int) *sourcev1.ReadResponse { return progress(0, 0, strings.Repeat("x", n%9)) },
			"no batch and no sign of progress for 2m0s", 2 * time.Minute},
		{"more items", each(time.Minute), func(n int) *sourcev1.ReadResponse { return progress(int64(n)+1, 0, "") }, "", 0},
		{"more steps", each(time.Minute), func(n int) *sourcev1.ReadResponse { return progress(0, int64(n)+1, "") }, "", 0},
		{"warnings", each(time.Second), func(int) *sourcev1.ReadResponse {
			return &sourcev1.ReadResponse{Message: &sourcev1.ReadResponse_Warning{Warning: &sourcev1.Warning{Text: "hm"}}}
		}, "no batch and no sign of progress for 2m0s", 2 * time.Minute},
		{"it waits, and says so too late", inTurns(3*time.Minute, 9*time.Minute), waitThenMove, "no batch and no sign of progress for 2m0s", 2 * time.Minute},
		{"it waits, and says so in time", inTurns(time.Minute, 9*time.Minute), waitThenMove, "", 0},
		{"it waits for longer than it said", inTurns(time.Minute, 11*time.Minute), waitThenMove,
			`no batch and no sign of progress for 2m0s (the last it said was "waiting for the shop's quota until `, 11 * time.Minute},
		{"it waits for ever", each(time.Second), func(n int) *sourcev1.ReadResponse { return waiting(time.Minute, "s3cret things") },
			`no batch and no sign of progress for 2m0s, beside the 15m for which a connector may wait in a row (the last it said was "waiting for (sensitive) things until `,
			17 * time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				defer cancel(nil)
				secrets := &Secrets{}
				secrets.Add("s3cret")
				process := &Process{label: "x", secrets: secrets, maxItems: proto.MaxItems, timeout: 2 * time.Minute, output: &output{}}
				told := &waits{}
				r := &reading{process: process, asked: catalog.MustSchema(catalog.Field{Name: "sku", Type: catalog.String}), watcher: told,
					patience: patience.Start(process.timeout, func() { cancel(errSilent) })}
				defer r.patience.Stop()
				began := time.Now()
				stream := &timed{ctx: ctx, every: c.every, left: 2000, message: c.message}
				_, err := r.receiveAll(ctx, stream)
				var failure *Failure
				if !errors.As(err, &failure) {
					t.Fatalf("got %v", err)
				}
				if c.want == "" {
					if !strings.Contains(failure.Text, "stopped sending without saying that it was done") { // the stream's end
						t.Errorf("after %s: %v", time.Since(began), err)
					}
				} else if !errors.Is(err, errSilent) || !strings.Contains(failure.Text, c.want) || time.Since(began) != c.after {
					t.Errorf("after %s: %v", time.Since(began), err)
				}
				if c.name == "it waits for ever" && (len(told.texts) < 900 || !strings.HasPrefix(told.texts[0], "waiting for (sensitive) things until ")) {
					t.Errorf("it was told of waiting %d times: %.3q", len(told.texts), told.texts)
				}
			})
		})
	}
}
