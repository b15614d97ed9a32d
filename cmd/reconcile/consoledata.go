package main

import (
	"context"
	"errors"

	"github.com/reconcilehq/reconcile/engine"
	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/plugins/host"
	"github.com/reconcilehq/reconcile/rules/expr"
)

// console is what expressions are evaluated on.
type console struct {
	*finder
	whole map[*catalog.Batch]*catalog.Batch // with all fields, by the batch that the result has
	sides [2]*catalog.Schema                // of those
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
	c.whole = map[*catalog.Batch]*catalog.Batch{}
	var readers [2]*wholeSource
	result, err := c.prepared.read(ctx, true, func(side int, s engine.Source) engine.Source {
		readers[side] = &wholeSource{Source: s, schema: c.sides[side]}
		return readers[side]
	})
	if err != nil {
		return err
	}
	c.result = result
	for _, r := range readers {
		for _, read := range r.batches {
			c.whole[read.part] = read.whole
		}
	}
	return nil
}

// wholeSource reads all fields of a source and hands on those that are asked for.
type wholeSource struct {
	engine.Source
	schema  *catalog.Schema
	batches []struct{ part, whole *catalog.Batch }
}

// Read implements engine.Source.
func (s *wholeSource) Read(ctx context.Context, asked *catalog.Schema, w engine.Watcher, sink func(*catalog.Batch) error) (engine.Read, error) {
	return s.Source.Read(ctx, s.schema, w, func(whole *catalog.Batch) error {
		columns := make([]catalog.Column, asked.Len())
		for i := range columns {
			columns[i] = whole.Column(s.schema.Index(asked.Field(i).Name))
		}
		part := catalog.NewBatch(asked, whole.Len(), columns)
		s.batches = append(s.batches, struct{ part, whole *catalog.Batch }{part, whole})
		return sink(part)
	})
}

// row returns the item's row on a side with all its fields; false if it is not there.
func (c *console) row(side int) (report.Row, bool) {
	row := []report.Row{c.item.Pos, c.item.Store}[side]
	if !row.Has() {
		return row, false
	}
	return report.Row{Batch: c.whole[row.Batch], I: row.I}, true
}
