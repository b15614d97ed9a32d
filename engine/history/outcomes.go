package history

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/strict"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// keptOutcome is a line of JSON: what the rules said of some items.
type keptOutcome struct {
	Cells    string             `json:"cells"` // a letter for each rule; a dot where there is no cell
	Class    string             `json:"class"`
	Explains map[int][]int      `json:"explains,omitempty"`
	Unknown  []int              `json:"unknown,omitempty"`
	Intents  map[int]keptIntent `json:"intents,omitempty"`
	Intended *keptIntent        `json:"intended,omitempty"`
}

type keptIntent struct {
	Name   string `json:"name"`
	Reason string `json:"reason,omitempty"`
	Owner  string `json:"owner,omitempty"`
}

// noOutcome is the line for items that no rule is about.
const noOutcome = "null\n"

func keptIntentOf(in *report.Intent) keptIntent { return keptIntent{in.Name, in.Reason, in.Owner} }

func (k keptIntent) intent() *report.Intent {
	return &report.Intent{Name: k.Name, Reason: k.Reason, Owner: k.Owner}
}

func appendOutcome(dst []byte, o *report.Outcome) ([]byte, error) {
	k := keptOutcome{Class: o.Class.String(), Intents: map[int]keptIntent{}, Explains: map[int][]int{}}
	for i, c := range o.Cells {
		letter := "."
		if c != verdict.NotThere {
			letter = c.String()
		}
		k.Cells += letter
		if o.IsUnknown(i) {
			k.Unknown = append(k.Unknown, i)
		}
	}
	for i, explained := range o.Explains {
		if len(explained) > 0 {
			k.Explains[i] = explained
		}
	}
	for i, in := range o.Intents {
		if in != nil {
			k.Intents[i] = keptIntentOf(in)
		}
	}
	if o.Intended != nil {
		in := keptIntentOf(o.Intended)
		k.Intended = &in
	}
	line, err := json.Marshal(k)
	return append(append(dst, line...), '\n'), err
}

// outcomesOf reads all outcomes of runs with so many rules.
func outcomesOf(text []byte, rules int) (list []*report.Outcome, err error) {
	for line := range bytes.Lines(text) {
		if string(line) == noOutcome {
			list = append(list, nil)
			continue
		}
		var k keptOutcome
		if err := strict.Decode(line, &k); err != nil {
			return nil, err
		}
		o, err := k.outcome(rules)
		if err != nil {
			return nil, err
		}
		list = append(list, o)
	}
	return list, nil
}

func (k *keptOutcome) outcome(rules int) (*report.Outcome, error) {
	o := &report.Outcome{Cells: make([]verdict.Cell, len(k.Cells)), Intents: make([]*report.Intent, len(k.Cells))}
	if len(k.Cells) != rules {
		return nil, fmt.Errorf("an outcome has %d cells for %d rules", len(k.Cells), rules)
	}
	for i := range o.Cells {
		o.Cells[i] = verdict.Cell(k.Cells[i])
		if k.Cells[i] == '.' {
			o.Cells[i] = verdict.NotThere
		}
	}
	for _, class := range verdict.Classes {
		if class.String() == k.Class {
			o.Class = class
		}
	}
	inside := func(i int) bool { return i >= 0 && i < rules }
	for i, explained := range k.Explains {
		if o.Explains == nil {
			o.Explains = make([][]int, rules)
		}
		for _, other := range append([]int{i}, explained...) {
			if !inside(other) {
				return nil, fmt.Errorf("an outcome names rule %d of %d", other, rules)
			}
		}
		o.Explains[i] = explained
	}
	for _, i := range k.Unknown {
		if !inside(i) {
			return nil, fmt.Errorf("an outcome names rule %d of %d", i, rules)
		}
		if o.Unknown == nil {
			o.Unknown = make([]bool, rules)
		}
		o.Unknown[i] = true
	}
	for i, in := range k.Intents {
		if !inside(i) {
			return nil, fmt.Errorf("an outcome names rule %d of %d", i, rules)
		}
		o.Intents[i] = in.intent()
	}
	if k.Intended != nil {
		o.Intended = k.Intended.intent()
	}
	return o, nil
}
