package webapi

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
)

// TestInOrder hands on parts in their order though they come in any other, and no more at a time than it may.
func TestInOrder(t *testing.T) {
	client := New(Config{})
	const n = 200
	var running, most atomic.Int64
	turn := make([]chan struct{}, n)
	for i := range turn {
		turn[i] = make(chan struct{})
	}
	taken := 0
	err := InOrder(t.Context(), client, n, func(_ context.Context, i int) (int, error) {
		for now := running.Add(1); ; {
			if before := most.Load(); now <= before || most.CompareAndSwap(before, now) {
				break
			}
		}
		if i%5 != 4 && i < n-1 { // each fifth comes first
			<-turn[i+1]
		}
		close(turn[i])
		running.Add(-1)
		return i * i, nil
	}, func(i, part int) error {
		if i != taken || part != i*i {
			t.Errorf("part %d is %d, want part %d", i, part, taken)
		}
		taken++
		return nil
	})
	if err != nil || taken != n || most.Load() > 2*MostInFlight+1 {
		t.Errorf("error %v, %d parts, %d at a time", err, taken, most.Load())
	}
}

func TestInOrderEnds(t *testing.T) {
	client := New(Config{})
	broken := errors.New("broken")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(broken)
	for name, got := range map[string]error{
		"a part": InOrder(t.Context(), client, 50, func(ctx context.Context, i int) (int, error) {
			if i == 7 {
				return 0, broken
			}
			<-ctx.Done() // those before and behind it are given up
			return 0, ctx.Err()
		}, func(int, int) error { return nil }),
		"taking": InOrder(t.Context(), client, 50, func(context.Context, int) (int, error) { return 0, nil }, func(i, _ int) error {
			if i == 7 {
				return broken
			}
			return nil
		}),
		"the caller": InOrder(ctx, client, 50, func(ctx context.Context, _ int) (int, error) {
			<-ctx.Done()
			return 0, ctx.Err()
		}, func(int, int) error { return nil }),
	} {
		if !errors.Is(got, broken) {
			t.Errorf("%s: %v", name, got)
		}
	}
}
