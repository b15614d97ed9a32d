package apply

import (
	"context"
	"fmt"
	"slices"

	"github.com/reconcilehq/reconcile/engine/change"
	"github.com/reconcilehq/reconcile/engine/journal"
)

// Estimate asks the platform what it would make of changes, in the order of steps, and what that takes. It writes nothing. refused are
// those that are not to be made, since the platform does not take them, or would make something else of them than the plan has foretold.
func Estimate(ctx context.Context, p Platform, changes []journal.Change, steps []string, w Watcher) (cost change.Cost, refused map[string]change.Outcome, err error) {
	refused = map[string]change.Outcome{}
	for _, step := range steps {
		var list []change.Change
		for _, c := range changes {
			if c.Step == step {
				list = append(list, c.Change)
			}
		}
		for chunk := range slices.Chunk(list, mostAtOnce) {
			more, err := prepare(ctx, p, chunk, w, refused)
			if err != nil {
				return cost, nil, err
			}
			cost.Requests += more.Requests
			cost.Time += more.Time
		}
	}
	return cost, refused, nil
}

func prepare(ctx context.Context, p Platform, changes []change.Change, w Watcher, refused map[string]change.Outcome) (change.Cost, error) {
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
			refused[a.Key] = change.Outcome{Key: a.Key, Kind: change.Rejected, Reason: a.Problem}
		case !a.Will.Equal(c.Desired):
			refused[a.Key] = change.Outcome{Key: a.Key, Kind: change.Rejected, Reason: fmt.Sprintf("the store would make %q of it, and the plan foretold %q", a.Will.Text(), c.Desired.Text())}
		}
		return nil
	})
	if err == nil && len(left) > 0 {
		err = fmt.Errorf("the connector did not say what it would make of %d of %d changes", len(left), len(changes))
	}
	return cost, err
}
