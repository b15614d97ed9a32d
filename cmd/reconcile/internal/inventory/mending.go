package inventory

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/jobs"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/mend/ledger"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/web/rest"
)

// Mending has workers make plans, and carry them out: of each reconciliation one plan is made at a time, and of all one is carried out. It reads
// and writes no source, and looks up no token that may write: the workers do. It implements rest.Mending.
type Mending struct {
	Ledger  ledger.Ledger
	Store   *store.Store
	Imports *jobs.Imports
	Workers *jobs.Workers
	Command func() (*exec.Cmd, error) // starts a worker
	Log     *slog.Logger

	mu    sync.Mutex
	notes map[string]*note // by plan: what the files do not say
	order []string
	heads map[string]known
}

var _ rest.Mending = (*Mending)(nil)

// note is what is known of a plan that does not stand in a file: it is gone when the server is.
type note struct {
	order    *jobs.Order // what a worker is at, or was last
	of       string      // the reconciliation
	key      string      // of the worker; whether it is still there, only Workers knows
	failure  *rest.Failure
	estimate *rest.Estimate
}

// mostNotes is of how many plans notes are kept.
const mostNotes = 200

// noted has f change the note of a plan.
func (m *Mending) noted(id string, f func(*note)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.notes == nil {
		m.notes = map[string]*note{}
	}
	n := m.notes[id]
	if n == nil {
		n = &note{}
		m.notes[id] = n
		if m.order = append(m.order, id); len(m.order) > mostNotes {
			delete(m.notes, m.order[0])
			m.order = m.order[1:]
		}
	}
	f(n)
}

// forget forgets the note of a plan.
func (m *Mending) forget(id string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.notes, id)
	m.order = slices.DeleteFunc(m.order, func(other string) bool { return other == id })
}

// noteOf returns the note of a plan.
func (m *Mending) noteOf(id string) note {
	m.mu.Lock()
	defer m.mu.Unlock()
	if n := m.notes[id]; n != nil {
		return *n
	}
	return note{}
}

func conflict(code, format string, args ...any) error {
	return &rest.Problem{Status: http.StatusConflict, Code: code, Text: fmt.Sprintf(format, args...)}
}

var errNoPlan = &rest.Problem{Status: http.StatusNotFound, Code: "no_plan", Text: "There is no such plan. One that nobody has carried out is kept for a month."}

// Plan implements rest.Mending.
func (m *Mending) Plan(ctx context.Context, who store.Actor, w rest.Wanted) (string, error) {
	order := &jobs.Order{By: who.Name, Plan: &jobs.Plan{Reconciliation: w.Reconciliation, SKUs: w.SKUs, Rules: w.Rules, Allowed: w.Allowed}}
	return m.make(ctx, who, w.Reconciliation, order, store.Entry{What: "plan", Subject: w.Reconciliation, After: inOrder(order.Plan)})
}

// Revert implements rest.Mending.
func (m *Mending) Revert(ctx context.Context, who store.Actor, id string, quantities bool, allowed []string) (string, error) {
	past, err := m.Ledger.Journal(id)
	if errors.Is(err, ledger.ErrNone) {
		return "", conflict("not_begun", "The plan %s was not carried out: there is nothing to take back.", id)
	}
	if err != nil {
		return "", err
	}
	order := &jobs.Order{By: who.Name, Revert: &jobs.Revert{Plan: id, Quantities: quantities, Allowed: allowed}}
	e := store.Entry{What: "plan.revert", Subject: past.Reconciliation, Before: id}
	if quantities {
		e.After = "with quantities"
	}
	return m.make(ctx, who, past.Reconciliation, order, e)
}

