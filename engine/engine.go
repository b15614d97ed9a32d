// Package engine runs a reconciliation: it reads both sides, pairs their items, evaluates the rules and hands on the
// result. It knows a source only as something that can be read to its end.
package engine

import (
	"context"
	"runtime"
	"slices"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/chunk"
	"github.com/reconcilehq/reconcile/engine/match"
	"github.com/reconcilehq/reconcile/engine/near"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/row"
	"github.com/reconcilehq/reconcile/engine/spill"
	"github.com/reconcilehq/reconcile/engine/spool"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules"
)

// Source is one side of a reconciliation.
type Source interface {
	// Read reads all items and passes them to sink, in the source's order. The batches have the fields of asked, in that
	// order. Read returns nil only if these were all items of the source: half a catalogue is an error. If sink returns an
	// error, Read returns it. It returns soon after ctx is done, and does not call sink after it returned. sink releases the
	// batches: a source that keeps one must pass on another batch with the same columns.
	Read(ctx context.Context, asked *catalog.Schema, watch ReadWatcher, sink func(*catalog.Batch) error) (Read, error)
}

// Finder is a Source that need not hand on all that it reads.
type Finder interface {
	// Find is like Read, but may leave out items of which neither the SKU nor the SKU of their parent has one of the looks (see
	// catalog.Look), as far as asked has these fields. Without looks it is Read. It reads as much as Read, fails where Read does, and
	// Read.Items counts what it left out. Items of a SKU that are not handed on are not in the source.
	Find(ctx context.Context, asked *catalog.Schema, looks []string, watch ReadWatcher, sink func(*catalog.Batch) error) (Read, error)
}

// Fetcher is a Source that may be able to hand on single items without reading all.
type Fetcher interface {
	// CanFetch reports whether Fetch is worth a call: whether it asks for less than Read.
	CanFetch(ctx context.Context) bool
	// Fetch is like Read, of all items that have one of the SKUs, as they stand; others may be among them. Whether an item that did not
	// come is not in the source, nobody knows.
	Fetch(ctx context.Context, asked *catalog.Schema, skus []string, watch ReadWatcher, sink func(*catalog.Batch) error) (Read, error)
}

// Read is what is known of a complete read.
type Read struct {
	Items int64
	// Skipped is the number of rows that were left out since not even their SKU could be read. They may be items.
	Skipped int64
	// Unreadable is the number of rows that were left out but are listed as unreadable items. The engine counts them.
	Unreadable int64
	ReadAt     time.Time // the time from which the data are
	File       string    // the file whose last change ReadAt is; "" if it is that of no file
	Copy       bool      // the data come from a Local Copy
	// Currencies are the currencies of amounts, by field. A field that is not in it fits any currency.
	Currencies map[string]catalog.Currency
	// Units are the units of weights and lengths, by field. A field that is not in it fits any unit.
	Units map[string]catalog.Measure
}

// Watcher is told how a read goes on. Both sides are read at once, each with a Watcher of its own.
type Watcher interface {
	Progress(items, total int64, text string) // total is 0 where it is not known
	Warning(text string)
	Notice(text string) // tells how something was read that had to be guessed: no warning, and not in the report
	// Waiting says that the source waits for its platform until then (zero: it is not known), and text says so for people.
	Waiting(until time.Time, text string)
}

// ReadWatcher is also told what is left out of a read.
type ReadWatcher interface {
	Watcher
	// Unreadable takes items that the source has but that could not be read. If it returns an error, Read returns that.
	Unreadable(items []catalog.Unreadable) error
}

// Side is a source with its names in the report.
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
	Unchecked      bool          // keep items in the result that are not checked, too
	Brief          bool          // with All: of items with which nothing is wrong keep no more than SKU, name and key
	MaxSkew        time.Duration // by how much the sides' ages may differ; 0: by any time

	// MemoryLimit bounds the memory of the process, in bytes: what would exceed it is kept on disk until the result is
	// closed. The process itself takes some 100 MiB that no limit reduces. 0 is no limit.
	MemoryLimit int64
}

