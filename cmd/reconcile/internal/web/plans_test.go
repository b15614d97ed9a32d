package web

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/reconcilehq/reconcile/engine/plan"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/web/rest"
)

// mender is a rest.Mending whose plans lie in memory, and that are carried out when it is told to.
type mender struct {
	t      *testing.T
	wanted rest.Wanted // what was asked for last

	mu    sync.Mutex
	plans []*rest.Planned
	slow  bool // what is begun waits for finish
}

const planID = "20261129-101500-abcde"

func (m *mender) Plan(_ context.Context, who store.Actor, w rest.Wanted) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.wanted = w
	if w.Reconciliation != "bigcommerce" {
		return "", &rest.Problem{Status: http.StatusConflict, Code: "busy", Text: "Another plan is being made."}
	}
	return m.add(who, planOf(w), ""), nil
}

// add begins to make a plan.
func (m *mender) add(who store.Actor, made *plan.Plan, reverts string) string {
	id := planID + string(rune('a'+len(m.plans)))
	made.MadeBy, made.Reverts = who.Name, reverts
	made.Sign(id)
	m.plans = append(m.plans, &rest.Planned{ID: id, Reconciliation: "bigcommerce", State: rest.Making, MadeBy: who.Name, Stops: []string{}, Outcomes: map[string]int{}, File: made, Since: time.Now(), Reading: []rest.Reading{{Source: "shop", Items: 3, Total: 9, Text: "page 1"}}})
	if !m.slow {
		m.end(id)
	}
	return id
}

func (m *mender) find(id string) *rest.Planned {
	for _, p := range m.plans {
		if p.ID == id {
			return p
		}
	}
	return nil
}

// finish ends what is under way.
func (m *mender) finish(id string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.end(id)
}

func (m *mender) end(id string) {
	p := m.find(id)
	p.Reading = nil
	switch p.State {
	case rest.Making:
		f := p.File
		p.State, p.MadeAt, p.Expires, p.Reverts = rest.Made, &f.MadeAt, &f.Expires, f.Reverts
		p.Changes, p.Deferred, p.Tasks, p.LeftOut = len(f.Changes), len(f.Deferred), len(f.Tasks), len(f.LeftOut)
		for _, s := range f.Stops {
			p.Stops = append(p.Stops, s.Brake)
		}
	case rest.Estimating:
		p.State, p.Estimate = rest.Made, &rest.Estimate{At: time.Now(), Changes: p.Changes, Requests: 7, Seconds: 2.5, Refused: []rest.Refused{{Key: p.File.Changes[0].Key, Why: "the name is taken"}}}
	case rest.Applying:
		p.Content = journalOf(m.t, p.File)
		began := p.Content.Goes[0]
		p.State, p.Began, p.By, p.Open = rest.Done, &began.At, began.By, 0
		told, _ := p.Content.Counts()
		for kind, n := range told {
			p.Outcomes[kind.String()] = n
		}
	}
}

func (m *mender) Revert(_ context.Context, who store.Actor, id string, quantities bool, allowed []string) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := m.find(id)
	if p == nil || p.Content == nil {
		return "", &rest.Problem{Status: http.StatusConflict, Code: "not_begun", Text: "There is nothing to take back."}
	}
	back, err := plan.Revert(plan.RevertJob{Journal: p.Content, Allowed: allowed, Quantities: quantities, Brakes: generous})
	if err != nil {
		return "", err
	}
	back.MadeAt = time.Now()
	back.Expires = back.MadeAt.Add(time.Hour)
	return m.add(who, back, id), nil
}

func (m *mender) Apply(_ context.Context, _ store.Actor, id string, try bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := m.find(id)
	switch {
	case p == nil:
		return &rest.Problem{Status: http.StatusNotFound, Code: "no_plan", Text: "There is no such plan."}
	case p.State != rest.Made:
		return &rest.Problem{Status: http.StatusConflict, Code: "done", Text: "There is nothing more to do."}
	}
	p.State, p.Since = rest.Applying, time.Now()
	if try {
		p.State = rest.Estimating
	}
	if !m.slow {
		m.end(id)
	}
	return nil
}

func (m *mender) Look(_ context.Context, id string) (*rest.Planned, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := m.find(id)
	if p == nil {
		return nil, &rest.Problem{Status: http.StatusNotFound, Code: "no_plan", Text: "There is no such plan."}
	}
	said := *p
	if p.State == rest.Making {
		said.File = nil
	}
	return &said, nil
}

func (m *mender) Listed(context.Context, string) (list []rest.Planned, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range slices.Backward(m.plans) {
		said := *p
		said.File, said.Content, said.Reading, said.Estimate, said.Failure = nil, nil, nil, nil, nil
		list = append(list, said)
	}
	return list, nil
}
