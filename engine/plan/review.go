package plan

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/change"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules"
)

// Seen is an item as it was when the plan was made: the fields that the rules read.
type Seen struct {
	SKU   string `json:"sku"` // of the store's item
	Key   string `json:"key"` // what the two were paired by
	Pos   Values `json:"pos"`
	Store Values `json:"store"`
}

// Values are the values of fields, by their names, as JSON of the field's type.
type Values map[string]json.RawMessage

// seen returns an item for the plan.
func (p *planner) seen(it *report.Item) (Seen, error) {
	sku, _ := it.SKUOn(verdict.Store)
	s := Seen{SKU: strings.Clone(sku), Key: p.key(it), Pos: Values{}, Store: Values{}}
	for _, side := range verdict.Sides {
		for _, name := range fieldsOf(p.Program, side).Names() {
			text, err := it.Row(side).Value(name).MarshalJSON()
			if err != nil {
				return s, err
			}
			s.of(side)[name] = text
		}
	}
	return s, nil
}

func (s Seen) of(side verdict.Side) Values {
	return [2]Values{verdict.Pos: s.Pos, verdict.Store: s.Store}[side]
}

// Review looks at changes of a plan again, when it is carried out: by the program of that moment, whose acceptances can be others, and by
// what the store shows then. It is for one goroutine.
type Review struct {
	program   *rules.Program
	evaluator *rules.Evaluator
	writable  map[string]change.Writable
	seen      map[string]Seen
	rows      map[string]seenRow // parsed
}

// seenRow is an item as the plan has it.
type seenRow struct {
	pos   *catalog.Batch // of one row
	store []catalog.Value
}

// NewReview returns a review of a plan. It fails where the program reads what the plan does not know: a block that was added then reads
// a field that nothing has read before. writable is that of Job.
func NewReview(p *Plan, program *rules.Program, writable map[string]change.Writable) (*Review, error) {
	r := &Review{program: program, evaluator: program.NewEvaluator(), writable: writable, seen: map[string]Seen{}, rows: map[string]seenRow{}}
	for _, s := range p.Seen {
		for _, side := range verdict.Sides {
			for _, name := range fieldsOf(program, side).Names() {
				if _, ok := s.of(side)[name]; !ok {
					return nil, fmt.Errorf("the rules read %s.%s now, and the plan does not know what it was: make a new plan", side, name)
				}
			}
		}
		r.seen[s.SKU] = s
	}
	return r, nil
}

// Objection returns why a change is not made after all; "" if it is. fresh are the values that the store shows of the item now, by column
// of the program's fields of the store; nil: nobody has looked, and those of the plan count.
func (r *Review) Objection(c *Change, fresh []catalog.Value) (string, error) {
	row, err := r.row(c.SKU)
	if err != nil {
		return "", err
	}
	column := r.program.Store.Index(c.Field)
	if column < 0 {
		return "", fmt.Errorf("%s of %s is in the plan, and no rule reads it: make a new plan", c.Field, c.SKU)
	}
	store := row.store
	if fresh != nil {
		if store = fresh; !fresh[column].Equal(c.Expected) {
			return "", nil // the connector says what that is
		}
	}
	batch, err := oneRow(r.program.Store, store)
	if err != nil {
		return "", err
	}
	cells, _ := r.evaluator.Evaluate(row.pos, 0, batch, 0, r.seen[c.SKU].Key)
	for _, code := range c.Rules {
		at := slices.IndexFunc(r.program.Rules, func(rule rules.CompiledRule) bool { return rule.Code == code })
		if at < 0 {
			return "", fmt.Errorf("there is no rule %s any more: make a new plan", code)
		}
		switch cell := cells[at]; {
		case cell.State == verdict.Intentional:
			return "it was accepted meanwhile: " + code + " reads " + cell.State.String(), nil
		case cell.State != verdict.NotSynchronized && fresh == nil:
			return fmt.Sprintf("%s reads %s, and not %s as in the plan", code, cell.State, verdict.NotSynchronized), nil
		case cell.State != verdict.NotSynchronized:
			return fmt.Sprintf("the store has changed: %s reads %s now", code, cell.State), nil
		}
		if fresh == nil {
			continue
		}
		if why := r.otherValue(at, c); why != "" {
			return why, nil
		}
	}
	return "", nil
}

// otherValue says which other value the rule's remedy wants now; "" if it is the plan's. The evaluator is on the item.
func (r *Review) otherValue(rule int, c *Change) string {
	uploads := r.program.Rules[rule].Remedy.Uploads
	for i := range uploads {
		if uploads[i].Field != c.Field {
			continue
		}
		desired, known := r.evaluator.Desired(&uploads[i])
		if !known {
			return "the store has changed: what it is to be is unknown now"
		}
		w, ok := r.writable[c.Field]
		if !ok {
			w = change.Any()
		}
		if will, problem := w.Holds(desired); problem != "" || !will.Equal(c.Will) {
			return fmt.Sprintf("the store has changed: %s is to be %s now, and not %s. Plan again", c.Field, desired.Text(), c.Will.Text())
		}
	}
	return ""
}

// row returns an item as the plan has it.
func (r *Review) row(sku string) (row seenRow, err error) {
	if row, ok := r.rows[sku]; ok {
		return row, nil
	}
	s, ok := r.seen[sku]
	if !ok {
		return row, fmt.Errorf("the plan does not say what %s was: make a new plan", sku)
	}
	pos, err := s.values(verdict.Pos, r.program)
	if err != nil {
		return row, err
	}
	if row.pos, err = oneRow(r.program.Pos, pos); err != nil {
		return row, err
	}
	row.store, err = s.values(verdict.Store, r.program)
	r.rows[sku] = row
	return row, err
}

// values returns the values of a side by column of the program's fields.
func (s Seen) values(side verdict.Side, program *rules.Program) ([]catalog.Value, error) {
	schema := fieldsOf(program, side)
	values := make([]catalog.Value, schema.Len())
	for i, f := range schema.Fields() {
		v, err := change.ParseValue(f.Type, s.of(side)[f.Name])
		if err != nil {
			return nil, fmt.Errorf("%s.%s of %s is of another type than in the plan: make a new plan (%w)", side, f.Name, s.SKU, err)
		}
		values[i] = v
	}
	return values, nil
}

// fieldsOf returns the fields of a side that a program reads.
func fieldsOf(program *rules.Program, side verdict.Side) *catalog.Schema {
	return [2]*catalog.Schema{verdict.Pos: program.Pos, verdict.Store: program.Store}[side]
}

// oneRow returns a batch of one item.
func oneRow(schema *catalog.Schema, values []catalog.Value) (*catalog.Batch, error) {
	b := catalog.NewBuilder(schema)
	for i, v := range values {
		if err := b.Set(i, v); err != nil {
			return nil, err
		}
	}
	b.End()
	return b.Batch(), nil
}
