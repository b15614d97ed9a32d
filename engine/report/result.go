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
	"github.com/reconcilehq/reconcile/engine/near"
	"github.com/reconcilehq/reconcile/engine/row"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// Result is the outcome of one reconciliation.
type Result struct {
	Reconciliation string // its name in the configuration
	Shop           string // of the configuration's list; "" where it has none
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

	pages   Pages   // see SetPages
	pagesOf *Result // the result that they are of

	// Chosen says, where Items are only some of those that Summary counts, which these are: "new since the run before". "" elsewhere.
	Chosen string

	// Whole says that Items are all items.
	Whole bool

	// Brief says that of items that are Silent there is no more than SKU, name and key: their other values are not there.
	Brief bool

	// Settings stands for what decides, beside the rules, which items are compared and by what values: the key and the settings of both
	// sources. Results with other settings cannot be compared item by item without saying so. "" where that is not known.
	Settings string

	// WhyUnknown returns what was unknown to a rule of which the item's Outcome says so. Nil where nobody knows.
	WhyUnknown func(it *Item, rule int) []verdict.Unknown

	// OnClose lets go of what Items needs; nil if that is nothing.
	OnClose func() error

	// PosFields and StoreFields are the fields that the rules read of either side, in the order of the source's schema.
	PosFields, StoreFields []catalog.Field

	// Unused are the intentional blocks, and lines of their files, that made nothing intentional: what they were about
	// is gone, or has other values than were accepted.
	Unused []*Intent

	// Near are pairs of items that were not paired though their keys look alike; nil if there are none. KeyText is the key that
	// items were paired by, as the configuration writes it, but on one line; KeyOfLines says that it cannot be on one.
	Near       *near.Found
	KeyText    string
	KeyOfLines bool
	// Doubts are the rules against which more items speak than for them.
	Doubts []Doubt

	// Warnings are what people should know about the run: from sources, the configuration and the engine, in the order in which
	// they came. Add one with Warn, and show those of AllWarnings.
	Warnings        []Warning
	warningsLeftOut int
}

// FieldsOf returns the fields that the rules read of a side.
func (r *Result) FieldsOf(side verdict.Side) *[]catalog.Field {
	if side == verdict.Store {
		return &r.StoreFields
	}
	return &r.PosFields
}

// Doubt says of a rule, by its place among the columns, how many items speak for it and how many against it.
type Doubt struct{ Rule, For, Against int }

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

// Source returns what was read of a side.
func (r *Result) Source(side verdict.Side) *Source {
	if side == verdict.Store {
		return &r.Store
	}
	return &r.Pos
}

// Close lets go of what the result needs to yield its items, which takes a while where they are many. Neither Items nor items that it
// has yielded are to be used after that; what is known of the whole still is. Close may be called more than once.
func (r *Result) Close() error {
	close := r.OnClose
	if r.OnClose = nil; close == nil {
		return nil
	}
	return close()
}

// Source says what was read of one side.
type Source struct {
	Connector, Name string
	Items           int64
	ReadAt          time.Time // when the data were as they are reported
	File            string    // the file whose last change that is; "" if it is that of no file
	Copy            bool      // they come from a Local Copy

	// Skipped is how many rows were left out of which nobody knows which item they are: not even their SKUs could be read.
	Skipped int64
	// Currencies are the currencies of amounts, by field, as far as they are known.
	Currencies map[string]catalog.Currency
	// Units are the units of weights and lengths, by field, as far as they are known.
	Units map[string]catalog.Measure
	// Unreadable is how many other rows were left out: those of items that are listed as unreadable.
	Unreadable int64

	ItemPage *catalog.ItemPage // where on the platform an item's page is; nil: it is not known
}

// PageOf returns the address of the page that a side's platform has for an item; "" where it is not known.
func (r *Result) PageOf(side verdict.Side, it *Item) string {
	page, row := r.Source(side).ItemPage, it.Row(side)
	if page == nil || !row.Has() {
		return ""
	}
	return page.Link(row.Value)
}

// Rule is one column.
type Rule struct {
	Code, Title, Note string
	Fields            []FieldRef     // that its condition reads, in the order in which it names them
	Range             hcl.Range      // where it stands in the configuration
	On                verdict.Status // which items it is about: Matched, PosOnly, StoreOnly or Duplicate
	Severity          verdict.Severity

	// Meaning stands for all that decides its cells: condition, severity, what explains it. It changes with these, and with nothing
	// else. "" where it is not known.
	Meaning string
}

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
		list[at].pos = list[at].pos || ref.Side == verdict.Pos
		list[at].store = list[at].store || ref.Side == verdict.Store
	}
	return list
}

