package report

import (
	"strings"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/signs"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// detail is one text below an item: a rule's title, a field's values, or a note.
type detail struct {
	label, colour string // the rule's code before its title; "" for the others
	text          string // clean
	dim           bool

	// A field's values: its name with a colon, and the values. The text has them in one line; where that is too long
	// they stand one below the other, so that the eye can compare them.
	field  string
	values []sideValue
}

type sideValue struct {
	side verdict.Side
	text string
}

// details returns what is to be said of each N and I of the item, in the order of the rules. Notes of rules are left to the
// worklist, where each stands once.
func (p *page) details(it *Item) []detail {
	var list []detail
	for _, side := range verdict.Sides {
		if u := it.Unreadable[side]; u != nil {
			list = append(list, detail{text: "not read in " + side.String() + ": " + prose(u.Reason)})
		}
	}
	if n := p.Source(it.Side().Other()).Skipped; n > 0 && it.Status == it.Side().Only() {
		list = append(list, p.once(p.MaybeSkipped(it.Side().Other()))...)
	}
	if it.Outcome == nil {
		return list
	}
	if intent := it.Intended(); intent != nil {
		list = append(list, detail{text: it.Status.String() + p.meant(intent)})
		list = append(list, p.once(intent.Reason)...)
	}
	for i, cell := range it.Outcome.Cells {
		list = append(list, p.unknownDetail(it, i)...)
		if cell != verdict.NotSynchronized && cell != verdict.Intentional {
			continue
		}
		rule := &p.Rules[i]
		title := prose(rule.Title)
		if explained := it.Outcome.explains(i); len(explained) > 0 {
			title += " (explains " + strings.Join(p.codes(explained), ", ") + ")"
		}
		if intent := it.Outcome.intent(i); intent != nil {
			title += p.meant(intent)
		}
		list = append(list, detail{label: clean(rule.Code), colour: cellColour(rule, cell), text: title})
		for _, f := range rule.fields() {
			list = append(list, p.values(it, f))
		}
		switch intent := it.Outcome.intent(i); {
		case intent != nil:
			list = append(list, p.once(intent.Reason)...)
		case p.options.Why != nil:
			for _, said := range p.options.Why(it, i) {
				list = append(list, detail{text: prose(said)})
			}
		}
	}
	return list
}

// meant says by what a discrepancy is intentional, and of a reason that stands below an item before this one that it does.
func (p *page) meant(intent *Intent) string {
	text := " – intentional: " + prose(intent.Name)
	if intent.Owner != "" {
		text += " (" + prose(intent.Owner) + ")"
	}
	if p.said[intent.Reason] {
		text += ", reason as above"
	}
	return text
}

// unknownDetails returns what was unknown of the item, rule by rule.
func (p *page) unknownDetails(it *Item) (list []detail) {
	for i := range p.Rules {
		list = append(list, p.unknownDetail(it, i)...)
	}
	return list
}

// unknownDetail returns what was unknown of the item to a rule; nil if nothing was.
func (p *page) unknownDetail(it *Item, rule int) []detail {
	text := p.unknownText(it, rule)
	if text == "" {
		return nil
	}
	return []detail{{label: clean(p.Rules[rule].Code), colour: dim, text: "not checked, unknown: " + clean(text)}}
}

// unknownText says what was unknown of an item to a rule: "store.qoh, pos.qoh"; "" if nothing was.
func (r *Result) unknownText(it *Item, rule int) string {
	var parts []string
	for _, u := range r.unknowns(it, rule) {
		parts = append(parts, u.String())
	}
	return strings.Join(parts, ", ")
}

// once returns a text, if it is not empty and was not said below another item before.
func (p *page) once(text string) []detail {
	if text == "" || p.said[text] {
		return nil
	}
	if p.said == nil {
		p.said = map[string]bool{}
	}
	p.said[text] = true
	return []detail{{text: prose(text), dim: true}}
}

// values returns a field's values on the sides that the rule names, for example `price: pos 10, store 12`.
func (p *page) values(it *Item, f ruleField) detail {
	d := detail{field: clean(f.name) + ": "}
	if pos, store := it.Pos.Value(f.name), it.Store.Value(f.name); f.pos && f.store && pos.Type() == catalog.String && store.Type() == catalog.String {
		if a, b := signs.Differ(pos.Str(), store.Str()); a != clean(pos.Str()) || b != clean(store.Str()) {
			p.mark(a + b)
			d.values = []sideValue{{verdict.Pos, p.short(`"` + a + `"`)}, {verdict.Store, p.short(`"` + b + `"`)}}
			return d.joined()
		}
	}
	if f.pos {
		d.values = append(d.values, sideValue{verdict.Pos, p.value(it.Pos.Value(f.name))})
	}
	if f.store {
		d.values = append(d.values, sideValue{verdict.Store, p.value(it.Store.Value(f.name))})
	}
	return d.joined()
}

// joined returns the detail of a field with its values in one line.
func (d detail) joined() detail {
	d.text = d.field
	for i, v := range d.values {
		d.text += ", "[:2*min(i, 1)] + v.side.String() + " " + v.text
	}
	return d
}

// longestValue is the width to which a value is cut where the width is limited: some lines of a long description.
const longestValue = 300

func (p *page) value(v catalog.Value) string {
	var text string
	switch {
	case v.Type() == catalog.Invalid || v.IsNull():
		return "unknown"
	case v.Type() == catalog.String:
		text = quote(v.Str())
	case v.Type() == catalog.List:
		text = clean(strings.Join(v.List(), ", "))
	case v.Type() == catalog.Map:
		var entries []string
		for _, e := range v.Entries() {
			entries = append(entries, clean(e.Key+": "+e.Value))
		}
		text = strings.Join(entries, ", ")
	default:
		text = v.Text()
	}
	if text == "" {
		return "none"
	}
	return p.short(text)
}

// short cuts a value where the width is limited.
func (p *page) short(text string) string {
	if p.options.Width > 0 {
		return cut(text, longestValue)
	}
	return text
}

// mark remembers which signs for white space were shown, so that they can be explained.
func (p *page) mark(text string) {
	for _, r := range text {
		if !strings.ContainsRune(p.marks, r) && signs.LegendOf(string(r)) != "" {
			p.marks += string(r)
		}
	}
}

// lines returns the detail wrapped to the limit, indented below its item. codes is the width of the longest code.
func (d *detail) lines(p *page, limit, codes int) []string {
	var lines []string
	if d.label != "" {
		lines = p.labelled(limit-2, codes+2, d.label, d.colour, gap(d.label, codes)+d.text)
		for i := range lines {
			lines[i] = "  " + lines[i]
		}
		return lines
	}
	indent := min(2+codes+2, limit/2)
	if limit -= indent; len(d.values) > 1 && width(d.text) > limit {
		lines = d.stacked(p, limit)
	} else {
		lines = wrap(d.text, limit, 0)
	}
	for i, line := range lines {
		if d.dim {
			line = p.paint(dim, line)
		}
		lines[i] = strings.Repeat(" ", indent) + line
	}
	return lines
}

// stacked returns a field's values one below the other.
func (d *detail) stacked(p *page, limit int) []string {
	var lines []string
	before := d.field
	for _, v := range d.values {
		before += v.side.String() + strings.Repeat(" ", len("store ")-len(v.side.String()))
		lines = append(lines, p.labelled(limit, width(before), "", "", before+v.text)...)
		before = strings.Repeat(" ", min(width(d.field), limit/2))
	}
	return lines
}

// codeWidth returns the width of the longest code.
func (p *page) codeWidth() int {
	longest := 0
	for i := range p.Rules {
		longest = max(longest, width(clean(p.Rules[i].Code)))
	}
	return longest
}

func (p *page) codes(rules []int) []string {
	var list []string
	for _, i := range rules {
		list = append(list, clean(p.Rules[i].Code))
	}
	return list
}
