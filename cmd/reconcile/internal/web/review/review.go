// Package review makes what the pages of plans show: what is to be done in which step and by whom, what is left out and why, and what became
// of each change. It answers no request and draws nothing: package web does.
package review

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/plan"
	"github.com/reconcilehq/reconcile/engine/signs"
)

// Most is how many rows of each list a page shows, and MostAll how many where somebody wants all. What is more a program can ask for.
const (
	Most    = 200
	MostAll = 5000
)

// Review is a plan as people look at it before it is carried out.
type Review struct {
	Chosen   string // for what it was made
	Allowed  []string
	Items    int // how many items it changes
	Steps    []Step
	Deferred List[Deferred]
	LeftOut  List[LeftOut]
	Stops    []Stop
	Lifts    []Lift // what can be let pass in another plan
	Short    bool   // a list has more rows than are shown
}

// List is the beginning of a list.
type List[T any] struct {
	Rows  []T
	Total int
}

// More is how many rows are not shown.
func (l List[T]) More() int { return l.Total - len(l.Rows) }

// Step is what is done together.
type Step struct {
	Number  int
	Title   string
	Who     string // the person who has to act; "" if none has to
	Notes   []string
	Tasks   List[Task]
	Changes List[Change]
}

// Turns reports whether a cell changes by what is shown: what takes something back does not say.
func (s Step) Turns() bool {
	return slices.ContainsFunc(s.Changes.Rows, func(c Change) bool { return len(c.Cells) > 0 })
}

// Task is something for a person.
type Task struct{ SKU, Name, Rule, What string }

// Change is a field that is set.
type Change struct {
	SKU, Name, Field string
	From, To         string
	Made             string // what the platform makes of To; "" if that is the same
	Cells            []Cell
	Why              string
	Also             []string // other items that change with it
}

// Cell is what becomes of a cell.
type Cell struct{ Code, Now, Then string }

// Deferred is a change that waits for a person.
type Deferred struct{ SKU, Name, Field, Rules, Until, Who string }

// LeftOut is an N for which nothing is planned.
type LeftOut struct{ SKU, Name, Field, Rules, Why string }

// Stop is a brake that stops the plan.
type Stop struct{ Brake, Text, SKUs string }

// Lift is something that can be let pass for a plan.
type Lift struct{ Key, Text string }

var titles = map[plan.Step]string{
	plan.ImportOrders:  "Import the store's orders into the point of sale",
	plan.Correct:       "Correct by hand",
	plan.Refresh:       "Plan again once that is done",
	plan.ProductFields: "Set fields that variants share",
	plan.ItemFields:    "Set fields of items",
	plan.Quantities:    "Set quantities",
}

// The persons who have to act.
const (
	importer  = "whoever imports orders into the point of sale"
	corrector = "whoever looks after stock and items"
)

var persons = map[plan.Step]string{plan.ImportOrders: importer, plan.Correct: corrector}

// Amounts writes the amount of a field as the table of items does; nil writes it as it stands.
type Amounts func(field string, amount catalog.Decimal) string

// value is the value of a field in words.
func (a Amounts) value(field string, v catalog.Value) string {
	if a != nil && v.Type() == catalog.Number && !v.IsNull() && catalog.UnitOf(field) == catalog.Money {
		return a(field, v.Number())
	}
	return Value(v)
}

// Of returns a plan as people look at it, with so many rows of each list at most.
func Of(p *plan.Plan, most int, amounts Amounts) *Review {
	r := &Review{Chosen: chosen(p.Chosen), Allowed: p.Allowed}
	items := map[string]bool{}
	for _, c := range p.Changes {
		items[c.SKU] = true
	}
	r.Items = len(items)
	for i, s := range p.Steps {
		step := Step{Number: i + 1, Title: titles[s.Step], Who: persons[s.Step]}
		step.Tasks, step.Notes = tasks(p, s.Step, most)
		step.Changes = changes(p, s.Step, most, amounts)
		r.Short = r.Short || step.Tasks.More()+step.Changes.More() > 0
		r.Steps = append(r.Steps, step)
	}
	r.Deferred.Total, r.LeftOut.Total = len(p.Deferred), len(p.LeftOut)
	for _, d := range p.Deferred[:min(most, len(p.Deferred))] {
		row := Deferred{SKU: plain(d.SKU), Name: plain(d.Name), Field: d.Field, Rules: strings.Join(d.Rules, ", "), Until: "the orders are imported (" + d.WaitsFor + ")", Who: importer}
		if d.Act == "correct" {
			row.Until, row.Who = "it is corrected ("+d.WaitsFor+")", corrector
		}
		r.Deferred.Rows = append(r.Deferred.Rows, row)
	}
	reasons := map[plan.Reason]bool{}
	for i, l := range p.LeftOut {
		reasons[l.Reason] = true
		if i >= most {
			continue
		}
		why := l.Detail
		if l.Reason == plan.Moved {
			why = "sales have moved quantities since"
		}
		r.LeftOut.Rows = append(r.LeftOut.Rows, LeftOut{SKU: plain(l.SKU), Name: plain(l.Name), Field: l.Field, Rules: strings.Join(l.Rules, ", "), Why: plain(why)})
	}
	r.Short = r.Short || r.Deferred.More()+r.LeftOut.More() > 0
	r.lifts(p, reasons)
	return r
}

