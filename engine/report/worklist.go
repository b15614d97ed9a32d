package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/reconcilehq/reconcile/engine/verdict"
)

// summary writes the counts, what was compared and how old it is, and what the letters mean.
func (p *page) summary() {
	s := &p.Summary
	p.line()
	parts := []string{count(s.Synchronized) + " synchronized", count(s.NotSynchronized) + " not synchronized"}
	for _, status := range verdict.Statuses {
		n := s.Status[status]
		if n == 0 {
			continue
		}
		switch status {
		case verdict.PosOnly:
			parts = append(parts, count(n)+" only in "+p.side(verdict.Pos))
		case verdict.StoreOnly:
			parts = append(parts, count(n)+" only in "+p.side(verdict.Store))
		case verdict.Duplicate:
			parts = append(parts, count(n)+" duplicate")
		case verdict.NoKey:
			parts = append(parts, count(n)+" without a key")
		case verdict.Unreadable:
			parts = append(parts, count(n)+" unreadable")
		}
	}
	for i := range parts {
		parts[i] = glue(parts[i])
	}
	p.text(0, items(s.Items)+": "+strings.Join(parts, ", "))
	p.sources()
	if p.letters {
		p.legend()
	}
}

func (p *page) sources() {
	name := func(s *Source) string { return clean(s.Connector + "." + s.Name) }
	names := max(width(name(&p.Pos)), width(name(&p.Store)))
	for side, source := range []*Source{&p.Pos, &p.Store} {
		text := name(source) + strings.Repeat(" ", names-width(name(source))+2) + items(int(source.Items))
		text += left(source)
		if age := p.age(source); age != "" {
			text += ", " + age
		}
		label := verdict.Side(side).String()
		p.entry(0, width("store")+2, label, bold, gap(label, width("store"))+text)
	}
	if lag := p.Lag(); lag != "" {
		p.entry(0, 2, "!", yellow, " "+lag)
	}
}

// left says how many rows of a source could not be read, which are as many as its warning says, and what became of them.
func left(source *Source) string {
	skipped, unreadable := int(source.Skipped), int(source.Unreadable)
	switch {
	case skipped == 0 && unreadable == 0:
		return ""
	case unreadable == 0:
		return ", " + rows(skipped) + " skipped"
	case skipped == 0:
		return ", " + rows(unreadable) + " unreadable"
	}
	return fmt.Sprintf(", %s that could not be read: %s unreadable, %s skipped", rows(skipped+unreadable), count(unreadable), count(skipped))
}

func (p *page) legend() {
	var line string
	for _, l := range []struct {
		cell verdict.Cell
		text string
	}{
		{verdict.Synchronized, "synchronized"},
		{verdict.NotSynchronized, "not synchronized"},
		{verdict.Intentional, "intentional"},
		{verdict.NotApplicable, "does not apply"},
	} {
		if line != "" && width(line)+3+2+width(l.text) > p.columns {
			p.line(line)
			line = ""
		}
		if line != "" {
			line += "   "
		}
		line += p.paint(cellColours[l.cell], l.cell.String()) + " " + l.text
	}
	p.line(line)
}

// worklist writes what there is to do: a paragraph for each column with an N, one for each status that keeps items from
// being compared, and the columns that ask for nothing.
func (p *page) worklist() {
	if p.findings() {
		p.line()
		p.line(p.paint(bold, "What to do"))
	}
	clear, unchecked := p.columnsWork()
	p.statusesWork()
	if !p.findings() {
		// A list of columns that have nothing at all to say is no news then.
		clear = slices.DeleteFunc(clear, func(s string) bool { return !strings.Contains(s, "(") })
		if len(clear)+len(unchecked) > 0 {
			p.line()
		}
	}
	if len(clear) > 0 {
		p.entry(2, 2, "Nothing to do:", green, " "+strings.Join(clear, ", "))
	}
	if len(unchecked) > 0 {
		p.entry(2, 2, "Not checked, for every item a value is unknown:", yellow, " "+strings.Join(unchecked, ", "))
	}
}

// findings reports whether there is anything to do at all.
func (p *page) findings() bool {
	for i := range p.Rules {
		if p.Summary.cells(i, verdict.NotSynchronized) > 0 {
			return true
		}
	}
	return p.Summary.Items > p.Summary.Status[verdict.Matched] || p.Skipped() > 0
}

// columnsWork writes the columns with an N. It returns those without: with what else became of their items, and those
// that apply to no item.
func (p *page) columnsWork() (clear, unchecked []string) {
	labels := p.codeWidth()
	for i := range p.Rules {
		rule, n := &p.Rules[i], p.Summary.cells(i, verdict.NotSynchronized)
		code, also := clean(rule.Code), p.also(i)
		if also != "" {
			also = " (" + also + ")"
		}
		switch {
		case n > 0:
			if rule.Severity != verdict.Error {
				also += " – " + rule.Severity.String()
			}
			p.entry(2, labels+2, code, cellColour(rule, verdict.NotSynchronized), gap(code, labels)+prose(rule.Title)+" – "+glue(items(n))+also)
			p.remedy(prose(rule.Note))
		case also != "" && p.Summary.cells(i, verdict.Synchronized)+p.Summary.cells(i, verdict.Intentional) == 0:
			unchecked = append(unchecked, code)
		default:
			clear = append(clear, code+also)
		}
	}
	return clear, unchecked
}

