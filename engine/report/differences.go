package report

import (
	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/signs"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// differences says in short what the N and the I of an item are about: the values of the fields that these rules read, each
// field once; and what was unknown.
type differences struct {
	*Result
	fields []ruleField
	byRule [][]int // places in fields
	sides  [len(verdict.Sides)]*reader
	said   []int // by field: the item of which it was said last
	count  int   // of the items so far
	signs  bool  // there was a text with signs for white space
}

// marks are how a format sets off the parts of such a text.
type marks struct {
	begin, end          string // around what is said of one field, and of one reason
	between             string // the sides
	openText, closeText string // around a text of the data
	escape              func(dst []byte, s string) []byte
	separator           string // between two of what begin and end are around
}

var htmlMarks = &marks{begin: "<p>", end: "</p>", between: " · ", openText: "<q>", closeText: "</q>", escape: appendMarkup}

func newDifferences(r *Result) *differences {
	d := &differences{Result: r}
	places := map[string]int{}
	var list []string
	for i := range r.Rules {
		var at []int
		for _, f := range r.Rules[i].fields() {
			place, ok := places[f.name]
			if !ok {
				place = len(d.fields)
				places[f.name] = place
				d.fields, list = append(d.fields, ruleField{name: f.name}), append(list, f.name)
			}
			d.fields[place].pos = d.fields[place].pos || f.pos
			d.fields[place].store = d.fields[place].store || f.store
			at = append(at, place)
		}
		d.byRule = append(d.byRule, at)
	}
	for _, side := range verdict.Sides {
		d.sides[side] = newReader(list)
	}
	d.said = make([]int, len(d.fields))
	return d
}

// append appends what is said of the item.
func (d *differences) append(dst []byte, it *Item, m *marks) []byte {
	d.count++
	start := len(dst)
	begin := func() {
		if len(dst) > start {
			dst = append(dst, m.separator...)
		}
		dst = append(dst, m.begin...)
	}
	for _, side := range verdict.Sides {
		if u := it.Unreadable[side]; u != nil {
			begin()
			dst = append(append(append(dst, "not read in "...), side.String()...), ": "...)
			dst = append(m.escape(dst, prose(u.Reason)), m.end...)
		}
	}
	if it.Outcome == nil {
		return dst
	}
	if intent := it.Intended(); intent != nil {
		begin()
		dst = append(m.escape(append(dst, "intentional: "...), prose(intent.Name)), m.end...)
	}
	for i, cell := range it.Outcome.Cells {
		if text := d.unknownText(it, i); text != "" {
			begin()
			dst = append(m.escape(dst, clean(d.Rules[i].Code)), " not checked, unknown: "...)
			dst = append(m.escape(dst, text), m.end...)
		}
		if cell != verdict.NotSynchronized && cell != verdict.Intentional {
			continue
		}
		if intent := it.Outcome.intent(i); intent != nil {
			begin()
			dst = append(m.escape(dst, clean(d.Rules[i].Code)), " intentional: "...)
			dst = append(m.escape(dst, prose(intent.Name)), m.end...)
		}
		for _, f := range d.byRule[i] {
			if d.said[f] == d.count {
				continue
			}
			d.said[f] = d.count
			begin()
			dst = append(d.field(dst, it, f, m), m.end...)
		}
	}
	return dst
}

// field appends a field's values.
func (d *differences) field(dst []byte, it *Item, f int, m *marks) []byte {
	dst = append(m.escape(dst, d.fields[f].name), ": "...)
	if text, ok := d.alike(dst, it, f, m); ok {
		return text
	}
	some := false
	for _, side := range verdict.Sides {
		row := it.Row(side)
		if !row.Has() || side == verdict.Pos && !d.fields[f].pos || side == verdict.Store && !d.fields[f].store {
			continue
		}
		if some {
			dst = append(dst, m.between...)
		}
		some = true
		dst = append(append(dst, side.String()...), ' ')
		dst = m.value(dst, d.sides[side].value(row, f))
	}
	return dst
}

// alike appends a field's two texts with signs for what does not show, if without them they would look alike.
func (d *differences) alike(dst []byte, it *Item, f int, m *marks) ([]byte, bool) {
	pos, store := d.sides[verdict.Pos].value(it.Pos, f), d.sides[verdict.Store].value(it.Store, f)
	if pos.typ != catalog.String || store.typ != catalog.String || !d.fields[f].pos || !d.fields[f].store {
		return dst, false
	}
	a, b := pos.text(), store.text()
	if a == b || signs.Look(a) != signs.Look(b) {
		return dst, false
	}
	d.signs = true
	for side, text := range []string{a, b} {
		if side > 0 {
			dst = append(dst, m.between...)
		}
		dst = append(append(append(dst, verdict.Sides[side].String()...), ' '), m.openText...)
		dst = append(m.escape(dst, signs.Blanks(text)), m.closeText...)
	}
	return dst, true
}

// value appends a value in words: texts in marks, "unknown" for null, "none" for what is empty.
func (m *marks) value(dst []byte, v value) []byte {
	if v.typ == catalog.String {
		dst = append(dst, m.openText...)
		return append(m.escape(dst, v.text()), m.closeText...)
	}
	start := len(dst)
	dst = appendText(dst, v)
	switch v.typ {
	case catalog.Number, catalog.Bool:
		if len(dst) > start {
			return dst
		}
	case catalog.List, catalog.Map:
		if len(dst) == start {
			return append(dst, "none"...)
		}
		text := string(dst[start:])
		return m.escape(dst[:start], text)
	}
	return append(dst, "unknown"...)
}