// make begins to make a plan. Who asks twice for the same gets the one that is being made.
func (m *Mending) make(ctx context.Context, who store.Actor, of string, order *jobs.Order, e store.Entry) (string, error) {
	order.ID = ledger.NewID(time.Now())
	e.After = strings.TrimSpace(order.ID + " " + e.After)
	key := "plan " + of
	m.noted(order.ID, func(n *note) { n.order, n.of, n.key = order, of, key })
	began, err := m.Workers.Start(key, jobs.Work{Command: m.Command, Order: order, Ended: func(end *jobs.Ended) { m.ended(who, order, end) }})
	if !began {
		m.forget(order.ID)
		if err != nil {
			return "", err
		}
		if s, is := m.Workers.State(key); is && s.Order.By == order.By && sameOrder(s.Order, order) {
			return s.Order.ID, nil
		}
		return "", conflict("busy", "Another plan of %s is being made: wait until it is done.", of)
	}
	return order.ID, m.Store.Note(ctx, who, e)
}

// active returns how far the worker is that a plan has; false if none is at it. The end of a worker is noted before it is gone.
func (m *Mending) active(id string, n note) (jobs.State, bool) {
	if n.key == "" {
		return jobs.State{}, false
	}
	s, is := m.Workers.State(n.key)
	return s, is && s.Order.ID == id
}

func sameOrder(a, b *jobs.Order) bool {
	switch {
	case a.Plan != nil && b.Plan != nil:
		return slices.Equal(a.Plan.SKUs, b.Plan.SKUs) && slices.Equal(a.Plan.Rules, b.Plan.Rules) && slices.Equal(a.Plan.Allowed, b.Plan.Allowed)
	case a.Revert != nil && b.Revert != nil:
		return a.Revert.Plan == b.Revert.Plan && a.Revert.Quantities == b.Revert.Quantities && slices.Equal(a.Revert.Allowed, b.Revert.Allowed)
	}
	return false
}

// inOrder says for the audit trail what a plan is made for.
func inOrder(p *jobs.Plan) string {
	text := "of everything"
	switch {
	case len(p.SKUs) > 0 && len(p.Rules) > 0:
		text = fmt.Sprintf("of %s of %s", strings.Join(p.Rules, ", "), inShortSKUs(p.SKUs))
	case len(p.SKUs) > 0:
		text = "of " + inShortSKUs(p.SKUs)
	case len(p.Rules) > 0:
		text = "of " + strings.Join(p.Rules, ", ")
	}
	if len(p.Allowed) > 0 {
		text += ", letting pass " + strings.Join(p.Allowed, ", ")
	}
	return text
}

func inShortSKUs(skus []string) string {
	text := strings.Join(skus[:min(len(skus), mostNamed)], ", ")
	if left := len(skus) - mostNamed; left > 0 {
		text += fmt.Sprintf(" and %d more", left)
	}
	return text
}

// applyKey is the key of the worker that changes a store: there is one at a time.
const applyKey = "apply"

// Apply implements rest.Mending.
func (m *Mending) Apply(ctx context.Context, who store.Actor, id string, try bool) error {
	p, err := m.Look(ctx, id)
	if err != nil {
		return err
	}
	if err := mayApply(p); err != nil {
		return err
	}
	if err := m.fourEyes(ctx, who, p); err != nil {
		return err
	}
	order := &jobs.Order{ID: id, By: who.Name, Apply: &jobs.Apply{Try: try}}
	e := store.Entry{What: "apply", Subject: p.Reconciliation, After: fmt.Sprintf("%s: %d changes, planned by %s", id, p.Changes, p.MadeBy)}
	if try {
		e.What = "apply.estimate"
	}
	began, err := m.Workers.Start(applyKey, jobs.Work{Order: order, Ended: func(end *jobs.Ended) { m.ended(who, order, end) }, Command: func() (*exec.Cmd, error) {
		cmd, err := m.Command()
		if err == nil {
			err = m.Store.Note(ctx, who, e) // before anything is sent
		}
		if err == nil {
			m.noted(id, func(n *note) { n.order, n.of, n.key, n.failure = order, p.Reconciliation, applyKey, nil })
		}
		return cmd, err
	}})
	if began || err != nil {
		return err
	}
	if s, is := m.Workers.State(applyKey); is && s.Order.ID == id && (try || !s.Order.Apply.Try) {
		return nil // two have pressed at once
	}
	return conflict("busy", "A store is being asked or changed for another plan: wait until that is done.")
}

