package session

import (
	"context"
	"errors"

	"github.com/reconcilehq/reconcile/engine"
	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/plugins/host"
)

// Whole is a result with all fields of the items, those that no rule reads, too.
type Whole struct {
	*Held
	Schemas [2]*catalog.Schema // of the sides

	read [2]*wholeSource
}

// HoldWhole runs the reconciliation and holds all items with all their fields. A field that no rule reads can hold what
// cannot be read, which no run would notice: then only the fields that the rules read are there, and the listener hears why.
func (p *Prepared) HoldWhole(ctx context.Context) (*Whole, error) {
	return p.whole(ctx, false, func(ctx context.Context, o RunOptions, wrap wrapping) (*Held, error) {
		o.All, o.Wrap = true, wrap
		result, err := p.read(ctx, o)
		if err != nil {
			return nil, err
		}
		return p.hold(result)
	})
}

// FindWhole is like HoldWhole for the items of a SKU alone, as Find is. again says that somebody has heard what reading tells.
func (p *Prepared) FindWhole(ctx context.Context, sku string, again bool) (*Whole, error) {
	return p.whole(ctx, again, func(ctx context.Context, o RunOptions, wrap wrapping) (*Held, error) {
		return p.findWith(ctx, []string{sku}, o, wrap)
	})
}

// wrapping returns what is read in the place of a side's source.
type wrapping func(side verdict.Side, source engine.Source) engine.Source

// whole reads with all fields, or if that fails, with those that the rules read.
func (p *Prepared) whole(ctx context.Context, quiet bool, read func(context.Context, RunOptions, wrapping) (*Held, error)) (*Whole, error) {
	fields := func(schemas [2]*catalog.Schema) (*Whole, error) {
		w := &Whole{Schemas: schemas}
		var err error
		w.Held, err = read(ctx, RunOptions{Quiet: quiet}, func(side verdict.Side, s engine.Source) engine.Source {
			w.read[side] = &wholeSource{Source: s, schema: schemas[side]}
			return w.read[side]
		})
		return w, err
	}
	w, err := fields([2]*catalog.Schema{p.SchemaOf(p.Reconciliation.Pos), p.SchemaOf(p.Reconciliation.Store)})
	var failure *host.Failure
	var lacking *lackingError
	if err == nil {
		return w, nil
	}
	if ctx.Err() != nil || !errors.As(err, &failure) && !errors.As(err, &lacking) {
		return nil, err
	}
	w, again := fields([2]*catalog.Schema{p.Program.Pos, p.Program.Store})
	if again != nil {
		return nil, again
	}
	if quiet {
		return w, nil
	}
	why := err.Error()
	if failure != nil {
		why = failure.Text
	}
	p.session.warn("only the fields that the rules read are here: %s", why)
	return w, nil
}

// Row returns the item's row on a side with all its fields; false if it is not there.
func (w *Whole) Row(it *report.Item, side verdict.Side) (report.Row, bool) {
	row := it.Row(side)
	if !row.Has() {
		return row, false
	}
	return w.read[side].row(row.Place), true
}

// wholeSource reads all fields of a source and hands on those that are asked for.
type wholeSource struct {
	engine.Source
	schema  *catalog.Schema
	batches []*catalog.Batch
}

// Read implements engine.Source.
func (s *wholeSource) Read(ctx context.Context, asked *catalog.Schema, w engine.ReadWatcher, sink func(*catalog.Batch) error) (engine.Read, error) {
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
