// Package fleet does for all shops of a list what a command does for one: on this machine, some of them at a time. A shop that fails
// stops no other.
package fleet

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/fault"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/rules"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/archive"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/session"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
)

// Outcome is what became of a shop.
type Outcome struct {
	Shop     string
	Failure  string // why it was not compared; "" if it was
	Warnings []string
	Took     time.Duration
	Run      string // the name of the run that was kept; "" if none was

	Counts        store.Counts
	Discrepancies bool             // see report.Result.Discrepancies
	Nothing       string           // why nothing was compared; "" if something was
	Unused        []session.Unused // what made nothing intentional in this shop, of what the configuration has for all of them
}

// Fleet compares one reconciliation of many shops.
type Fleet struct {
	Reconciliation string // "" for the only one
	MemoryLimit    int64  // of all together, in bytes
	Jobs           int    // how many shops at a time, 1 at least

	Session func(shop string, l session.Listener) *session.Session
	Archive func(shop string) (*archive.Archive, error) // nil: no run is kept
	Hide    func(text string) string                    // takes the sources' secrets out
	Done    func(Outcome)                               // is called for each shop that is done, one after the other

	// Keep keeps a run, and the run has failed if it cannot be kept; nil: it is kept as Draft.Keep does, and that it is not is a warning.
	Keep func(ctx context.Context, d *archive.Draft, keep rules.History) (store.Run, error)
}

// Run compares all shops, and returns what became of each, worst first. Where ctx ends, those that were not compared yet have failed.
func (f *Fleet) Run(ctx context.Context, shops []string) []Outcome {
	all := Each(ctx, f.Jobs, shops, f.One, f.Done)
	slices.SortStableFunc(all, worst)
	return all
}

// Each calls one for each shop, some at a time, and returns the outcomes in the shops' order.
func Each(ctx context.Context, jobs int, shops []string, one func(ctx context.Context, shop string) Outcome, done func(Outcome)) []Outcome {
	outcomes := make([]Outcome, len(shops))
	next := make(chan int)
	var workers sync.WaitGroup
	var telling sync.Mutex
	for range max(1, min(jobs, len(shops))) {
		workers.Go(fault.Caught(func() {
			for i := range next {
				began := time.Now()
				o := Outcome{Failure: interrupted}
				if ctx.Err() == nil {
					o = one(ctx, shops[i])
				}
				o.Shop, o.Took = shops[i], time.Since(began)
				outcomes[i] = o
				telling.Lock()
				done(o)
				telling.Unlock()
			}
		}))
	}
	for i := range shops {
		next <- i
	}
	close(next)
	workers.Wait()
	return outcomes
}

const interrupted = "interrupted"

// One compares one shop; "" is the only one of a configuration without a list.
func (f *Fleet) One(ctx context.Context, shop string) (o Outcome) {
	heard := &listener{}
	defer func() {
		o.Failure, o.Warnings = f.Hide(o.Failure), heard.warnings()
		for i, text := range o.Warnings {
			o.Warnings[i] = f.Hide(text)
		}
	}()
	began := time.Now()
	p, err := f.Session(shop, heard).Prepare(ctx, f.Reconciliation)
	if err != nil {
		o.Failure = Why(err)
		return o
	}
	defer p.Close()
	heard.addDiags(p.Diags)
	result, err := p.Run(ctx, session.RunOptions{All: f.Archive != nil, Brief: f.Archive != nil, MemoryLimit: f.MemoryLimit / int64(max(1, f.Jobs)),
		Unused: func(list []session.Unused) { o.Unused = list }})
	if err != nil {
		o.Failure = Why(err)
		return o
	}
	defer p.CloseResult(result)
	o.Counts, o.Discrepancies, o.Nothing = archive.CountsOf(result), result.Discrepancies(), result.Nothing()
	if f.Archive == nil {
		return o
	}
	run, err := f.keep(ctx, shop, result, began, p.Config.History)
	switch {
	case err == nil:
	case f.Keep != nil && run.ID == "":
		o.Failure = "the run cannot be kept: " + err.Error()
	default:
		heard.add("this run is not kept, or old ones are not removed: " + err.Error())
	}
	if o.Run = run.ID; run.ID != "" {
		o.Counts = run.Counts
	}
	return o
}

// keep keeps a result. Where the run has a name in spite of an error, it is kept, and others could not be removed.
func (f *Fleet) keep(ctx context.Context, shop string, result *report.Result, began time.Time, history rules.History) (store.Run, error) {
	runs, err := f.Archive(shop)
	if err != nil {
		return store.Run{}, err
	}
	draft, err := runs.Begin(result, began)
	if err != nil {
		return store.Run{}, err
	}
	if f.Keep == nil {
		return draft.Keep(ctx, history)
	}
	return f.Keep(ctx, draft, history)
}

// Why says in a line why a shop failed.
func Why(err error) string {
	var mistakes *session.MistakesError
	if errors.Is(err, context.Canceled) {
		return interrupted
	}
	if !errors.As(err, &mistakes) {
		return err.Error()
	}
	var said string
	more := 0
	for _, diag := range mistakes.Diags {
		switch {
		case diag.Severity != hcl.DiagError:
		case said == "":
			said = diag.Summary + ": " + diag.Detail
			if r := diag.Subject; r != nil {
				said = fmt.Sprintf("%s:%d: %s", r.Filename, r.Start.Line, said)
			}
		default:
			more++
		}
	}
	if said == "" {
		return err.Error()
	}
	if more > 0 {
		said += fmt.Sprintf(" (and %d more)", more)
	}
	return said
}

// Unused warns of what the configuration has for all shops and is of use to none of them. As long as a shop failed, nobody knows that.
func Unused(all []Outcome) []string {
	var none []session.Unused
	for i, o := range all {
		switch {
		case o.Failure != "" || o.Nothing != "":
			return nil
		case i == 0:
			none = o.Unused
		default:
			none = slices.DeleteFunc(slices.Clone(none), func(u session.Unused) bool {
				return !slices.ContainsFunc(o.Unused, func(other session.Unused) bool { return other.Name == u.Name && other.Place == u.Place })
			})
		}
	}
	return session.UnusedTexts(none, " in any shop")
}

// worst has what needs a person most come first: what failed, then by how much is wrong.
func worst(a, b Outcome) int {
	return cmp.Or(-cmp.Compare(rank(a), rank(b)), -cmp.Compare(wrong(a), wrong(b)))
}

func rank(o Outcome) int {
	switch {
	case o.Failure != "":
		return 2
	case o.Discrepancies:
		return 1
	}
	return 0
}

func wrong(o Outcome) int { return o.Counts.NotSynchronized + o.Counts.NotPaired + o.Counts.NotChecked }