// statusesWork writes the statuses of items that are not matched.
func (p *page) statusesWork() {
	for _, status := range verdict.Statuses[1:] {
		if n := p.Summary.Status[status]; n > 0 {
			what, remedy := p.advice(status)
			p.entry(2, p.codeWidth()+2, status.String(), cyan, " – "+glue(items(n))+" "+what)
			p.remedy(remedy)
		}
	}
	for _, side := range verdict.Sides {
		if n := int(p.Source(side).Skipped); n > 0 {
			p.entry(2, p.codeWidth()+2, "skipped", cyan, " – "+glue(rows(n))+" of "+p.side(side)+" that could not be read: nobody knows which "+plural(n, "item it is", "items they are"))
			p.remedy("Mend " + plural(n, "it", "them") + " in the source; a warning of the run says where.")
		}
	}
}

// remedy writes a text below an entry of the worklist.
func (p *page) remedy(s string) {
	if s != "" {
		p.text(2+min(p.codeWidth()+2, p.columns/2), s)
	}
}

// also says what became of a rule's items beside S and N: explained, intentional, not applicable.
func (p *page) also(rule int) string {
	var parts []string
	if rule < len(p.Summary.Explained) {
		by := p.Summary.Explained[rule]
		for _, explaining := range slices.Sorted(maps.Keys(by)) {
			parts = append(parts, glue(count(by[explaining])+" more explained by "+clean(p.Rules[explaining].Code)))
		}
	}
	if n := p.Summary.cells(rule, verdict.Intentional); n > 0 {
		parts = append(parts, glue(count(n)+" intentional"))
	}
	if n := p.Summary.cells(rule, verdict.NotApplicable); n > 0 {
		parts = append(parts, glue("does not apply to "+count(n)))
	}
	return strings.Join(parts, ", ")
}

// advice returns, for a status other than matched, what it says of the items and what to do about them.
func (p *page) advice(status verdict.Status) (what, remedy string) {
	pos, store := p.side(verdict.Pos), p.side(verdict.Store)
	switch status {
	case verdict.Unreadable:
		return "that could not be read" + p.unreadable(),
			"They are not missing: their rows are there, and have something in them that is not understood. Mend them in the " +
				"source; a warning of the run names them, and so does --details. Until then nobody knows whether they are synchronized."
	case verdict.PosOnly:
		return "only in " + pos + ", not linked online",
			"If such an item should be sold online, upload it, or link it to the product that " + store +
				" has for it. Otherwise leave it as it is." + p.beware(verdict.Store)
	case verdict.StoreOnly:
		return "only in " + store + ", unknown to " + pos,
			"Enter the item in " + pos + ", or link the product to the item it belongs to. If it is no longer sold, " +
				"hide or delete it online." + p.beware(verdict.Pos)
	case verdict.Duplicate:
		return "whose key occurs more than once on a side" + p.where(status),
			"They are not paired: nobody can tell which one is meant. Make the SKUs unique in the source that repeats " +
				"them, or remove the items that are one too many."
	}
	return "without a key" + p.where(status),
		"An item without a SKU is never paired. Give each of them one."
}

// beware says, of items that only one side has, that the other side's source may have them, too. It is "" where that has all its
// rows read.
func (p *page) beware(side verdict.Side) string {
	if p.Source(side).Skipped == 0 {
		return ""
	}
	return " But first: " + p.MaybeSkipped(side)
}

// MaybeSkipped says that an item which the side seems not to have may be in one of the rows that were skipped there.
func (r *Result) MaybeSkipped(side verdict.Side) string {
	source := r.Source(side)
	n := int(source.Skipped)
	return fmt.Sprintf("%s of %s (%s) %s skipped because %s could not be read, and the item may be among them.",
		rows(n), side, clean(source.Name), plural(n, "was", "were"), plural(n, "it", "they"))
}

// unreadable says on which side how many items could not be read.
func (p *page) unreadable() string {
	var parts []string
	for _, side := range verdict.Sides {
		if n := p.Summary.Unreadable[side]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s in %s", count(n), p.side(side)))
		}
	}
	return ": " + strings.Join(parts, ", ")
}

// where says on which side how many items of an unmatched status are.
func (p *page) where(status verdict.Status) string {
	var parts []string
	for side, n := range p.Summary.Rows[status] {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%s in %s", count(n), p.side(verdict.Side(side))))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return ": " + strings.Join(parts, ", ")
}