// mayApply says why a plan cannot be carried out, or gone on with. The worker looks at much more.
func mayApply(p *rest.Planned) error {
	unsettled := p.Content != nil && p.Content.Unsettled()
	switch {
	case p.State == rest.Making || p.State == rest.NotMade:
		return conflict("not_made", "The plan was not made yet.")
	case p.File == nil:
		return conflict("elsewhere", "The plan is in a file elsewhere: reconcile apply FILE goes on with it.")
	case p.Content != nil && len(p.Content.Left()) == 0:
		return conflict("done", "There is nothing more to do: each of its changes has an outcome that stays.")
	case unsettled:
		return nil // that is looked at, whatever else there is
	case p.Expired:
		return conflict("expired", "The plan has expired: plan again.")
	case len(p.Stops) > 0:
		return conflict("stopped", "The brakes stop the plan: %s.", strings.Join(p.Stops, ", "))
	case p.Changes == 0:
		return conflict("nothing", "The plan has no change.")
	}
	return nil
}

// fourEyes says why somebody may not carry out a plan that another one has to carry out than who has made it. Only people have eyes: a token
// can be anybody's, also the maker's own.
func (m *Mending) fourEyes(ctx context.Context, who store.Actor, p *rest.Planned) error {
	if !p.FourEyes || p.Expired {
		return nil // of an expired one nothing is sent: it is only looked what became of what was
	}
	users, err := m.Store.Users(ctx)
	if err != nil {
		return err
	}
	known := slices.ContainsFunc(users, func(u store.User) bool { return store.SameName(u.Name, p.MadeBy) })
	switch {
	case strings.HasPrefix(who.Name, store.TokenActor):
		return conflict("four_eyes", "It has %d changes, so that another administrator has to apply it than who has made it: somebody who is logged in, and no token.", p.Changes)
	case strings.HasPrefix(p.MadeBy, store.TokenActor) || !known:
		return conflict("four_eyes", "It has %d changes, so that another administrator has to apply it than who has made it. It was made by %q, and nobody knows which person that is: plan again on the screen.", p.Changes, p.MadeBy)
	case store.SameName(who.Name, p.MadeBy):
		return conflict("four_eyes", "It has %d changes, and you have made it: another administrator has to apply it.", p.Changes)
	}
	return nil
}

// ended takes what has become of an order.
func (m *Mending) ended(who store.Actor, order *jobs.Order, end *jobs.Ended) {
	what, task := "plan", "planning"
	if order.Apply != nil {
		what, task = "apply", "worker"
	}
	why := end.Why(task)
	if why != "" && end.GivenUp {
		why = "it was given up, since the server was stopped"
	}
	m.noted(order.ID, func(n *note) {
		n.failure = nil
		if why != "" {
			n.failure = &rest.Failure{At: time.Now(), Text: why}
		}
		if e := end.Last.Estimate; e != nil {
			n.estimate = &rest.Estimate{At: time.Now(), Changes: e.Changes, Requests: e.Requests, Seconds: e.Time.Seconds(), Refused: []rest.Refused{}}
			for _, r := range e.Refused {
				n.estimate.Refused = append(n.estimate.Refused, rest.Refused{Key: r.Key, Why: r.Why})
			}
		}
	})
	of := m.noteOf(order.ID).of
	log := m.Log.With("reconciliation", of, "plan", order.ID)
	if why != "" {
		log.Error(what+" failed", "error", why, "stderr", end.Stderr)
	} else {
		log.Info(what + " done")
	}
	if order.Apply == nil {
		if err := m.Ledger.Forget(time.Now()); err != nil {
			log.Error("remove old plans", "error", err)
		}
		return
	}
	m.conclude(who, of, order, why)
}

