package main

import (
	"context"
	"errors"

	"github.com/reconcilehq/reconcile/engine"
	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/plugins/host"
	"github.com/reconcilehq/reconcile/rules/expr"
)

// console is what expressions are evaluated on.
type console struct {
	*finder
	whole [2]*wholeSource    // the items with all their fields
	sides [2]*catalog.Schema // of those
	scope *expr.Scope
	item  *report.Item
}

// newConsole reads both sides with all their fields. A field that no rule reads can hold what cannot be read, which no
// run would notice: then only the fields that the rules read are there.
func (p *prepared) newConsole(ctx context.Context) (*console, error) {
	c := &console{finder: &finder{prepared: p}, sides: [2]*catalog.Schema{p.schemaOf(p.reconciliation.Pos), p.schemaOf(p.reconciliation.Store)}}
	err := c.read(ctx)
	var failure *host.Failure
	var lacking *lackingError
	if (errors.As(err, &failure) || errors.As(err, &lacking)) && ctx.Err() == nil {
		c.sides = [2]*catalog.Schema{p.program.Pos, p.program.Store}
		if again := c.read(ctx); again != nil {
			return nil, again
		}
		why := err.Error()
		if failure != nil {
			why = failure.Text
		}
		p.app.warn("only the fields that the rules read are here: %s", why)
	} else if err != nil {
		return nil, err
	}
	c.scope = p.config.Scope(c.sides[0], c.sides[1])
	return c, nil
}

func (c *console) read(ctx context.Context) error {
	result, err := c.prepared.read(ctx, true, func(side verdict.Side, s engine.Source) engine.Source {
		c.whole[side] = &wholeSource{Source: s, schema: c.sides[side]}
		return c.whole[side]
	})
	if err != nil {
		return err
	}
	return c.hold(result)
}

// wholeSource reads all fields of a source and hands on those that are asked for.
type wholeSource struct {
	engine.Source
	schema  *catalog.Schema
	batches []*catalog.Batch
}

// Read implements engine.Source.
func (s *wholeSource) Read(ctx context.Context, asked *catalog.Schema, w engine.Watcher, sink func(*catalog.Batch) error) (engine.Read, error) {
	return s.Source.Read(ctx, s.schema, w, func(whole *catalog.Batch) error {
		columns := make([]catalog.Column, asked.Len())
		for i := range columns {
			columns[i] = whole.Column(s.schema.Index(asked.Field(i).Name))
		}
		s.batches = append(s.batches, whole)
		return sink(catalog.NewBatch(asked, whole.Len(), columns))
	})
}

// row returns the item at a place in the source.
func (s *wholeSource) row(place int64) report.Row {
	at := place
	for _, b := range s.batches {
		if at < int64(b.Len()) {
			return report.Row{Batch: b, I: int(at), Place: place}
		}
		at -= int64(b.Len())
	}
	return report.Row{}
}

// row returns the item's row on a side with all its fields; false if it is not there.
func (c *console) row(side verdict.Side) (report.Row, bool) {
	row := c.item.Row(side)
	if !row.Has() {
		return row, false
	}
	return c.whole[side].row(row.Place), true
}
