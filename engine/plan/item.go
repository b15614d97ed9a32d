package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/change"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules"
	"github.com/reconcilehq/reconcile/rules/expr"
)

// unit is what one rule's remedy sets of an item. It is planned as a whole, or not.
type unit struct {
	rule  int
	sets  []set
	plain bool // nothing of it was left out
}

// drafted plans a matched item. Fields that are banned are not set, for the reason that the ban gives.
//
// It goes in rounds. In each the remedies of all rules that are still N are tried together, on the item as the rounds before left it,
// and if that is not good, one after the other. What was found good is kept, so that a later round and the next plan find the same.
func (p *planner) drafted(it *report.Item, banned map[string]string) *draft {
	d := &draft{it: it, values: p.valuesOf(it)}
	key := p.key(it)
	d.now = p.evaluate(d, key, d.values)
	d.then = d.now
	p.extend(d, key, banned)
	return d
}

// extend plans what more can be planned for an item as its draft has it.
func (p *planner) extend(d *draft, key string, banned map[string]string) {
	kept := map[int]bool{} // rules whose units were kept
	for _, s := range d.sets {
		for _, rule := range s.rules {
			kept[rule] = true
		}
	}
	for {
		d.tasks, d.deferred, d.left = nil, nil, nil
		d.wait = p.waiting(d.then) // a change before can have made it nobody's work
		units := p.units(d, banned)
		good := p.good(d, key, units, kept)
		if len(good) == 0 {
			p.refuse(d, key, units, kept)
			return
		}
		for _, u := range good {
			d.keep(u)
			kept[u.rule] = true
		}
		d.then = p.evaluate(d, key, d.values)
	}
}

// keep makes the changes of a unit.
func (d *draft) keep(u unit) {
	for _, s := range u.sets {
		d.values[s.column] = s.will
		if i := slices.IndexFunc(d.sets, func(other set) bool { return other.column == s.column }); i >= 0 {
			d.sets[i].rules = append(d.sets[i].rules, u.rule)
			continue
		}
		s.rules = []int{u.rule}
		d.sets = append(d.sets, s)
	}
}

// good returns units whose changes do what they are for: all of them if they do together, otherwise the first by itself that does.
func (p *planner) good(d *draft, key string, units []unit, kept map[int]bool) []unit {
	whole := slices.DeleteFunc(slices.Clone(units), func(u unit) bool { return len(u.sets) == 0 })
	if len(whole) == 0 {
		return nil
	}
	if why, _, _ := p.try(d, key, whole, kept); why == mends {
		return whole
	}
	for i := range whole {
		if why, _, _ := p.try(d, key, whole[i:i+1], kept); why == mends {
			return whole[i : i+1]
		}
	}
	for i := range whole {
		if why, _, _ := p.try(d, key, whole[i:i+1], kept); p.allowed[why.String()] {
			return whole[i : i+1]
		}
	}
	return nil
}

// mends stands for no reason at all.
const mends = Reason(255)

// try returns why some units together are not good, and the rule whose cell says so and what it would be; mends if they are.
func (p *planner) try(d *draft, key string, units []unit, kept map[int]bool) (why Reason, rule int, cell rules.Cell) {
	values := slices.Clone(d.values)
	for _, u := range units {
		for _, s := range u.sets {
			values[s.column] = s.will
		}
	}
	then := p.evaluate(d, key, values)
	for _, u := range units {
		if then[u.rule].State != verdict.Synchronized {
			return StaysRed, u.rule, then[u.rule]
		}
	}
	for i, cell := range then {
		if kept[i] && cell.State != verdict.Synchronized || p.worse(i, d.then[i], cell) {
			return TurnsRed, i, cell
		}
	}
	return mends, 0, rules.Cell{}
}

// worse reports whether a cell of a rule says something worse than before: N that was not N, or unknown that was not. What only tells
// something may come to be N, unless the next plan would want that mended.
func (p *planner) worse(rule int, before, after rules.Cell) bool {
	if after.Unknown {
		return !before.Unknown
	}
	r := &p.Program.Rules[rule]
	return after.State == verdict.NotSynchronized && before.State != verdict.NotSynchronized && (r.Severity != verdict.Info || r.Remedy != nil && r.Remedy.Act == rules.Upload)
}

// refuse says why units are not planned.
func (p *planner) refuse(d *draft, key string, units []unit, kept map[int]bool) {
	for _, u := range units {
		if len(u.sets) == 0 {
			if u.plain {
				d.leave(u.rule, p, "", StaysRed, "the store has what the remedy says already")
			}
			continue
		}
		var fields []string
		for _, s := range u.sets {
			fields = append(fields, p.Program.Store.Field(s.column).Name)
		}
		why, rule, cell := p.try(d, key, []unit{u}, kept)
		code := p.Program.Rules[rule].Code
		said := fmt.Sprintf("%s would read %s", code, cell.State)
		if cell.Unknown {
			said = code + " could not be checked"
		}
		d.leave(u.rule, p, strings.Join(fields, ", "), why, said)
	}
}

