package apply_test

import (
	"context"
	"errors"
	"time"

	"github.com/reconcilehq/reconcile/engine/apply"
	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/change"
)

// schema is that of the model's items.
var schema = catalog.MustSchema(
	catalog.Field{Name: "id", Type: catalog.String}, catalog.Field{Name: "sku", Type: catalog.String}, catalog.Field{Name: "name", Type: catalog.String},
	catalog.Field{Name: "price", Type: catalog.Number}, catalog.Field{Name: "qoh", Type: catalog.Number}, catalog.Field{Name: "pending", Type: catalog.Number})

// errKilled is what a process would have heard if it had not been killed.
var errKilled = errors.New("killed")

// model is a store that does what it is told, or fails in a way that the test has chosen.
type model struct {
	items  []map[string]catalog.Value
	wrote  map[string]int // by key: how often it was written
	calls  int
	steps  int             // of all that can happen, so far
	killAt int             // the step at which the host is killed; 0: it lives
	breaks int             // the step at which the call fails with an error; 0: none
	omits  bool            // a call leaves out the answer to its last change
	late   bool            // what is written shows later
	hidden []func()        // what was written and does not show yet
	before func()          // happens at the beginning of each Apply
	reject map[string]bool // SKUs
	unsure map[string]bool // SKUs: written, but the platform does not say so
}

var _ apply.Platform = (*model)(nil)

func (m *model) step() {
	m.steps++
	if m.steps == m.killAt {
		panic(errKilled)
	}
}

func (m *model) item(ref change.Ref) map[string]catalog.Value {
	for _, it := range m.items {
		if ref.ID != "" && it["id"].Str() == ref.ID || ref.ID == "" && it["sku"].Str() == ref.SKU {
			return it
		}
	}
	return nil
}

// show lets all that was written be seen.
func (m *model) show() {
	for _, do := range m.hidden {
		do()
	}
	m.hidden = nil
}

func (m *model) Fetch(_ context.Context, refs []change.Ref, fields *catalog.Schema, _ apply.Watcher, sink func(*catalog.Batch) error) error {
	m.step()
	b := catalog.NewBuilder(fields)
	for _, ref := range refs {
		if it := m.item(ref); it != nil {
			for i, name := range fields.Names() {
				if err := b.Set(i, it[name]); err != nil {
					return err
				}
			}
			b.End()
		}
	}
	if b.Len() == 0 {
		return nil
	}
	return sink(b.Batch())
}

func (m *model) Prepare(_ context.Context, changes []change.Change, _ apply.Watcher, answer func(change.Prepared) error) (change.Cost, error) {
	for _, c := range changes {
		p := change.Prepared{Key: c.Key, Will: c.Desired}
		if m.reject[c.Item.SKU] {
			p.Problem = "no"
		}
		if err := answer(p); err != nil {
			return change.Cost{}, err
		}
	}
	return change.Cost{Requests: int64(len(changes)), Time: time.Second}, nil
}

func (m *model) Apply(ctx context.Context, changes []change.Change, _ apply.Watcher, answer func(change.Outcome) error) error {
	m.calls++
	if m.before != nil {
		m.before()
	}
	for i, c := range changes {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if m.steps+1 == m.breaks {
			m.steps++
			return errors.New("the connection is gone")
		}
		m.step()
		o := m.make(c)
		m.step()
		if m.omits && i == len(changes)-1 {
			return nil
		}
		if err := answer(o); err != nil {
			return err
		}
		m.step()
	}
	return nil
}

// make makes one change, and says what becomes of it.
func (m *model) make(c change.Change) change.Outcome {
	it := m.item(c.Item)
	switch {
	case it == nil:
		return change.Outcome{Key: c.Key, Kind: change.Rejected, Reason: "there is no such item"}
	case m.reject[c.Item.SKU]:
		return change.Outcome{Key: c.Key, Kind: change.Rejected, Reason: "no"}
	}
	has := it[c.Field]
	switch {
	case has.Equal(c.Desired):
		return change.Outcome{Key: c.Key, Kind: change.Unchanged, Before: has, After: has}
	case !has.Equal(c.Expected):
		return change.Outcome{Key: c.Key, Kind: change.Conflict, Before: has, After: has}
	}
	m.wrote[c.Key]++
	write := func() { it[c.Field] = c.Desired }
	if m.late && c.Field == "qoh" {
		m.hidden = append(m.hidden, write)
		return change.Outcome{Key: c.Key, Kind: change.Pending, Before: has}
	}
	write()
	if m.unsure[c.Item.SKU] {
		return change.Outcome{Key: c.Key, Kind: change.Unknown, Before: has}
	}
	return change.Outcome{Key: c.Key, Kind: change.Applied, Before: has, After: c.Desired}
}

type nobody struct{}

func (nobody) Progress(int64, int64, string) {}
func (nobody) Warning(string)                {}
func (nobody) Notice(string)                 {}
func (nobody) Waiting(time.Time, string)     {}

func text(s string) catalog.Value { return catalog.StringValue(s) }

func number(n int64) catalog.Value { return catalog.NumberValue(catalog.Int(n)) }