// FieldRef names a field of one side.
type FieldRef struct {
	Side  verdict.Side
	Field string
}

// Outcome is what the rules said of an item. Items with the same outcome share one.
type Outcome struct {
	Cells []verdict.Cell // by rule

	// Explains holds, by rule, the rules whose N it took away, as places in Result.Rules. Nil where there are none.
	Explains [][]int

	// Intents holds, by rule, what made its cell intentional; nil elsewhere.
	Intents []*Intent

	// Unknown says, by rule, whether its cell is '-' because it read a null. Nil where none did.
	Unknown []bool

	Class verdict.Class // of matched items

	// Intended says why the item, which is of one side, is meant to be; nil if it is not.
	Intended *Intent
}

// Intended returns why the item, which is of one side, is meant to be; nil if it is not.
func (it *Item) Intended() *Intent {
	if it.Outcome == nil {
		return nil
	}
	return it.Outcome.Intended
}

// unchecked reports whether the item is not checked: a rule of severity error read a null.
func (it *Item) unchecked() bool { return it.Outcome != nil && it.Outcome.Class == verdict.Unchecked }

// Quiet reports whether nothing is to be done about the item: it is matched and has neither N nor I; or it is of one side, and
// meant to be so or a parent, and no rule has an N for it.
func (it *Item) Quiet() bool {
	if it.Status == verdict.Matched {
		return it.Outcome.Worst() == verdict.Synchronized
	}
	return (it.Intended() != nil || it.Parent) && it.Outcome.Worst() != verdict.NotSynchronized
}

// IsUnknown reports whether the rule's cell is '-' because it read a null.
func (o *Outcome) IsUnknown(rule int) bool {
	return o != nil && rule < len(o.Unknown) && o.Unknown[rule]
}

// Silent reports whether nothing is to be seen of a matched item with that outcome: no cell is N or I, and nothing was unknown.
func (o *Outcome) Silent() bool {
	return o.Worst() == verdict.Synchronized && (o == nil || !slices.Contains(o.Unknown, true))
}

// Intent is an intentional block of the configuration.
type Intent struct {
	Name, Reason, Owner string
	Place               string // file and line, for people; of Result.Unused only
}

// unknowns returns what was unknown of an item to a rule, nil if nothing was.
func (r *Result) unknowns(it *Item, rule int) []verdict.Unknown {
	if r.WhyUnknown == nil || !it.Outcome.IsUnknown(rule) {
		return nil
	}
	return r.WhyUnknown(it, rule)
}

