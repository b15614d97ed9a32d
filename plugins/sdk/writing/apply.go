package writing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/reconcilehq/reconcile/engine/change"
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// Apply implements sdk.Applier.Apply.
func (p Platform) Apply(ctx context.Context, req sdk.ApplyRequest, answer func(sdk.Outcome) error) error {
	if p.Clock == nil {
		p.Clock = wallClock{}
	}
	r := &run{Platform: p, req: req, answer: answer}
	for rest := req.Changes; len(rest) > 0; {
		n := first(rest, p.atOnce())
		if err := r.batch(ctx, rest[:n]); err != nil {
			return err
		}
		rest = rest[n:]
	}
	return nil
}

// first returns how many of the changes can be made at once: each is of another field of another item.
func first(changes []sdk.Change, most int) int {
	type place struct {
		item  sdk.Ref
		field string
	}
	seen := map[place]bool{}
	for i, c := range changes {
		at := place{c.Item, c.Field}
		if i == most || seen[at] {
			return i
		}
		seen[at] = true
	}
	return len(changes)
}

// run is the making of a number of changes.
type run struct {
	Platform
	req    sdk.ApplyRequest
	answer func(sdk.Outcome) error
	dead   string // why nothing is sent any more; "" if it is
}

// mostLate is how often a batch is looked at again because it was held back for too long.
const mostLate = 4

// batch makes changes at once.
func (r *run) batch(ctx context.Context, changes []sdk.Change) error {
	for range mostLate {
		if ctx.Err() != nil && r.dead == "" {
			r.dead = "the work was stopped before"
		}
		if r.dead != "" {
			return r.unsent(changes, nil, r.dead)
		}
		until := r.Clock.Now().Add(lookLasts)
		now, err := r.look(ctx, changes)
		if err != nil {
			return r.unsent(changes, nil, "the platform cannot be read: "+err.Error())
		}
		if changes, err = r.judge(changes, now); err != nil || len(changes) == 0 {
			return err
		}
		// What is sent is not given up: nobody would know what became of it.
		refused, err := r.Set(context.WithoutCancel(ctx), Batch{Changes: changes, Until: until})
		switch {
		case err == nil || mayBeDone(err):
			return r.prove(ctx, changes, now, refused, err)
		case isRefused(err):
			return r.halve(ctx, changes, now, err)
		case !isLate(err):
			r.dead = err.Error()
			return r.unsent(changes, now, r.dead)
		}
	}
	return r.unsent(changes, nil, "the platform was too busy to be written to soon after a look")
}

// look looks at changes. Text is in the form in which items are read.
func (r *run) look(ctx context.Context, changes []sdk.Change) (map[string]sdk.Value, error) {
	now, err := r.Look(ctx, changes)
	if err != nil {
		return nil, err
	}
	normal := make(map[string]sdk.Value, len(now))
	for key, value := range now {
		normal[key] = change.Normal(value)
	}
	return normal, nil
}

// isLate reports whether a batch was held back until its look was too old.
func isLate(err error) bool {
	var known interface{ IsLate() bool }
	return errors.As(err, &known) && known.IsLate()
}

// judge answers the changes that are not to be written, by what the platform holds, and returns the others.
func (r *run) judge(changes []sdk.Change, now map[string]sdk.Value) (open []sdk.Change, err error) {
	for _, c := range changes {
		held, problem := r.Writable[c.Field].Holds(c.Desired)
		value, there := now[c.Key]
		switch {
		case problem != "":
			err = r.answer(sdk.Outcome{Key: c.Key, Kind: sdk.Rejected, Before: value, After: value, Reason: problem})
		case !there:
			err = r.answer(sdk.Outcome{Key: c.Key, Kind: sdk.Rejected, Reason: gone})
		default:
			outcome, done := c.Guard(value, held)
			if !done {
				open = append(open, c)
				continue
			}
			if outcome.Kind == sdk.Conflict {
				outcome.Reason = fmt.Sprintf("the platform has %s, and %s was expected: it was changed meanwhile", show(value), show(c.Expected))
			}
			err = r.answer(outcome)
		}
		if err != nil {
			return nil, err
		}
	}
	return open, nil
}

