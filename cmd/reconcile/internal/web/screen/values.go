package screen

import (
	"slices"
	"strings"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/history"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/signs"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// plain is a text of the data as a page may show it: nothing in it hides, or turns the line around.
func plain(s string) string { return signs.Document(s) }

// has reports whether a list, which ascends, has a position.
func has(list []int32, position int32) bool {
	_, found := slices.BinarySearch(list, position)
	return found
}

const unknown = "unknown" // what stands for null

// valueText is a value in words.
func valueText(v catalog.Value) string {
	text := ""
	switch {
	case v.Type() == catalog.Invalid || v.IsNull():
		return unknown
	case v.Type() == catalog.List:
		text = strings.Join(v.List(), ", ")
	case v.Type() == catalog.Map:
		var entries []string
		for _, e := range v.Entries() {
			entries = append(entries, e.Key+": "+e.Value)
		}
		text = strings.Join(entries, ", ")
	case v.Type() == catalog.Bool:
		text = "no"
		if v.Bool() {
			text = "yes"
		}
	default:
		text = v.Text()
	}
	if text == "" {
		return "none"
	}
	return plain(text)
}

// fields returns what both sides have of the fields that a rule reads, each field once. It is nil where no values were kept.
func (r *Run) fields(rule int, it *report.Item) []Difference {
	var list []Difference
	for _, f := range r.About().Rules[rule].Fields {
		row := it.Row(f.Side)
		if !row.Has() || row.Batch.Schema().Index(f.Field) < 0 {
			continue
		}
		at := slices.IndexFunc(list, func(d Difference) bool { return d.Field == plain(f.Field) })
		if at < 0 {
			list, at = append(list, Difference{Field: plain(f.Field)}), len(list)
		}
		text := r.valueOf(f.Side, f.Field, row.Value(f.Field))
		if f.Side == verdict.Pos {
			list[at].Pos = text
		} else {
			list[at].Store = text
		}
	}
	for i := range list {
		d := &list[i]
		pos, store := it.Pos.Value(d.Field), it.Store.Value(d.Field)
		d.differs = d.Pos != d.Store
		if d.Two() && pos.Type() == store.Type() && !pos.IsNull() && !store.IsNull() {
			d.differs = !pos.Equal(store) // 32 is 32.00
		}
		if d.Two() && pos.Type() == catalog.String && store.Type() == catalog.String && pos.Str() != store.Str() && pos.Str() != "" && store.Str() != "" {
			d.Pos, d.Store = signs.Differ(pos.Str(), store.Str())
		}
	}
	return list
}

// Two reports whether the rule reads the field of both sides.
func (d Difference) Two() bool { return d.Pos != "" && d.Store != "" }

// Differs reports whether the two sides do not have the same.
func (d Difference) Differs() bool { return d.differs }

// sentence says what the sides have.
func (d Difference) sentence(r *Run) string {
	var parts []string
	if d.Pos != "" {
		parts = append(parts, r.Name(verdict.Pos)+" "+d.Pos)
	}
	if d.Store != "" {
		parts = append(parts, r.Name(verdict.Store)+" "+d.Store)
	}
	return d.Field + ": " + strings.Join(parts, ", ")
}

// differences returns what makes the red and the intentional cells of an item what they are, each field once: what differs first. Where
// nothing does, what is equal is shown, too, since the rule compares it with something else.
func (r *Run) differences(marks []history.Mark, it *report.Item) []Difference {
	var differing, other []Difference
	for rule, m := range marks {
		if m != history.Red && m != history.Excused {
			continue
		}
		fields := r.fields(rule, it)
		some := slices.ContainsFunc(fields, func(d Difference) bool { return d.Two() && d.Differs() })
		for _, d := range fields {
			same := func(o Difference) bool { return o.Field == d.Field }
			switch {
			case d.Field == "sku", slices.ContainsFunc(differing, same), slices.ContainsFunc(other, same):
			case d.Two() && d.Differs():
				differing = append(differing, d)
			case some && !d.Two() && (d.Pos+d.Store == "0" || d.Pos+d.Store == unknown): // it has no part in the difference
			case d.Two() && !some, !d.Two():
				other = append(other, d)
			}
		}
	}
	return append(differing, other...)
}

// Name is what a side is called: its connector or, where both sides have the same, its source.
func (r *Run) Name(side verdict.Side) string {
	of, other := r.About().Source(side), r.About().Source(side.Other())
	if of.Connector == other.Connector {
		return plain(of.Name)
	}
	return plain(of.Connector)
}

// statusText is a status in words.
func (r *Run) statusText(s verdict.Status) string {
	switch s {
	case verdict.Matched:
		return "Linked"
	case verdict.PosOnly:
		return "Only in " + r.Name(verdict.Pos)
	case verdict.StoreOnly:
		return "Only in " + r.Name(verdict.Store)
	case verdict.Duplicate:
		return "Key not unique"
	case verdict.NoKey:
		return "No key"
	case verdict.Unreadable:
		return "Not readable"
	}
	return s.String()
}

// meaning says what became of an item that is not matched, and of nobody else.
func (r *Run) meaning(s verdict.Status, it *report.Item) string {
	switch {
	case it.Parent:
		return "The parent of variants that are linked"
	case it.Intended() != nil:
		return r.statusText(s) + ", and meant to be: " + plain(it.Intended().Name)
	}
	switch s {
	case verdict.PosOnly:
		return r.statusText(s) + ": not linked online"
	case verdict.StoreOnly:
		return r.statusText(s) + ": " + r.Name(verdict.Pos) + " does not know it"
	case verdict.Duplicate:
		return "Key not unique: which one is meant?"
	case verdict.NoKey:
		return "No key: nothing to pair by"
	case verdict.Unreadable:
		return "Could not be read, and is not compared"
	}
	return ""
}