// Worst returns N if a cell is N, else I if one is I, else S.
func (o *Outcome) Worst() verdict.Cell {
	worst := verdict.Synchronized
	if o == nil {
		return worst
	}
	for _, c := range o.Cells {
		switch c {
		case verdict.NotSynchronized:
			return c
		case verdict.Intentional:
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

	// Kept is set instead of Batch where an item is passed on as the engine keeps it: see Pages. It is on another item soon.
	Kept *row.View
}

// Has reports whether there is an item.
func (r Row) Has() bool { return r.Batch != nil || r.Kept != nil }

// Schema returns the fields of the row; nil if there is none.
func (r Row) Schema() *catalog.Schema {
	switch {
	case r.Kept != nil:
		return r.Kept.Schema()
	case r.Batch != nil:
		return r.Batch.Schema()
	}
	return nil
}

// Value returns the item's value of the field; the zero Value if it has none. It is for rows in batches.
func (r Row) Value(field string) catalog.Value {
	if r.Batch == nil {
		return catalog.Value{}
	}
	return r.Batch.Value(field, r.I)
}

// Item is one line of the report.
type Item struct {
	Status  verdict.Status
	Parent  bool     // it is of one side, and variants name it as their parent that are on both
	Pos     Row      // unless only the store has it
	Store   Row      // unless only the point of sale has it
	Outcome *Outcome // nil where no rule is about such items
	Key     string   // what it was paired by, where the result is Whole; "" where that is its SKU, or nothing

	Unreadable [2]*Unreadable // by side: what is known of a row that is there, but could not be read; nil otherwise
	Unknown    []Unknown      // of an item that was kept: what was unknown to which rules
}

// Unknown is what was unknown to a rule, by its place among the columns.
type Unknown struct {
	Rule int
	verdict.Unknown
}

// Unreadable is a row that could not be read.
type Unreadable struct{ SKU, Reason string }

// Row returns the item's row on a side.
func (it *Item) Row(side verdict.Side) Row {
	if side == verdict.Store {
		return it.Store
	}
	return it.Pos
}

// Side returns the side that the item has a row on: pos, if both. A row that could not be read counts only where there is no
// other.
func (it *Item) Side() verdict.Side {
	if it.Pos.Has() || !it.Store.Has() && it.Unreadable[verdict.Pos] != nil {
		return verdict.Pos
	}
	return verdict.Store
}

// UnreadableSides returns the names of the sides on which the item could not be read.
func (it *Item) UnreadableSides() (sides []string) {
	for _, side := range verdict.Sides {
		if it.Unreadable[side] != nil {
			sides = append(sides, side.String())
		}
	}
	return sides
}

// SKU returns the row's own SKU, of the pos side where there is one.
func (it *Item) SKU() string {
	for _, side := range verdict.Sides {
		if sku, ok := it.SKUOn(side); ok {
			return sku
		}
	}
	return ""
}

// hasSKU reports whether the item's row on a side has that SKU.
func (it *Item) hasSKU(sku string) bool {
	for _, side := range verdict.Sides {
		if own, ok := it.SKUOn(side); ok && own == sku {
			return true
		}
	}
	return false
}

// SKUOn returns the SKU of the item's row on a side; false if it has none there.
func (it *Item) SKUOn(side verdict.Side) (string, bool) {
	if u := it.Unreadable[side]; u != nil {
		return u.SKU, true
	}
	return it.Row(side).text("sku")
}

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
	schema := r.Schema()
	if schema == nil {
		return "", false
	}
	at := schema.Index(field)
	if at < 0 || schema.Field(at).Type != catalog.String {
		return "", false
	}
	if r.Kept != nil {
		return row.Text(r.Kept.Field(at)), true
	}
	return r.Batch.Column(at).(*catalog.Strings).At(r.I), true
}

// Summary counts all items, whatever is shown of them.
type Summary struct {
	Items      int                           // rows of the report if all were shown: a pair counts once
	Status     [len(verdict.Statuses)]int    // by Status
	Rows       [len(verdict.Statuses)][2]int // by Status other than Matched: how many of these items are on which side
	Intended   [len(verdict.Statuses)]int    // by Status: how many of these items, which are of one side, are meant to be
	Parents    [len(verdict.Statuses)]int    // by Status: how many others are parents of matched variants
	Unreadable [2]int                        // by side: how many of the items of that status could not be read there
	Classes    [len(verdict.Classes)]int     // by Class: how many matched items are of it
	Rules      []map[verdict.Cell]int        // by rule: how many matched items have which cell
	Explained  []map[int]int                 // by rule: how many of its N were explained, by the place of the explaining rule
	Unknown    []int                         // by rule: how many of its '-' are there because it read a null
	Unchecked  []int                         // by rule: the same, of items that are not checked

	// UncheckedSingles is how many items of one side are not checked, by the rules about such items. They may be meant to be.
	UncheckedSingles int
}

// unknown returns how many items have a '-' in a rule's column because it read a null.
func (s *Summary) unknown(rule int) int {
	if rule >= len(s.Unknown) {
		return 0
	}
	return s.Unknown[rule]
}

// cells returns how many matched items have the given cell in a rule's column.
func (s *Summary) cells(rule int, c verdict.Cell) int {
	if rule >= len(s.Rules) {
		return 0
	}
	return s.Rules[rule][c]
}

// notChecked returns how many items are not checked, matched or of one side.
func (s *Summary) notChecked() int { return s.Classes[verdict.Unchecked] + s.UncheckedSingles }

// MeantToBe returns how many items of one side are meant to be.
func (s *Summary) MeantToBe() (n int) {
	for _, of := range s.Intended {
		n += of
	}
	return n
}

// AreParents returns how many items of one side are parents of matched variants.
func (s *Summary) AreParents() (n int) {
	for _, of := range s.Parents {
		n += of
	}
	return n
}

// Open returns how many items of a status other than matched are left to be dealt with: those that are neither meant to be nor
// parents.
func (s *Summary) Open(status verdict.Status) int {
	return s.Status[status] - s.Intended[status] - s.Parents[status]
}

// Unmatched returns how many items are not matched, and neither meant to be so nor parents.
func (s *Summary) Unmatched() (n int) {
	for _, status := range verdict.Statuses[1:] {
		n += s.Open(status)
	}
	return n
}

// Skipped returns how many rows of both sides were left out of which nobody knows which items they are.
func (r *Result) Skipped() int64 { return r.Pos.Skipped + r.Store.Skipped }
