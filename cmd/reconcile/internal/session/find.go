package session

import (
	"context"
	"strings"

	"github.com/reconcilehq/reconcile/engine"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/verdict"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/memory"
)

// Find reads both sides to their ends, and holds what is needed to find and explain the items with one of the SKUs, or with one of
// them as their key. What takes a whole run is not known: the key that a run proposes.
func (p *Prepared) Find(ctx context.Context, skus ...string) (*Held, error) {
	return p.findWith(ctx, skus, RunOptions{}, nil)
}

func (p *Prepared) findWith(ctx context.Context, skus []string, o RunOptions, wrap wrapping) (*Held, error) {
	o.MemoryLimit = memory.DefaultLimit()
	var job engine.Job
	result, err := p.reading(ctx, o, func(ctx context.Context, j engine.Job) (*report.Result, error) {
		job = j
		return engine.Find(ctx, j, skus, wrap)
	})
	if err != nil {
		return nil, err
	}
	held, err := p.hold(result)
	if err != nil {
		return nil, err
	}
	held.slips, held.job = map[string][]string{}, job
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
		return engine.Find(ctx, job, skus, nil)
	})
}

// SKUs returns the SKUs of all items, each once: those of pos first, in the order of the sources. What Find found they are read for.
func (h *Held) SKUs(ctx context.Context) (skus []string, err error) {
	seen := map[string]bool{"": true}
	if h.slips == nil {
		for _, it := range h.Items {
			if sku := it.SKU(); !seen[sku] {
				seen[sku] = true
				skus = append(skus, sku)
			}
		}
		return skus, nil
	}
	var sides [2][]string
	err = h.eachSKU(ctx, h.job, func(side verdict.Side, sku string) { sides[side] = append(sides[side], strings.Clone(sku)) })
	for _, list := range sides {
		for _, sku := range list {
			if !seen[sku] {
				seen[sku] = true
				skus = append(skus, sku)
			}
		}
	}
	return skus, err
}

// slipsOf reads all SKUs of both sides, and returns those that a SKU which none has is most likely a slip for.
func (p *Prepared) slipsOf(ctx context.Context, job engine.Job, sku string) ([]string, error) {
	sides := [2]*slips{newSlips(sku), newSlips(sku)}
	if err := p.eachSKU(ctx, job, func(side verdict.Side, other string) { sides[side].add(other) }); err != nil {
		return nil, err
	}
	for _, list := range sides[verdict.Store].byDistance {
		for _, other := range list {
			sides[verdict.Pos].add(other)
		}
	}
	return sides[verdict.Pos].list(), nil
}

// eachSKU calls each with all SKUs, those of both sides at once. They are good until it returns.
func (p *Prepared) eachSKU(ctx context.Context, job engine.Job, each func(side verdict.Side, sku string)) error {
	reading := p.session.begin(p.Reconciliation.Pos, p.Reconciliation.Store)
	defer p.session.Listener.End() // what is to be told was told by the first read
	job.Pos.Watch, job.Store.Watch = reading.sides[verdict.Pos], reading.sides[verdict.Store]
	_, err := engine.EachKey(ctx, job, func(side verdict.Side, sku, _ string) { each(side, sku) })
	switch {
	case err != nil && ctx.Err() != nil:
		return context.Canceled
	case err != nil:
		return p.place(err)
	}
	return nil
}
