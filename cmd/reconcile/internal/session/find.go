package session

import (
	"context"

	"github.com/reconcilehq/reconcile/engine"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/verdict"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/memory"
)

// Find is like Hold, but holds only what is needed to find and explain the items with one of the SKUs, or with one of them as their
// key. Both sides are read to their ends for it. What takes a whole run is not known: the key that a run proposes.
func (p *Prepared) Find(ctx context.Context, skus ...string) (*Held, error) {
	var job engine.Job
	result, err := p.reading(ctx, RunOptions{MemoryLimit: memory.DefaultLimit()}, func(ctx context.Context, j engine.Job) (*report.Result, error) {
		job = j
		return engine.Find(ctx, j, skus)
	})
	if err != nil {
		return nil, err
	}
	held, err := p.hold(result)
	if err != nil {
		return nil, err
	}
	held.slips = map[string][]string{}
	for _, sku := range skus {
		if len(held.having(sku)) == 0 {
			if held.slips[sku], err = p.slipsOf(ctx, job, sku); err != nil {
				return nil, err
			}
		}
	}
	return held, nil
}

// readItems returns a result with the items of some SKUs among its items, or with all items if no SKU is given.
func (p *Prepared) readItems(ctx context.Context, skus []string) (*report.Result, error) {
	if len(skus) == 0 {
		return p.read(ctx, unlimited)
	}
	return p.reading(ctx, RunOptions{MemoryLimit: memory.DefaultLimit()}, func(ctx context.Context, job engine.Job) (*report.Result, error) {
		return engine.Find(ctx, job, skus)
	})
}

// slipsOf reads all SKUs of both sides, and returns those that a SKU which none has is most likely a slip for.
func (p *Prepared) slipsOf(ctx context.Context, job engine.Job, sku string) ([]string, error) {
	reading := p.session.begin(p.Reconciliation.Pos, p.Reconciliation.Store)
	defer p.session.Listener.End() // what is to be told was told by the first read
	job.Pos.Watch, job.Store.Watch = reading.sides[verdict.Pos], reading.sides[verdict.Store]
	sides := [2]*slips{newSlips(sku), newSlips(sku)}
	_, err := engine.EachKey(ctx, job, func(side verdict.Side, other, _ string) { sides[side].add(other) })
	if err != nil {
		if ctx.Err() != nil {
			return nil, context.Canceled
		}
		return nil, p.place(err)
	}
	for _, list := range sides[verdict.Store].byDistance {
		for _, other := range list {
			sides[verdict.Pos].add(other)
		}
	}
	return sides[verdict.Pos].list(), nil
}