// lifts notes what stops the plan, and what could be let pass.
func (r *Review) lifts(p *plan.Plan, reasons map[plan.Reason]bool) {
	for _, s := range p.Stops {
		r.Stops = append(r.Stops, Stop{s.Brake, s.Text, strings.Join(s.SKUs, ", ")})
		r.Lifts = append(r.Lifts, Lift{s.Brake, "The brake " + s.Brake + ": " + s.Text})
	}
	if reasons[plan.StaysRed] {
		r.Lifts = append(r.Lifts, Lift{plan.StaysRed.String(), "Changes that leave their cell N"})
	}
	if reasons[plan.TurnsRed] {
		r.Lifts = append(r.Lifts, Lift{plan.TurnsRed.String(), "Changes that make another cell worse"})
	}
}

// chosen says what a plan was made for.
func chosen(c plan.Choice) string {
	rule := "rule " + strings.Join(c.Rules, ", ")
	if len(c.Rules) > 1 {
		rule = "rules " + strings.Join(c.Rules, ", ")
	}
	items := fmt.Sprintf("%d chosen items", len(c.SKUs))
	if len(c.SKUs) == 1 {
		items = "the item " + plain(c.SKUs[0])
	}
	switch {
	case len(c.SKUs) > 0 && len(c.Rules) > 0:
		return rule + " of " + items
	case len(c.SKUs) > 0:
		return items
	case len(c.Rules) > 0:
		return rule
	}
	return "everything"
}

func tasks(p *plan.Plan, step plan.Step, most int) (list List[Task], notes []string) {
	for _, t := range p.Tasks {
		if t.Step != step {
			continue
		}
		if note := t.Rule + ": " + t.Note; t.Note != "" && !slices.Contains(notes, note) {
			notes = append(notes, note)
		}
		if list.Total++; list.Total > most {
			continue
		}
		what := "import its orders"
		if step == plan.Correct {
			what = "correct it"
			if about := t.About(Value); about != "" {
				what = "correct " + about
			}
		}
		if t.Field != "" {
			what = "set " + t.Field + " to " + plain(t.Value)
		}
		list.Rows = append(list.Rows, Task{plain(t.SKU), plain(t.Name), t.Rule, what})
	}
	return list, notes
}

func changes(p *plan.Plan, step plan.Step, most int, amounts Amounts) (list List[Change]) {
	for i := range p.Changes {
		c := &p.Changes[i]
		if c.Step != step {
			continue
		}
		if list.Total++; list.Total > most {
			continue
		}
		row := Change{SKU: plain(c.SKU), Name: plain(c.Name), Field: c.Field, From: amounts.value(c.Field, c.Expected), To: amounts.value(c.Field, c.Will), Cells: cells(c.Now, c.Then), Why: plain(c.Why)}
		if !c.Will.Equal(c.Desired) {
			row.Made = amounts.value(c.Field, c.Desired)
		}
		for _, sku := range c.Also {
			row.Also = append(row.Also, plain(sku))
		}
		list.Rows = append(list.Rows, row)
	}
	return list
}

// cells returns the cells that change.
func cells(now, then plan.Cells) (list []Cell) {
	for _, code := range slices.Sorted(maps.Keys(now)) {
		if now[code] != then[code] {
			list = append(list, Cell{code, now[code], then[code]})
		}
	}
	return list
}

// plain is a text of the data as a page may show it: nothing in it hides, or turns the line around.
func plain(s string) string { return signs.Document(s) }

// Value is a value in words.
func Value(v catalog.Value) string {
	text := ""
	switch {
	case v.Type() == catalog.Invalid || v.IsNull():
		return "none"
	case v.Type() == catalog.List:
		text = strings.Join(v.List(), ", ")
	case v.Type() == catalog.Map:
		var entries []string
		for _, e := range v.Entries() {
			entries = append(entries, e.Key+": "+e.Value)
		}
		text = strings.Join(entries, ", ")
	case v.Type() == catalog.Bool:
		text = map[bool]string{true: "yes", false: "no"}[v.Bool()]
	default:
		text = v.Text()
	}
	if text == "" {
		return "none"
	}
	return plain(text)
}