// conclude notes what became of a plan that was carried out, and has the items compared anew: only a run says that something is S.
func (m *Mending) conclude(who store.Actor, of string, order *jobs.Order, why string) {
	e := store.Entry{What: "apply.done", Subject: of, After: order.ID}
	changed := false
	if c, err := m.Ledger.Journal(order.ID); err == nil {
		e.After += ": " + ledger.Became(c)
		changed = !order.Apply.Try
	}
	if why != "" {
		e.What, e.After = "apply.failed", e.After+": "+why
	}
	if order.Apply.Try && why == "" {
		return // it was noted that it was asked for
	}
	if err := m.Store.Note(context.Background(), who, e); err != nil {
		m.Log.Error("note what became of a plan", "plan", order.ID, "error", err)
	}
	if !changed {
		return
	}
	switch began, err := m.Imports.Start(of, "after "+order.ID); {
	case errors.Is(err, jobs.ErrEnding):
	case err != nil:
		m.Log.Error("import after a plan was carried out", "reconciliation", of, "error", err)
	case began:
		if err := m.Store.Note(context.Background(), who, store.Entry{What: "import", Subject: of}); err != nil {
			m.Log.Error("note an import", "error", err)
		}
	}
}

// Look implements rest.Mending.
func (m *Mending) Look(_ context.Context, id string) (*rest.Planned, error) {
	// What is under way is asked for first: a worker that has ended by now has its files already, and its end is noted.
	state, active := m.active(id, m.noteOf(id))
	n := m.noteOf(id)
	p := &rest.Planned{ID: id, Reconciliation: n.of, Stops: []string{}, Outcomes: map[string]int{}, Failure: n.failure, Estimate: n.estimate}
	if active {
		p.Since = state.Began
		for _, r := range state.Sources {
			p.Reading = append(p.Reading, rest.Reading{Source: r.Source, Items: r.Items, Total: r.Total, Text: r.Text, Done: state.Read})
		}
	}
	file, err := m.Ledger.Plan(id)
	if err != nil && !errors.Is(err, ledger.ErrNone) {
		return nil, err
	}
	content, err := m.Ledger.Journal(id)
	if err != nil && !errors.Is(err, ledger.ErrNone) {
		return nil, err
	}
	if file == nil && content == nil && n.order == nil {
		return nil, errNoPlan
	}
	h := headOf(file, content)
	h.fill(p, time.Now())
	p.File, p.Content = file, content
	p.State = stateOf(state.Order, active, h)
	if p.State == rest.Making || p.State == rest.NotMade {
		p.MadeBy = n.order.By
	}
	return p, nil
}

// stateOf says how far a plan is.
func stateOf(at *jobs.Order, active bool, h head) string {
	switch {
	case active && at.Apply == nil:
		return rest.Making
	case active && at.Apply.Try:
		return rest.Estimating
	case active:
		return rest.Applying
	case !h.planned && !h.begun:
		return rest.NotMade
	case !h.begun:
		return rest.Made
	case h.ended || h.left == 0:
		return rest.Done
	}
	return rest.Unfinished
}

// Listed implements rest.Mending.
func (m *Mending) Listed(ctx context.Context, reconciliation string) ([]rest.Planned, error) {
	files, err := m.Ledger.Files()
	if err != nil {
		return nil, err
	}
	list := []rest.Planned{}
	for _, f := range files {
		h, err := m.headOf(f)
		p := rest.Planned{ID: f.ID, Stops: []string{}, Outcomes: map[string]int{}}
		if err != nil {
			p.Error, p.State = err.Error(), rest.Unfinished
		} else {
			h.fill(&p, time.Now())
			state, active := m.active(f.ID, m.noteOf(f.ID))
			p.State = stateOf(state.Order, active, h)
		}
		if reconciliation == "" || p.Reconciliation == reconciliation || p.Error != "" {
			list = append(list, p)
		}
	}
	return list, ctx.Err()
}
