package mend

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/reconcilehq/reconcile/engine/apply"
	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/journal"
	"github.com/reconcilehq/reconcile/engine/plan"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/mend/ledger"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/session"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
)

// workshop is where one plan is carried out: the store, opened to be changed, and the folder of journals, which is ours alone. It is to be
// closed.
type workshop struct {
	p        *session.Prepared
	platform apply.Platform
	ledger   ledger.Ledger
	by       string       // who carries it out
	unlock   func() error // nil before the folder is ours
	plan     *plan.Plan
	refused  []string // why the plan may not be carried out any more: only what was sent before is looked at then
	path     string   // of the plan's file
	journal  *journal.Journal
	estimate *apply.Estimated
	say      func(format string, args ...any) // tells whoever waits
	waits    bool                             // that was told
}

// open opens the store of a plan, and checks that the plan may be carried out. It sends nothing but questions.
func (d Desk) open(ctx context.Context, path string, made *plan.Plan) (*workshop, error) {
	w := &workshop{plan: made, path: path, by: d.by(), say: d.Term.Say}
	if err := w.open(ctx, d); err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

func (w *workshop) open(ctx context.Context, d Desk) (err error) {
	if w.p, err = d.ToApply(ctx, w.plan.Reconciliation); err != nil {
		return err
	}
	if w.platform, err = w.p.Store().Platform(); err != nil {
		return err
	}
	basis, err := BasisOf(w.p)
	if err != nil {
		return err
	}
	if err := refused(w.path, w.plan.Refusals(w.p.Reconciliation.Name, basis, w.plan.MadeAt)); err != nil {
		return err // it may be about another store, in which there is nothing to settle either
	}
	w.refused = w.plan.Refusals(w.p.Reconciliation.Name, basis, time.Now()) // it has expired
	if len(w.refused) == 0 && w.plan.NeedsAnother(w.p.Config.Brakes) && store.SameName(w.plan.MadeBy, w.by) {
		return fourEyes(w.plan, "somebody else has to carry it out. Nothing was sent")
	}
	if w.unlock, err = w.lock(d); err != nil {
		return err
	}
	if err := w.openJournal(); err != nil {
		return err
	}
	switch unsettled := w.unsettled(); {
	case len(w.refused) > 0 && !unsettled:
		return refused(w.path, w.refused)
	case len(w.plan.Stops) > 0 && !unsettled:
		return stopped(w.plan)
	}
	if _, err := w.p.Store().Check(ctx); err != nil {
		return fmt.Errorf("before anything is changed: %w", err)
	}
	changes, err := w.todo()
	if err == nil {
		w.estimate, err = apply.Estimate(ctx, w.platform, changes, plan.Order(), session.Unwatched())
	}
	return err
}

// lock makes the folder for journals, and makes sure that nobody else uses it.
func (w *workshop) lock(d Desk) (unlock func() error, err error) {
	data, err := d.Data()
	if err != nil {
		return nil, err
	}
	w.ledger = ledger.In(data)
	_, unlock, err = store.LockJournals(data)
	return unlock, err
}

// openJournal opens the plan's journal where somebody has begun to carry it out.
func (w *workshop) openJournal() error {
	path := w.ledger.JournalPath(w.plan.ID)
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	j, err := journal.OpenFile(path)
	if err != nil {
		return err
	}
	w.journal = j
	hash, err := w.plan.Hash()
	if err != nil {
		return err
	}
	if j.PlanHash != hash {
		return fmt.Errorf("the journal %s is of another plan with the same id", path)
	}
	return nil
}

// unsettled reports whether something was sent of which nobody knows what became of it.
func (w *workshop) unsettled() bool {
	return w.journal != nil && w.journal.Unsettled()
}

// todo returns the changes that are to be made.
func (w *workshop) todo() (changes []journal.Change, err error) {
	if w.journal == nil {
		_, changes, err = w.plan.Begin()
		return changes, err
	}
	for _, c := range w.journal.Changes {
		if c.State != journal.Told || !journal.IsFinal(c.Outcome.Kind) {
			changes = append(changes, *c)
		}
	}
	return changes, nil
}

// run carries the plan out, and returns what became of it. The error says why not all was tried.
func (w *workshop) run(ctx context.Context) (*journal.Content, error) {
	path := w.ledger.JournalPath(w.plan.ID)
	if w.journal == nil {
		header, changes, err := w.plan.Begin()
		if err != nil {
			return nil, err
		}
		if w.journal, err = journal.Create(path, header, changes); err != nil {
			return nil, err
		}
	}
	job := apply.Job{Journal: w.journal, By: w.by, Steps: plan.Order(), Platform: w.platform, Watch: session.Unwatched(), Writable: w.p.Store().Writable(),
		Schema: w.p.Store().Schema, Estimated: w.estimate, SettleOnly: len(w.refused) > 0, Waits: w.waiting}
	if err := w.review(&job); err != nil {
		return nil, err
	}
	failed := apply.Run(ctx, job)
	content, err := journal.ReadFile(path) // as whoever goes on will find it
	return content, errors.Join(failed, err)
}

// waiting says once that what was sent before may still come.
func (w *workshop) waiting(until time.Time) {
	if !w.waits {
		w.say("What was sent before may still come: waiting for the store to show it, until %s at most.", until.Local().Format("15:04:05"))
	}
	w.waits = true
}

// review has the job look at each change again: by the rules of today, and at quantities by what the store shows then.
func (w *workshop) review(job *apply.Job) error {
	if w.plan.Reverts != "" || job.SettleOnly {
		return nil
	}
	review, err := plan.NewReview(w.plan, w.p.Program, job.Writable)
	if err != nil {
		return err
	}
	byKey := map[string]*plan.Change{}
	for i := range w.plan.Changes {
		byKey[w.plan.Changes[i].Key] = &w.plan.Changes[i]
	}
	fields, places, err := w.freshFields()
	if err != nil {
		return err
	}
	job.FreshFor = func(step string) (*catalog.Schema, bool) { return fields, step == plan.Quantities.String() }
	job.Objection = func(key string, fresh []catalog.Value) (string, error) {
		c := byKey[key]
		if c == nil {
			return "", fmt.Errorf("the plan has no change %s", key)
		}
		if fresh == nil {
			return review.Objection(c, nil)
		}
		values := make([]catalog.Value, len(places))
		for i, at := range places {
			values[i] = fresh[at]
		}
		return review.Objection(c, values)
	}
	return nil
}

// freshFields returns the fields of the store that are read anew before quantities: those that the rules read, and what items are recognised
// by. places are the places of the former among them.
func (w *workshop) freshFields() (fields *catalog.Schema, places []int, err error) {
	names := w.p.Program.Store.Names()
	for i := range names {
		places = append(places, i)
	}
	if w.p.Program.Store.Index("id") < 0 && w.p.Store().Schema.Index("id") >= 0 {
		names = append(slices.Clone(names), "id")
	}
	fields, err = w.p.Store().Schema.Select(names)
	return fields, places, err
}

// close lets go of everything.
func (w *workshop) close() {
	if w.journal != nil {
		_ = w.journal.Close() // what had to be on disk was synced
	}
	if w.unlock != nil {
		_ = w.unlock()
	}
	if w.p != nil {
		w.p.Close()
	}
}

// fourEyes says that another one has to carry out a plan, and what to do.
func fourEyes(p *plan.Plan, then string) error {
	return fmt.Errorf("the plan %s has %d changes, which is more than one person may plan and carry out (four_eyes of the brakes). It was made by %s: %s", p.ID, len(p.Changes), p.MadeBy, then)
}

// stopped says which brake stops a plan.
func stopped(p *plan.Plan) error {
	s := p.Stops[0]
	return fmt.Errorf("the brake %s stops the plan: %s. Nothing was sent. If that is meant, plan again with --allow %s", s.Brake, s.Text, s.Brake)
}
