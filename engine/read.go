package engine

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/fault"
	"github.com/reconcilehq/reconcile/engine/match"
	"github.com/reconcilehq/reconcile/engine/near"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// readBoth reads both sides at once into the matcher. When one fails, the other's context is cancelled.
// They remember the keys.
func readBoth(ctx context.Context, job Job, matcher *match.Matcher, keys [2]*near.Side) (reads [2]Read, err error) {
	group, ctx := errgroup.WithContext(ctx)
	for _, side := range verdict.Sides {
		group.Go(fault.CaughtError(func() (err error) {
			reads[side], err = readSide(ctx, job, side, matcher, keys[side])
			return err
		}))
	}
	return reads, group.Wait()
}

func readSide(ctx context.Context, job Job, side verdict.Side, matcher *match.Matcher, remembered *near.Side) (Read, error) {
	from, asked := job.Pos, job.Program.Pos
	if side == verdict.Store {
		from, asked = job.Store, job.Program.Store
	}
	evaluator := job.Program.NewEvaluator()
	feeder := matcher.Feeder(side)
	var tests []uint32
	unread := &unreadables{Watcher: from.Watch, ctx: ctx, program: job.Program, side: side, feeder: feeder}
	read, err := from.Source.Read(ctx, asked, unread, func(b *catalog.Batch) error {
		defer b.Release() // the feeder has copied what it needs
		tests = evaluator.Tests(tests[:0], side, b)
		keys := job.Program.Keys(side, b)
		for i := range keys.Len() {
			remembered.Add(keys.At(i))
		}
		return feeder.Add(ctx, b, keys, tests)
	})
	read.Skipped += unread.skipped
	read.Unreadable = int64(unread.told)
	return read, err
}