// Run reads both sides at once, to their ends, and returns the result. The caller closes it. If one side fails there is no
// result, and the error is that of the side that failed first.
//
// Items are paired while they are read. All pairs are kept until both reads have ended: if a key comes up again, both of its
// items are reported as duplicates.
func Run(ctx context.Context, job Job) (_ *report.Result, err error) {
	_ = spill.Sweep(spill.Root()) // what cannot be removed now is tried again by the next run
	memory := divide(job.MemoryLimit, runtime.GOMAXPROCS(0))
	defer memory.pace()()
	disk, restore := &disk{}, func() {}
	defer func() {
		if err != nil {
			restore()
			_ = disk.Close() // what is left goes with the next run
		}
	}()
	pool := &chunk.Pool{}
	s := newShared(job, pool, spool.New(memory.keeping, pool, disk.open))
	s.parents = newParents(ctx, s, match.Options{Memory: memory.parents, Pool: pool, Folder: disk.open})
	matcher := match.New(s.layout, match.Options{Memory: memory.matching, Pool: pool, Folder: disk.open})
	keys := [2]*near.Side{near.NewSide(memory.keys), near.NewSide(memory.keys)}
	reads, err := readBoth(ctx, job, matcher, keys)
	if err != nil {
		return nil, err
	}
	if err := checkCurrencies(job, reads); err != nil {
		return nil, err
	}
	if err := checkMeasures(job, reads); err != nil {
		return nil, err
	}
	s.otherMoney = job.Program.InOtherCurrencies([2]map[string]catalog.Currency{reads[0].Currencies, reads[1].Currencies})
	result := newResult(job, reads)
	result.WarnOfEmpty()
	warnUntold(job, reads, result)
	warnUnmeasured(job, reads, result)
	restore = collectSooner(reads[0].Items + reads[1].Items)
	if err := s.evaluate(ctx, matcher, keys, result); err != nil {
		return nil, err
	}
	result.WarnOfNoPair()
	listing := s.listing()
	result.Items, result.Whole, result.Brief = listing.items, job.All, job.Brief
	result.SetPages(listing.pages)
	result.WhyUnknown = s.whyUnknown()
	result.OnClose = func() error {
		restore()
		s.spool.Close()
		pool.LetGo()
		return disk.Close()
	}
	return result, nil
}

func newShared(job Job, pool *chunk.Pool, kept *spool.Spool) *shared {
	p := job.Program
	twins := make([][2]int, len(p.Twins()))
	for i, t := range p.Twins() {
		twins[i] = t
	}
	return &shared{
		job:      job,
		layout:   row.NewLayout([2]*catalog.Schema{p.Pos, p.Store}, twins, !p.KeyIsSKU()),
		intents:  intents(p),
		outcomes: &outcomes{indexes: map[string]int32{}},
		spool:    kept,
		pool:     pool,
	}
}

// newResult returns the result without its items and its summary.
func newResult(job Job, reads [2]Read) *report.Result {
	result := &report.Result{
		Reconciliation: job.Reconciliation,
		Pos:            sourceOf(job.Pos, reads[0]),
		Store:          sourceOf(job.Store, reads[1]),
		MadeAt:         time.Now(),
		MaxSkew:        job.MaxSkew,
		PosFields:      ruleFields(job.Program, verdict.Pos, job.Program.Pos),
		StoreFields:    ruleFields(job.Program, verdict.Store, job.Program.Store),
	}
	result.Pos.ItemPage, result.Store.ItemPage = job.Program.Pos.ItemPage(), job.Program.Store.ItemPage()
	for i, r := range job.Program.Rules {
		rule := report.Rule{Code: r.Code, Title: r.Title, Note: r.Note, Range: r.Range,
			On: r.On, Severity: r.Severity, Meaning: job.Program.Meaning(i)}
		for _, f := range r.Fields {
			rule.Fields = append(rule.Fields, report.FieldRef{Side: f.Side, Field: f.Field})
		}
		result.Rules = append(result.Rules, rule)
	}
	return result
}

func sourceOf(side Side, read Read) report.Source {
	return report.Source{Connector: side.Connector, Name: side.Name, Items: read.Items, ReadAt: read.ReadAt, File: read.File, Copy: read.Copy, Skipped: read.Skipped, Unreadable: read.Unreadable, Currencies: read.Currencies, Units: read.Units}
}

// ruleFields returns the fields of a side that the rules read, in the order of its schema.
func ruleFields(p *rules.Program, side verdict.Side, schema *catalog.Schema) []catalog.Field {
	used := map[string]bool{}
	for _, r := range p.Rules {
		for _, f := range slices.Concat(r.Fields, r.About) {
			if f.Side == side {
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
