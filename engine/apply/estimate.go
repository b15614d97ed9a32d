package apply

import (
	"context"
	"fmt"
	"slices"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/change"
	"github.com/reconcilehq/reconcile/engine/journal"
)

// Estimated is what a platform would make of changes.
type Estimated struct {
	Cost change.Cost
	// Refused are the changes that are not to be made, by key, and what they are instead: the platform does not take them, or would make
	// something else of them than the plan has foretold.
	Refused map[string]change.Outcome
	// Holds are the values that the platform will hold, by key. Of null that can be another one: what the item inherits then.
	Holds map[string]catalog.Value
}

// Estimate asks the platform what it would make of changes, in the order of steps, and what that takes. It writes nothing.
func Estimate(ctx context.Context, p Platform, changes []journal.Change, steps []string, w Watcher) (*Estimated, error) {
	e := &Estimated{Refused: map[string]change.Outcome{}, Holds: map[string]catalog.Value{}}
	for _, step := range steps {
		var list []change.Change
		for _, c := range changes {
			if c.Step == step {
				list = append(list, c.Change)
			}
		}
		for chunk := range slices.Chunk(list, mostAtOnce) {
			more, err := e.prepare(ctx, p, chunk, w)
			if err != nil {
				return nil, err
			}
			e.Cost.Requests += more.Requests
			e.Cost.Time += more.Time
		}
	}
	return e, nil
}

func (e *Estimated) prepare(ctx context.Context, p Platform, changes []change.Change, w Watcher) (change.Cost, error) {
	left := map[string]change.Change{}
	for _, c := range changes {
		left[c.Key] = c
	}
	cost, err := p.Prepare(ctx, changes, w, func(a change.Prepared) error {
		c, ok := left[a.Key]
		if !ok {
			return fmt.Errorf("the connector prepared a change that it was not sent, or twice: %q", a.Key)
		}
		delete(left, a.Key)
		switch {
		case a.Problem != "":
			e.Refused[a.Key] = change.Outcome{Key: a.Key, Kind: change.Rejected, Reason: a.Problem}
		case !a.Will.Equal(c.Desired) && !c.Desired.IsNull():
			e.Refused[a.Key] = change.Outcome{Key: a.Key, Kind: change.Rejected, Reason: fmt.Sprintf("the store would make %q of it, and the plan foretold %q", a.Will.Text(), c.Desired.Text())}
		default:
			e.Holds[a.Key] = a.Will
		}
		return nil
	})
	if err == nil && len(left) > 0 {
		err = fmt.Errorf("the connector did not say what it would make of %d of %d changes", len(left), len(changes))
	}
	return cost, err
}
