package report

import (
	"slices"
	"strings"

	"github.com/reconcilehq/reconcile/engine/verdict"
)

// summary writes the counts, what was compared and how old it is, and what the letters mean.
func (p *page) summary() {
	p.line()
	parts := p.counts()
	for i := range parts {
		parts[i] = glue(parts[i])
	}
	p.text(0, items(p.Summary.Items)+": "+strings.Join(parts, ", "))
	p.sources()
	if p.letters {
		p.legend()
	}
}

func (p *page) sources() {
	names := max(width(p.Pos.title()), width(p.Store.title()))
	for _, side := range verdict.Sides {
		source := p.Source(side)
		name, label := source.title(), side.String()
		text := name + strings.Repeat(" ", names-width(name)+2) + p.read(source)
		p.entry(0, width("store")+2, label, bold, gap(label, width("store"))+text)
	}
	if lag := p.Lag(); lag != "" {
		p.entry(0, 2, "!", yellow, " "+lag)
	}
}

func (p *page) legend() {
	var line string
	for _, l := range letters() {
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

// work writes the worklist: a paragraph for each task, and the rules that ask for nothing.
func (p *page) work() {
	w := p.worklist(p.options)
	if p.findings() {
		p.line()
		p.line(p.paint(bold, "What to do"))
	}
	labels := p.codeWidth()
	for _, t := range w.tasks {
		if t.rule != nil {
			p.entry(2, labels+2, t.label, cellColour(t.rule, verdict.NotSynchronized), gap(t.label, labels)+t.text)
		} else {
			p.entry(2, labels+2, t.label, cyan, " – "+t.text)
		}
		if t.remedy != "" {
			p.text(2+min(labels+2, p.columns/2), t.remedy)
		}
	}
	if !p.findings() {
		// A list of rules that have nothing at all to say is no news then.
		w.clear = slices.DeleteFunc(w.clear, func(s string) bool { return !strings.Contains(s, "(") })
		if len(w.clear)+len(w.unchecked) > 0 {
			p.line()
		}
	}
	if len(w.clear) > 0 {
		p.entry(2, 2, "Nothing to do:", green, " "+strings.Join(w.clear, ", "))
	}
	if len(w.unchecked) > 0 {
		p.entry(2, 2, "Not checked, for every item a value is unknown:", yellow, " "+strings.Join(w.unchecked, ", "))
	}
}
