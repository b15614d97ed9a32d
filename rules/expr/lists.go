package expr

import (
	"strings"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// list is a list of strings in place: a stretch of a column, or of a slice where column is nil. It costs no allocation
// to pass on what a batch holds.
type list struct {
	column   *catalog.Strings
	from, to int
	items    []string
}

func listOf(items []string) list { return list{items: items, to: len(items)} }

func (l list) len() int { return l.to - l.from }

func (l list) at(i int) string {
	if l.column != nil {
		return l.column.At(l.from + i)
	}
	return l.items[l.from+i]
}

func (l list) contains(s string) bool {
	for i := range l.len() {
		if l.at(i) == s {
			return true
		}
	}
	return false
}

func (l list) equal(m list) bool {
	if l.len() != m.len() {
		return false
	}
	for i := range l.len() {
		if l.at(i) != m.at(i) {
			return false
		}
	}
	return true
}

// slice returns the items in a new slice; the strings still share the column's memory.
func (l list) slice() []string {
	items := make([]string, l.len())
	for i := range items {
		items[i] = l.at(i)
	}
	return items
}

func (l list) clone() []string {
	items := l.slice()
	for i, s := range items {
		items[i] = strings.Clone(s)
	}
	return items
}

// dict is a map in place: its keys, sorted, and its values in the same order.
type dict struct{ keys, values list }

func dictOf(entries []catalog.Entry) dict {
	keys, values := make([]string, len(entries)), make([]string, len(entries))
	for i, e := range entries {
		keys[i], values[i] = e.Key, e.Value
	}
	return dict{listOf(keys), listOf(values)}
}

func (m dict) len() int { return m.keys.len() }

// lookup returns the value for key; "" if there is none. Maps of options are far too short for a binary search to pay.
func (m dict) lookup(key string) string {
	for i := range m.len() {
		if m.keys.at(i) == key {
			return m.values.at(i)
		}
	}
	return ""
}

func (m dict) equal(o dict) bool { return m.keys.equal(o.keys) && m.values.equal(o.values) }

func (m dict) clone() []catalog.Entry {
	entries := make([]catalog.Entry, m.len())
	for i := range entries {
		entries[i] = catalog.Entry{Key: strings.Clone(m.keys.at(i)), Value: strings.Clone(m.values.at(i))}
	}
	return entries
}