// unsent answers changes that were not sent.
func (r *run) unsent(changes []sdk.Change, now map[string]sdk.Value, why string) error {
	for _, c := range changes {
		if err := r.answer(sdk.Outcome{Key: c.Key, Kind: sdk.Failed, Before: now[c.Key], After: now[c.Key], Reason: "it was not written: " + why}); err != nil {
			return err
		}
	}
	return nil
}

// halve tries the halves of a batch that the platform refuses. One that stands alone is looked at again: it may be refused since
// another has changed it.
func (r *run) halve(ctx context.Context, changes []sdk.Change, now map[string]sdk.Value, refusal error) error {
	if len(changes) > 1 {
		if err := r.batch(ctx, changes[:len(changes)/2]); err != nil {
			return err
		}
		return r.batch(ctx, changes[len(changes)/2:])
	}
	if again, err := r.look(ctx, changes); err == nil {
		if changes, err = r.judge(changes, again); err != nil || len(changes) == 0 {
			return err
		}
	}
	c := changes[0]
	return r.answer(sdk.Outcome{Key: c.Key, Kind: sdk.Rejected, Before: now[c.Key], After: now[c.Key], Reason: refusal.Error()})
}

// prove looks at changes that were sent, and answers them. failure is what went wrong after they were sent; nil if nothing did.
func (r *run) prove(ctx context.Context, changes []sdk.Change, before map[string]sdk.Value, refused map[string]string, failure error) error {
	looking := context.WithoutCancel(ctx) // what was sent is worth a look
	deadline := r.Clock.Now().Add(r.Patience)
	for pause := time.Second; ; pause = min(2*pause, time.Minute) {
		now, err := r.look(looking, changes)
		if err != nil {
			return r.unseen(changes, before, refused, failure, err)
		}
		late := failure == nil && ctx.Err() == nil && r.Clock.Now().Before(deadline)
		if changes, err = r.proved(changes, before, now, refused, failure, late); err != nil || len(changes) == 0 {
			return err
		}
		r.req.Waiting(r.Clock.Now().Add(pause), "the platform to show what it took")
		_ = r.Clock.Sleep(ctx, pause) // if ctx is done the next look is the last
	}
}

// proved answers changes by what the platform holds now. If late, it returns those that it may show later.
func (r *run) proved(changes []sdk.Change, before, now map[string]sdk.Value, refused map[string]string, failure error, late bool) (open []sdk.Change, err error) {
	for _, c := range changes {
		o := sdk.Outcome{Key: c.Key, Before: before[c.Key]}
		value, there := now[c.Key]
		o.After = value
		held, _ := r.Writable[c.Field].Holds(c.Desired)
		_, isRefused := refused[c.Key]
		shows := there && (value.Equal(held) || value.Equal(c.Desired))
		same := there && value.Equal(before[c.Key])
		switch {
		case shows:
			o.Kind = sdk.Applied
		case isRefused && same:
			o.Kind, o.Reason = sdk.Rejected, refused[c.Key]
		case isRefused:
			o.Kind, o.Reason = sdk.Unknown, "the platform refuses it, and its value has changed all the same: "+refused[c.Key]
		case failure != nil:
			o.Kind, o.Reason = sdk.Unknown, failure.Error()
		case same && late:
			open = append(open, c)
			continue
		case same:
			o.Kind, o.Reason = sdk.Pending, "the platform took it, and does not show it yet"
		default:
			o.Kind, o.Reason = sdk.Unknown, "the platform took it, and now has "+show(value)
		}
		if err := r.answer(o); err != nil {
			return nil, err
		}
	}
	return open, nil
}

// unseen answers changes that were sent and cannot be looked at.
func (r *run) unseen(changes []sdk.Change, before map[string]sdk.Value, refused map[string]string, failure, err error) error {
	for _, c := range changes {
		o := sdk.Outcome{Key: c.Key, Kind: sdk.Unknown, Before: before[c.Key], Reason: "it was sent, and the platform cannot be read: " + err.Error()}
		if why, ok := refused[c.Key]; ok {
			o.Reason = why
		} else if failure != nil {
			o.Reason = failure.Error()
		}
		if err := r.answer(o); err != nil {
			return err
		}
	}
	return nil
}

// show writes a value for people.
func show(v sdk.Value) string {
	text, err := v.MarshalJSON()
	const most = 80
	if err != nil || len(text) > most {
		return "another value"
	}
	return string(text)
}
