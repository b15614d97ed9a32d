// Package report holds the result of a reconciliation and the ways to show it, one file each.
//
// It decides nothing: which items are in the result and what their cells are is the engine's business. What a person
// asked to see of it (Options) is applied here, alike for every format.
package report

import (
	"iter"
	"slices"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// Result is the outcome of one reconciliation.
type Result struct {
	Reconciliation string // its name in the configuration
	Pos, Store     Source
	Rules          []Rule // the columns, in their order
	Summary        Summary

	MadeAt  time.Time     // when the sides had been read; zero: not known
	MaxSkew time.Duration // by how much the sides' ages may differ; 0: by any time

	// Items are those with an N or I cell and those that are not matched, or all of them where the engine was asked
	// for all: first in the order of the pos source, then those that only the store has, in the store's. They may lie on
	// disk and be read back as they are asked for, any number of times; after an error there are no more. An item may be
	// kept. Nil is no item.
	Items iter.Seq2[*Item, error]

	// OnClose lets go of what Items needs; nil if that is nothing.
	OnClose func() error

	// PosFields and StoreFields are the fields that the rules read of either side, in the order of the source's schema.
	PosFields, StoreFields []catalog.Field

	// Unused are the intentional blocks, and lines of their files, that made nothing intentional: what they were about
	// is gone, or has other values than were accepted.
	Unused []*Intent
}

// List returns all items.
func (r *Result) List() ([]*Item, error) {
	var list []*Item
	if r.Items == nil {
		return nil, nil
	}
	for it, err := range r.Items {
		if err != nil {
			return nil, err
		}
		list = append(list, it)
	}
	return list, nil
}

// Close lets go of what the result needs to yield its items. It is not to be used after that.
func (r *Result) Close() error {
	if r.OnClose == nil {
		return nil
	}
	return r.OnClose()
}

// Source says what was read of one side.
type Source struct {
	Connector, Name string
	Items           int64
	ReadAt          time.Time // when the data were as they are reported
	Copy            bool      // they come from a Local Copy
}

// Rule is one column.
type Rule struct {
	Code, Title, Note string
	Fields            []FieldRef // that its condition reads, in the order in which it names them
	Range             hcl.Range  // where it stands in the configuration
	On                Status     // which items it is about: Matched, PosOnly, StoreOnly or Duplicate
	Severity          Severity
}

// Severity says how much a rule's discrepancies matter.
type Severity uint8

// The severities. Only errors count for the exit status.
const (
	Error Severity = iota
	Warn
	Info
)

// String returns the severity as the configuration writes it.
func (s Severity) String() string { return [...]string{"error", "warning", "info"}[s] }

// ruleField is a field that a rule's condition names, and of which sides.
type ruleField struct {
	name       string
	pos, store bool
}

// fields returns the fields that the rule names, each once, in the order of their first appearance.
func (r *Rule) fields() []ruleField {
	var list []ruleField
	for _, ref := range r.Fields {
		at := slices.IndexFunc(list, func(f ruleField) bool { return f.name == ref.Field })
		if at < 0 {
			at = len(list)
			list = append(list, ruleField{name: ref.Field})
		}
		list[at].pos = list[at].pos || ref.Side == Pos
		list[at].store = list[at].store || ref.Side == Store
	}
	return list
}

// FieldRef names a field of one side.
type FieldRef struct {
	Side  Side
	Field string
}

// Side is pos or store.
type Side uint8

// The two sides of a reconciliation.
const (
	Pos Side = iota
	Store
)

// String returns "pos" or "store".
func (s Side) String() string { return [...]string{"pos", "store"}[s] }

// Status is what became of an item in pairing.
type Status uint8

// The statuses. Rules are evaluated on matched items only.
const (
	Matched   Status = iota // it is on both sides
	PosOnly                 // not linked online
	StoreOnly               // the point of sale does not know it
	Duplicate               // its key occurs more than once on a side
	NoKey                   // its key is empty or null
)

// Statuses are all statuses, in the order in which reports name them.
var Statuses = [...]Status{Matched, PosOnly, StoreOnly, Duplicate, NoKey}

// String returns the status as reports write it, for example "pos_only".
func (s Status) String() string {
	return [...]string{"matched", "pos_only", "store_only", "duplicate", "no_key"}[s]
}

// Cell is the outcome of one rule for one item.
type Cell byte

// The cells.
const (
	Synchronized    Cell = 'S'
	NotSynchronized Cell = 'N'
	Intentional     Cell = 'I'
	NotApplicable   Cell = '-' // the rule read a value that is unknown
	NotThere        Cell = 0   // the rule is not about such items: there is no cell
)

// Cells are all cells, in the order in which reports name them.
var Cells = [...]Cell{Synchronized, NotSynchronized, Intentional, NotApplicable}

// String returns the letter.
func (c Cell) String() string {
	switch c { // constants, because reports write many
	case Synchronized:
		return "S"
	case NotSynchronized:
		return "N"
	case Intentional:
		return "I"
	}
	return "-"
}

// Outcome is what the rules said of an item. Items with the same outcome share one.
type Outcome struct {
	Cells []Cell // by rule

	// Explains holds, by rule, the rules whose N it took away, as places in Result.Rules. Nil where there are none.
	Explains [][]int

	// Intents holds, by rule, what made its cell intentional; nil elsewhere.
	Intents []*Intent
}

// Intent is an intentional block of the configuration.
type Intent struct {
	Name, Reason, Owner string
	Place               string // file and line, for people; of Result.Unused only
}

// Worst returns N if a cell is N, else I if one is I, else S.
func (o *Outcome) Worst() Cell {
	worst := Synchronized
	if o == nil {
		return worst
	}
	for _, c := range o.Cells {
		switch c {
		case NotSynchronized:
			return c
		case Intentional:
			worst = c
		}
	}
	return worst
}

// explains returns the rules whose N the given rule took away.
func (o *Outcome) explains(rule int) []int {
	if rule >= len(o.Explains) {
		return nil
	}
	return o.Explains[rule]
}

// intent returns what made the rule's cell intentional; nil if nothing did.
func (o *Outcome) intent(rule int) *Intent {
	if rule >= len(o.Intents) {
		return nil
	}
	return o.Intents[rule]
}

// Row is one item of one source, inside its batch. The zero Row is no item.
type Row struct {
	Batch *catalog.Batch
	I     int
	Place int64 // among all items of the source, from 0
}

// Has reports whether there is an item.
func (r Row) Has() bool { return r.Batch != nil }

// Value returns the item's value of the field; the zero Value if it has none.
func (r Row) Value(field string) catalog.Value {
	if r.Batch == nil {
		return catalog.Value{}
	}
	return r.Batch.Value(field, r.I)
}

// Item is one line of the report.
type Item struct {
	Status  Status
	Pos     Row      // unless only the store has it
	Store   Row      // unless only the point of sale has it
	Outcome *Outcome // nil where no rule is about such items
}

// SKU returns the row's own SKU, of the pos side where there is one.
func (it *Item) SKU() string { return it.own("sku") }

// Name returns the item's name, of the pos side where that has one.
func (it *Item) Name() string { return it.own("name") }

func (it *Item) own(field string) string {
	if s, ok := it.Pos.text(field); ok {
		return s
	}
	s, _ := it.Store.text(field)
	return s
}

// text returns the string in a field, unboxed; false if there is no item or it has no such field of strings.
func (r Row) text(field string) (string, bool) {
	if r.Batch == nil {
		return "", false
	}
	at := r.Batch.Schema().Index(field)
	if at < 0 {
		return "", false
	}
	column, ok := r.Batch.Column(at).(*catalog.Strings)
	if !ok {
		return "", false
	}
	return column.At(r.I), true
}

// Summary counts all items, whatever is shown of them.
type Summary struct {
	Items           int                   // rows of the report if all were shown: a pair counts once
	Status          [len(Statuses)]int    // by Status
	Rows            [len(Statuses)][2]int // by Status other than Matched: how many of these items are on which side
	Synchronized    int                   // matched items without an N
	NotSynchronized int                   // matched items with an N
	Rules           []map[Cell]int        // by rule: how many matched items have which cell
	Explained       []map[int]int         // by rule: how many of its N were explained, by the place of the explaining rule
}

// cells returns how many matched items have the given cell in a rule's column.
func (s *Summary) cells(rule int, c Cell) int {
	if rule >= len(s.Rules) {
		return 0
	}
	return s.Rules[rule][c]
}

// Discrepancies reports whether an item is not matched, or a cell of a rule whose severity is Error is N.
func (r *Result) Discrepancies() bool {
	if r.Summary.Items > r.Summary.Status[Matched] {
		return true
	}
	for i, rule := range r.Rules {
		if rule.Severity == Error && r.Summary.Rules[i][NotSynchronized] > 0 {
			return true
		}
	}
	return false
}
