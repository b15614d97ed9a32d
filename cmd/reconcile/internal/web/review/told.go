package review

import (
	"fmt"
	"strings"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/change"
	"github.com/reconcilehq/reconcile/engine/journal"
)

// Told is what became of a plan.
type Told struct {
	Counts  []Count
	Total   int
	Made    int // applied or unchanged
	Told    int // with an outcome
	Applied int
	NotMade Rows
	Done    Rows
	CutOff  bool // the last line was not written to its end
}

// Count is how many changes there are of an outcome.
type Count struct {
	Kind  string
	Text  string // what it means
	Count int
}

// Rows are changes, and what became of them.
type Rows struct {
	List[Row]
	Says bool // of one that is shown it is said why
}

// Row is one change, and what became of it.
type Row struct {
	SKU, Name, Field string
	From, To         string
	Kind, Why        string
}

var meanings = map[change.Kind]string{
	change.Applied:   "written, and seen there",
	change.Unchanged: "the item had the desired value already",
	change.Pending:   "the store took it, and does not show it yet",
	change.Conflict:  "the item had another value than the plan expects; it was not written",
	change.Rejected:  "the store refuses it",
	change.Failed:    "it was not written",
	change.Unknown:   "it was sent, and nobody knows whether it arrived",
	change.Skipped:   "it was accepted meanwhile, or another value would be wanted now",
}

// noOutcome is the kind of a change without an outcome.
const noOutcome = "none"

// What became of a plan, with so many rows of each list at most.
func What(c *journal.Content, most int, amounts Amounts) *Told {
	t := &Told{Total: len(c.Changes), CutOff: c.CutOff > 0}
	counts, open := c.Counts()
	t.Told, t.Applied, t.Made = t.Total-open, counts[change.Applied], counts[change.Applied]+counts[change.Unchanged]
	for _, kind := range change.Kinds() {
		if counts[kind] > 0 {
			t.Counts = append(t.Counts, Count{kind.String(), meanings[kind], counts[kind]})
		}
	}
	if open > 0 {
		t.Counts = append(t.Counts, Count{noOutcome, "it was not tried yet, or nobody has looked what became of it", open})
	}
	for _, ch := range c.Changes {
		list := &t.NotMade
		if ch.State == journal.Told && ch.Outcome.Kind.IsDone() {
			list = &t.Done
		}
		if list.Total++; list.Total <= most {
			row := rowOf(ch, amounts)
			list.Rows, list.Says = append(list.Rows, row), list.Says || row.Why != ""
		}
	}
	return t
}

func rowOf(c *journal.Change, amounts Amounts) Row {
	r := Row{SKU: plain(c.Item.String()), Name: plain(c.Name), Field: c.Field, From: amounts.value(c.Field, c.Expected), To: amounts.value(c.Field, c.Desired), Kind: noOutcome}
	switch c.State {
	case journal.Open:
		r.Why = "it was not tried yet"
	case journal.Sent:
		r.Why = "it was sent, and nobody has looked what became of it"
	case journal.Told:
		r.Kind, r.Why = c.Outcome.Kind.String(), plain(c.Outcome.Reason)
		if r.Why == "" && c.Outcome.Kind == change.Conflict && c.Outcome.Before.Type() != catalog.Invalid {
			r.Why = "the store has " + amounts.value(c.Field, c.Outcome.Before)
		}
	}
	return r
}

// Short reports whether a list has more rows than are shown.
func (t *Told) Short() bool { return t.NotMade.More()+t.Done.More() > 0 }

// Counted says how many changes there are of each outcome: "3 applied, 1 conflict".
func Counted(outcomes map[string]int, open int) string {
	var parts []string
	for _, kind := range change.Kinds() {
		if n := outcomes[kind.String()]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, kind))
		}
	}
	if open > 0 {
		parts = append(parts, fmt.Sprintf("%d without an outcome", open))
	}
	if len(parts) == 0 {
		return "no change"
	}
	return strings.Join(parts, ", ")
}

// Takes says what it takes to carry out a plan.
func Takes(requests int64, takes time.Duration) string {
	text := fmt.Sprintf("about %d requests", requests)
	if requests == 1 {
		text = "about 1 request"
	}
	if takes >= time.Second {
		text += " and " + takes.Round(time.Second).String()
	}
	return text
}