// units returns what the remedies of the rules that are N set, as the item is now. Fields about which two rules do not agree are in none.
func (p *planner) units(d *draft, banned map[string]string) []unit {
	var units []unit
	wills := map[int]catalog.Value{}
	disputed := map[int]bool{}
	for i := range p.Program.Rules {
		r := &p.Program.Rules[i]
		if d.then[i].State != verdict.NotSynchronized || !p.wants(d.it, r) || p.forPeople(d, i) {
			continue
		}
		if p.OnRequest(r.Rule) && !p.chosen() {
			d.leave(i, p, "", NotChosen, "websync is manual for "+r.Rule.Field+": choose the item, or the rule")
			continue
		}
		u := p.unit(d, i, banned)
		for _, s := range u.sets {
			if will, ok := wills[s.column]; ok && !will.Equal(s.will) {
				disputed[s.column] = true
			}
			wills[s.column] = s.will
		}
		units = append(units, u)
	}
	for _, s := range d.sets { // what is set stays so
		if will, ok := wills[s.column]; ok && !will.Equal(s.will) {
			disputed[s.column] = true
		}
	}
	for i := range units {
		u := &units[i]
		u.sets = slices.DeleteFunc(u.sets, func(s set) bool {
			if disputed[s.column] {
				u.plain = false
				d.leave(u.rule, p, p.Program.Store.Field(s.column).Name, Disputed, "two rules want different values")
			}
			return disputed[s.column]
		})
	}
	return units
}

// unit returns what a rule's remedy sets. The evaluator is on the item as it is now.
func (p *planner) unit(d *draft, rule int, banned map[string]string) unit {
	u := unit{rule: rule, plain: true}
	uploads := p.Program.Rules[rule].Remedy.Uploads
	for i := range uploads {
		up := &uploads[i]
		desired, known := p.evaluator.Desired(up)
		s := set{column: up.Column, desired: desired, before: d.values[up.Column]}
		w, why, detail := change.Any(), Reason(0), ""
		switch {
		case !known:
			why, detail = Unknown, "what it is to be is unknown"
		case isEmpty(desired):
			why, detail = Empty, "what it is to be is empty"
		case p.never[up.Field]:
			why, detail = Never, "brakes never let it change"
		case banned[up.Field] != "":
			why, detail = Siblings, banned[up.Field]
		case p.Writable != nil:
			var ok bool
			if w, ok = p.Writable[up.Field]; !ok {
				d.tasks = append(d.tasks, p.task(d.it, Task{Step: Correct, Rule: p.Program.Rules[rule].Code, Note: "The connector does not write this field: set it in the store.",
					Field: up.Field, Value: desired.Text()}, []expr.Ref{{Side: verdict.Store, Field: up.Field}}))
				u.plain = false
				continue
			}
		}
		if detail == "" {
			if s.will, detail = w.Holds(desired); detail != "" {
				why = Limit
			}
		}
		if detail != "" {
			d.leave(rule, p, up.Field, why, detail)
			u.plain = false
			continue
		}
		if waits := p.waitsFor(d, up); waits >= 0 {
			d.defers(p, rule, up.Field, waits)
			u.plain = false
			continue
		}
		if s.shared = w.Parent; !s.will.Equal(s.before) {
			u.sets = append(u.sets, s)
		}
	}
	return u
}

// isEmpty reports whether a value is a text, list or map with nothing in it: that is what an absent one looks like.
func isEmpty(v catalog.Value) bool {
	switch v.Type() {
	case catalog.String:
		return strings.TrimSpace(v.Str()) == ""
	case catalog.List:
		return len(v.List()) == 0
	case catalog.Map:
		return len(v.Entries()) == 0
	}
	return false
}

// waiting returns the rules that are N and whose remedy is a person's.
func (p *planner) waiting(cells []rules.Cell) (list []int) {
	for i := range p.Program.Rules {
		r := p.Program.Rules[i].Remedy
		if cells[i].State == verdict.NotSynchronized && r != nil && (r.Act == rules.ImportOrders || r.Act == rules.Correct) {
			list = append(list, i)
		}
	}
	return list
}

// waitsFor returns the rule for which a person has to do something before the field can be set, because that changes what decides its
// value: the two read the same field, or the rule reads the one that is set. -1: there is none.
func (p *planner) waitsFor(d *draft, up *rules.CompiledUpload) int {
	for _, i := range d.wait {
		for _, read := range p.Program.Rules[i].Fields {
			if read.Side == verdict.Store && read.Field == up.Field {
				return i
			}
			for _, of := range up.Reads {
				if of.Side == read.Side && of.Field == read.Field {
					return i
				}
			}
		}
	}
	return -1
}

func (d *draft) defers(p *planner, rule int, field string, waits int) {
	code := p.Program.Rules[rule].Code
	for i := range d.deferred {
		if d.deferred[i].Field == field {
			d.deferred[i].Rules = append(d.deferred[i].Rules, code)
			return
		}
	}
	w := &p.Program.Rules[waits]
	d.deferred = append(d.deferred, Deferred{SKU: d.it.SKU(), Name: d.it.Name(), Field: field, Rules: []string{code}, WaitsFor: w.Code, Act: w.Remedy.Act.String()})
}

// valuesOf returns the values of the store's item, by column.
func (p *planner) valuesOf(it *report.Item) []catalog.Value {
	values := make([]catalog.Value, p.Program.Store.Len())
	for i, name := range p.Program.Store.Names() {
		values[i] = it.Store.Value(name)
	}
	return values
}

// batchOf returns an item of the store with the values.
func (p *planner) batchOf(values []catalog.Value) *catalog.Batch {
	b := catalog.NewBuilder(p.Program.Store)
	for i, v := range values {
		if err := b.Set(i, v); err != nil {
			panic(err) // remedies were checked against the types
		}
	}
	b.End()
	return b.Batch()
}

// evaluate returns the cells of the item as if the store had the values. The evaluator stays on it.
func (p *planner) evaluate(d *draft, key string, values []catalog.Value) []rules.Cell {
	var cells []rules.Cell
	if it := d.it; it.Status == verdict.Matched {
		cells, _ = p.evaluator.Evaluate(it.Pos.Batch, it.Pos.I, p.batchOf(values), 0, key)
	} else {
		cells, _ = p.evaluator.EvaluateOne(it.Status, verdict.Store, p.batchOf(values), 0, key)
	}
	return slices.Clone(cells)
}
