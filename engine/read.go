package engine

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/match"
	"github.com/reconcilehq/reconcile/rules"
)

// catalogue is all that was read of one side.
type catalogue struct {
	batches []*catalog.Batch
	keys    []*catalog.Strings // by batch
	read    Read
	index   *match.Index // of the store side: built while both sides are read
}

// readBoth drains both sides at once. When one fails the other is told to stop.
func readBoth(ctx context.Context, job Job) (pos, store *catalogue, err error) {
	group, ctx := errgroup.WithContext(ctx)
	pos, store = &catalogue{}, &catalogue{index: match.NewIndex()}
	group.Go(func() error { return pos.drain(ctx, job.Pos, job.Program, 0, job.Program.Pos) })
	group.Go(func() error { return store.drain(ctx, job.Store, job.Program, 1, job.Program.Store) })
	return pos, store, group.Wait()
}

func (c *catalogue) drain(ctx context.Context, side Side, p *rules.Program, number int, asked *catalog.Schema) (err error) {
	c.read, err = side.Source.Read(ctx, asked, side.Watch, func(b *catalog.Batch) error {
		c.batches = append(c.batches, b)
		keys := p.Keys(number, b)
		c.keys = append(c.keys, keys)
		if c.index != nil {
			c.index.AddStore(keys)
		}
		return nil
	})
	return err
}
