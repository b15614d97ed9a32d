// Package writing makes changes of a platform as sdk.Applier asks for it: it looks, writes, looks again, and says of each change what
// became of it. A connector says how items are looked at and how a request sets their fields, and no more:
//
//	platform := writing.Platform{Writable: s.Writable(), Look: s.look, Set: s.set, AtOnce: 10}
//	return platform.Apply(ctx, req, answer)
//
// What is promised:
//
//   - Right before each request the items are looked at. A field that has neither the expected nor the desired value is not written.
//   - Nothing is sent that was sent before, unless the platform has refused it.
//   - A batch that the platform refuses is halved, until what is wrong stands alone.
//   - After each request, whatever its answer, the items are looked at again. Only what is seen there is sdk.Applied.
//   - A request that was sent is not given up when the work is stopped. What was not sent then is sdk.Failed.
package writing

import (
	"context"
	"errors"
	"time"

	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// Platform is how a platform is changed. Look and Set are called one after the other, never at once.
type Platform struct {
	// Writable says how the platform takes the values of its fields, as sdk.Applier.Writable does.
	Writable map[string]sdk.Writable

	// Look returns what the platform holds now in the fields of these changes, by the changes' keys. It asks each time. A change whose
	// item is not there (any more) is left out, and so is one whose item has got another SKU: Ref.Is tells.
	Look func(ctx context.Context, changes []sdk.Change) (map[string]sdk.Value, error)

	// Set sets the fields of a batch in one request. It sends nothing after the batch's Until: webapi.Request has a member for that. It
	// returns, by their keys, which changes the platform refuses though it takes the others, with its words; nil if it takes all.
	//
	// An error is about the whole batch. That of a webapi.Session says what is known, and is best returned as it is: whether it may
	// have been done, and whether the platform refuses it. Of any other error it is taken that nothing was sent.
	Set func(ctx context.Context, batch Batch) (refused map[string]string, err error)

	// AtOnce is how many changes a batch has at most; 1 if it is 0.
	AtOnce int

	// Patience is how long to look again and again for what the platform took and does not show yet, before it is sdk.Pending. 0: once.
	Patience time.Duration

	// Clock is the clock of tests: webapi.Clock has the same methods. nil is the clock on the wall.
	Clock Clock
}

// Batch are changes that one request makes, each of another item and field.
type Batch struct {
	Changes []sdk.Change
	Until   time.Time // when it is too late to send it: the look would be too old
}

// Clock tells the time, and waits.
type Clock interface {
	Now() time.Time
	// Sleep waits that long. It returns an error if ctx is done before.
	Sleep(ctx context.Context, d time.Duration) error
}

// lookLasts is for how long a look is good for writing.
const lookLasts = 5 * time.Second

// gone is what is said of an item that is not there.
const gone = "the platform does not have this item (any more)"

// Prepare implements sdk.Applier.Prepare.
func (p Platform) Prepare(ctx context.Context, req sdk.ApplyRequest, answer func(sdk.Prepared) error) (sdk.Cost, error) {
	now, err := p.Look(ctx, req.Changes)
	if err != nil {
		return sdk.Cost{}, err
	}
	batches := 0
	for i, c := range req.Changes {
		if i%p.atOnce() == 0 {
			batches++
		}
		said := sdk.Prepared{Key: c.Key}
		if said.Will, said.Problem = p.Writable[c.Field].Holds(c.Desired); said.Problem == "" {
			if _, there := now[c.Key]; !there {
				said.Problem = gone
			}
		}
		if err := answer(said); err != nil {
			return sdk.Cost{}, err
		}
	}
	return sdk.Cost{Requests: int64(3 * batches), Time: time.Duration(3*batches) * usual}, nil // look, write, look
}

// usual is about how long a request takes.
const usual = 200 * time.Millisecond

func (p Platform) atOnce() int { return max(p.AtOnce, 1) }

// mayBeDone reports whether the platform may have done what was asked for, although there is an error.
func mayBeDone(err error) bool {
	var known interface{ MayBeDone() bool }
	return errors.As(err, &known) && known.MayBeDone()
}

// isRefused reports whether the platform has looked at what was sent, and does not take it.
func isRefused(err error) bool {
	var known interface{ IsRefused() bool }
	return errors.As(err, &known) && known.IsRefused()
}

// wallClock is the clock on the wall.
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
