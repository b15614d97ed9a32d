package inventory

import (
	"errors"
	"time"

	"github.com/reconcilehq/reconcile/engine/journal"
	"github.com/reconcilehq/reconcile/engine/plan"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/mend/ledger"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/web/rest"
)

// head is what a list says of a plan and its journal.
type head struct {
	planned bool // the plan is here
	begun   bool // its journal is
	ended   bool // all of it was tried once
	left    int  // changes that can still be made or looked at

	said rest.Planned // without what changes by itself
}

// headOf returns what a list says of a plan and its journal; each is nil where there is none.
func headOf(p *plan.Plan, c *journal.Content) (h head) {
	if p != nil {
		h.planned = true
		h.said = rest.Planned{Reconciliation: p.Reconciliation, MadeAt: &p.MadeAt, MadeBy: p.MadeBy, Expires: &p.Expires, Reverts: p.Reverts, FourEyes: p.FourEyes, Changes: len(p.Changes),
			Deferred: len(p.Deferred), Tasks: len(p.Tasks), LeftOut: len(p.LeftOut)}
		for _, s := range p.Stops {
			h.said.Stops = append(h.said.Stops, s.Brake)
		}
	}
	if c == nil {
		return h
	}
	h.begun, h.left = true, len(c.Left())
	s := &h.said
	s.Reconciliation, s.MadeAt, s.MadeBy, s.Reverts, s.Changes = c.Reconciliation, &c.MadeAt, c.MadeBy, c.Reverts, len(c.Changes)
	if n := len(c.Goes); n > 0 {
		s.Began, s.By, h.ended = &c.Goes[0].At, c.Goes[0].By, c.Goes[n-1].Ended
	}
	told, open := c.Counts()
	s.Open, s.Outcomes = open, map[string]int{}
	for kind, n := range told {
		s.Outcomes[kind.String()] = n
	}
	return h
}

// fill has a plan say what its head says, at a moment.
func (h *head) fill(p *rest.Planned, now time.Time) {
	of := h.said
	of.ID, of.Failure, of.Estimate, of.Reading, of.Since = p.ID, p.Failure, p.Estimate, p.Reading, p.Since
	of.Expired = of.Expires != nil && !now.Before(*of.Expires)
	if of.Stops == nil {
		of.Stops = []string{}
	}
	if of.Outcomes == nil {
		of.Outcomes = map[string]int{}
	}
	if of.Reconciliation == "" {
		of.Reconciliation = p.Reconciliation
	}
	*p = of
}

// known is a head that was read from files which were as they are said to be.
type known struct {
	of   ledger.File
	head head
}

// headOf returns the head of files. A journal grows while a plan is carried out, a plan stays as it is.
func (m *Mending) headOf(f ledger.File) (head, error) {
	m.mu.Lock()
	k, is := m.heads[f.ID]
	m.mu.Unlock()
	if is && k.of == f {
		return k.head, nil
	}
	p, err := m.Ledger.Plan(f.ID)
	if err != nil && !errors.Is(err, ledger.ErrNone) {
		return head{}, err
	}
	c, err := m.Ledger.Journal(f.ID)
	if err != nil && !errors.Is(err, ledger.ErrNone) {
		return head{}, err
	}
	h := headOf(p, c)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.heads == nil || len(m.heads) > mostHeads {
		m.heads = map[string]known{}
	}
	m.heads[f.ID] = known{f, h}
	return h, nil
}

// mostHeads is of how many plans heads are kept in memory.
const mostHeads = 10_000
