package plan

import (
	"fmt"
	"slices"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/change"
	"github.com/reconcilehq/reconcile/engine/journal"
	"github.com/reconcilehq/reconcile/rules"
)

// RevertJob is what Revert makes a plan of.
type RevertJob struct {
	Journal    *journal.Content
	Writable   map[string]change.Writable // by field of the store; nil: nobody knows
	Brakes     rules.Brakes
	Allowed    []string // names of brakes that do not hold
	Quantities bool     // take back quantities, too
}

// Revert returns the plan that takes back what a journal says was applied: what an item had before is what it is to have. Null is written
// back as null. It has no cells: what the rules make of the values of then, nobody has tried.
func Revert(job RevertJob) (*Plan, error) {
	past := job.Journal
	p := &Plan{Reconciliation: past.Reconciliation, Allowed: job.Allowed, Items: past.Items, Reverts: past.Plan}
	for _, c := range past.Changes {
		if c.State != journal.Told {
			p.leave(c, NotTold, "nobody knows what became of it: go on with the plan first")
			continue
		}
		switch c.Outcome.Kind {
		case change.Applied:
		case change.Pending, change.Unknown:
			p.leave(c, NotTold, "it is "+c.Outcome.Kind.String()+": go on with the plan first, which looks what became of it")
			continue
		default:
			continue // nothing was written
		}
		back, err := reverse(c)
		if err != nil {
			return nil, err
		}
		if back.Step == Quantities && !job.Quantities {
			p.leave(c, Moved, "sales have moved quantities since: --quantities takes it back all the same")
			continue
		}
		if back.Expected.Equal(back.Desired) {
			continue
		}
		if why := refuses(job.Writable, back); why != "" {
			p.leave(c, Limit, why)
			continue
		}
		p.Changes = append(p.Changes, back)
	}
	slices.SortStableFunc(p.Changes, func(a, b Change) int { return int(a.Step) - int(b.Step) })
	p.Steps = stepsOf(p)
	p.Stops, p.FourEyes = stops(p, job.Brakes, job.Allowed), p.NeedsAnother(job.Brakes)
	return p, nil
}

// reverse returns the change that takes one back.
func reverse(c *journal.Change) (back Change, err error) {
	back = Change{SKU: c.Item.SKU, ID: c.Item.ID, Name: c.Name, Field: c.Field, Type: c.Type, Rules: []string{}, Now: Cells{}, Then: Cells{}, Why: "it takes back " + c.Key,
		Expected: c.Outcome.After, Desired: c.Outcome.Before}
	if back.Expected.Type() == catalog.Invalid {
		back.Expected = c.Desired
	}
	if back.Desired.Type() == catalog.Invalid { // it was settled later; it was not written unless it had this
		back.Desired = c.Expected
	}
	back.Will = back.Desired
	return back, back.Step.UnmarshalText([]byte(c.Step))
}

// refuses says why the platform does not take back a value; "" if it does.
func refuses(writable map[string]change.Writable, c Change) string {
	if writable == nil {
		return ""
	}
	w, ok := writable[c.Field]
	if !ok {
		return "the connector does not write this field any more: set it in the store"
	}
	if c.Desired.IsNull() && !w.Nullable {
		return "the store had no value of its own there, and the connector cannot take one away: do it in the store"
	}
	held, problem := w.Holds(c.Desired)
	if problem == "" && !held.Equal(c.Desired) {
		problem = fmt.Sprintf("the store would make %s of it", held.Text())
	}
	return problem
}

// leave notes a change that is not taken back.
func (p *Plan) leave(c *journal.Change, why Reason, detail string) {
	p.LeftOut = append(p.LeftOut, LeftOut{SKU: c.Item.SKU, Name: c.Name, Rules: []string{}, Field: c.Field, Reason: why, Detail: detail})
}

// Begin returns what the plan's journal begins with.
func (p *Plan) Begin() (h journal.Header, changes []journal.Change, err error) {
	h = journal.Header{Plan: p.ID, Reconciliation: p.Reconciliation, Store: p.Basis.Store, Platform: p.Basis.Platform, MadeAt: p.MadeAt, MadeBy: p.MadeBy, Items: p.Items, Reverts: p.Reverts}
	if h.PlanHash, err = p.Hash(); err != nil {
		return h, nil, err
	}
	for _, c := range p.Changes {
		j := journal.Change{Step: c.Step.String(), Name: c.Name, Type: c.Type}
		j.Change = change.Change{Key: c.Key, Item: change.Ref{ID: c.ID, SKU: c.SKU}, Field: c.Field, Expected: c.Expected, Desired: c.Will}
		changes = append(changes, j)
	}
	return h, changes, nil
}

// Order returns the steps in which changes are made, as journals name them.
func Order() []string {
	return []string{ProductFields.String(), ItemFields.String(), Quantities.String()}
}
