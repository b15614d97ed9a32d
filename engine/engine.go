// Package engine runs a reconciliation: it reads both sides, pairs their items, evaluates the rules and hands on the
// result. It knows a source only as something that can be read to its end.
package engine

import (
	"context"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/rules"
)

// Source is one side of a reconciliation.
type Source interface {
	// Read reads all items and hands them to sink in the source's order, as batches with the fields of asked in its
	// order. It returns nil only if these were all items that the source has; half a catalogue is an error. It
	// returns sink's error if there is one, and returns soon after ctx is done. sink is not called after it returned.
	Read(ctx context.Context, asked *catalog.Schema, watch Watcher, sink func(*catalog.Batch) error) (Read, error)
}

// Read says what a complete read amounts to.
type Read struct {
	Items  int64
	ReadAt time.Time // when the data were as they are
	Copy   bool      // they come from a Local Copy
}

// Watcher is told how a read goes on. Both sides are read at once, each with a Watcher of its own.
type Watcher interface {
	Progress(items, total int64, text string) // total is 0 where it is not known
	Warning(text string)
}

// Side is a source with what the report calls it.
type Side struct {
	Source          Source
	Connector, Name string
	Watch           Watcher
}

// Job is what Run does.
type Job struct {
	Reconciliation string // its name, for the report
	Program        *rules.Program
	Pos, Store     Side
	All            bool          // keep synchronized items in the result, too
	MaxSkew        time.Duration // by how much the sides' ages may differ; 0: by any time
}

// Run reads both sides at once, to their ends, and returns the result. There is no result unless both reads ended well:
// the error is that of the side that failed first.
func Run(ctx context.Context, job Job) (*report.Result, error) {
	pos, store, err := readBoth(ctx, job)
	if err != nil {
		return nil, err
	}
	result := &report.Result{
		Reconciliation: job.Reconciliation,
		Pos:            sourceOf(job.Pos, pos.read),
		Store:          sourceOf(job.Store, store.read),
		MadeAt:         time.Now(),
		MaxSkew:        job.MaxSkew,
		PosFields:      ruleFields(job.Program, report.Pos, job.Program.Pos),
		StoreFields:    ruleFields(job.Program, report.Store, job.Program.Store),
	}
	for _, r := range job.Program.Rules {
		rule := report.Rule{Code: r.Code, Title: r.Title, Note: r.Note, Range: r.Range,
			On: report.Status(r.On), Severity: report.Severity(r.Severity)}
		for _, f := range r.Fields {
			rule.Fields = append(rule.Fields, report.FieldRef{Side: report.Side(f.Side), Field: f.Field})
		}
		result.Rules = append(result.Rules, rule)
	}
	evaluate(ctx, job, pos, store, result)
	return result, ctx.Err()
}

func sourceOf(side Side, read Read) report.Source {
	return report.Source{Connector: side.Connector, Name: side.Name, Items: read.Items, ReadAt: read.ReadAt, Copy: read.Copy}
}

// ruleFields returns the fields of a side that the rules read, in the order of its schema.
func ruleFields(p *rules.Program, side report.Side, schema *catalog.Schema) []catalog.Field {
	used := map[string]bool{}
	for _, r := range p.Rules {
		for _, f := range r.Fields {
			if report.Side(f.Side) == side {
				used[f.Field] = true
			}
		}
	}
	var fields []catalog.Field
	for _, f := range schema.Fields() {
		if used[f.Name] {
			fields = append(fields, f)
		}
	}
	return fields
}
