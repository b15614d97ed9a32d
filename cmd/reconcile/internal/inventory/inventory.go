// Package inventory is what the Inventory Screen is about: the reconciliations of a configuration, which is read anew each time, the runs that
// were kept of them, and imports that are under way. It implements screen.Shop.
package inventory

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/rules/explain"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/archive"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/jobs"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/session"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/web/screen"
)

// Shop implements screen.Shop.
type Shop struct {
	Session func() *session.Session // returns a new one
	Runs    *archive.Archive
	Store   *store.Store
	Imports *jobs.Imports

	mu      sync.Mutex
	changes map[string]*archive.Changes // by run: those that were asked for last
	order   []string
}

var _ screen.Shop = (*Shop)(nil)

// Reconciliations implements screen.Shop.
func (s *Shop) Reconciliations(ctx context.Context) ([]screen.Reconciliation, error) {
	config, diags := s.Session().Load()
	var list []screen.Reconciliation
	known := map[string]bool{}
	for _, r := range config.Reconciliations {
		of := screen.Reconciliation{Name: r.Name, Title: r.Title}
		if r.Pos != nil && r.Store != nil {
			of.Pos, of.Store = r.Pos.Name, r.Store.Name
		}
		list, known[r.Name] = append(list, of), true
	}
	var mistake error
	if diags.HasErrors() {
		mistake = errors.New(session.InWords(s.Session().Refuse(config, diags)))
		runs, err := s.Runs.List(ctx, "", 0)
		if err != nil {
			return nil, err
		}
		for _, r := range runs {
			if !known[r.Reconciliation] {
				list, known[r.Reconciliation] = append(list, screen.Reconciliation{Name: r.Reconciliation, Title: r.Reconciliation}), true
			}
		}
	}
	for i := range list {
		if err := s.fill(ctx, &list[i]); err != nil {
			return nil, err
		}
	}
	return list, mistake
}

// fill adds what became of a reconciliation so far.
func (s *Shop) fill(ctx context.Context, of *screen.Reconciliation) error {
	// An import that is over now has its run already. Asked for after the run, it would look as if there had been none.
	if state, is := s.Imports.State(of.Name); is {
		of.Importing = &screen.Importing{Began: state.Began}
		for _, r := range state.Sources {
			of.Importing.Sources = append(of.Importing.Sources, screen.Reading{Source: r.Source, Items: r.Items, Total: r.Total, Text: r.Text, Done: state.Read})
		}
	}
	run, failed, err := s.Runs.Last(ctx, of.Name)
	if err != nil {
		return err
	}
	if run != nil {
		kept := s.kept(*run)
		of.Last = &kept
	}
	if failed != nil {
		of.Failure = &screen.Failure{At: failed.Ended, Text: failed.Failure}
	}
	return nil
}

// mostChanges is of how many runs it is kept in memory what has changed.
const mostChanges = 12

// kept returns a run for the screen. Where it cannot be read what has changed, nothing is said of it.
func (s *Shop) kept(r store.Run) screen.Kept {
	kept := screen.Kept{ID: r.ID, Path: s.Runs.Path(r.ID), MadeAt: r.Ended}
	if c := s.changesOf(r); c != nil {
		kept.Since, kept.SinceOf, kept.New, kept.Before = c.Since, c.SinceOf, c.New, c.Before
	}
	return kept
}

func (s *Shop) changesOf(r store.Run) *archive.Changes {
	s.mu.Lock()
	c, known := s.changes[r.ID]
	s.mu.Unlock()
	if known {
		return c
	}
	c, err := s.Runs.Changes(r) // without the lock: others go on while a file is read
	if err != nil {
		return nil // the next one tries anew
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if known, is := s.changes[r.ID]; is {
		return known
	}
	if s.changes == nil {
		s.changes = map[string]*archive.Changes{}
	}
	s.changes[r.ID], s.order = c, append(s.order, r.ID)
	if len(s.order) > mostChanges {
		delete(s.changes, s.order[0])
		s.order = s.order[1:]
	}
	return c
}

// File implements screen.Shop.
func (s *Shop) File(ctx context.Context, reconciliation, run string) (screen.Kept, error) {
	if run == "" {
		last, _, err := s.Runs.Last(ctx, reconciliation)
		if err == nil && last == nil {
			err = screen.ErrNoRun
		}
		if err != nil {
			return screen.Kept{}, err
		}
		return s.kept(*last), nil
	}
	r, err := s.Runs.Find(ctx, run)
	if errors.Is(err, store.ErrNoRun) || err == nil && (r.Reconciliation != reconciliation || r.ID != run) {
		return screen.Kept{}, fmt.Errorf("%w: %q", screen.ErrNoRun, run)
	}
	if err != nil {
		return screen.Kept{}, err
	}
	return s.kept(r), nil
}

// Import implements screen.Shop.
func (s *Shop) Import(ctx context.Context, who store.Actor, reconciliation string) error {
	began, err := s.Imports.Start(reconciliation, s.Session().Fingerprint())
	if err != nil || !began {
		return err
	}
	return s.Store.Note(ctx, who, store.Entry{What: "import", Subject: reconciliation})
}

// Explain implements screen.Shop.
func (s *Shop) Explain(_ context.Context, reconciliation string, run *report.Result, it *report.Item) ([]explain.Explanation, error) {
	return s.Session().ExplainKept(reconciliation, run, it)
}
