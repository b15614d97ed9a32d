package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules/explain"
)

// textPage is running text that a command prints when it has all of it.
type textPage struct {
	prose  report.Prose
	labels int // the room for rules' codes, and the space behind them
	out    strings.Builder
}

// Running text is no wider than this on the widest terminal, because longer lines are hard to read, and no narrower on the
// narrowest, because what is indented needs some room.
const widestText, narrowestText = 100, 40

// textPage returns a page for stdout.
func (a *app) textPage() *textPage {
	return &textPage{prose: report.Prose{Width: max(min(a.width, widestText), narrowestText), Color: a.colorOut}}
}

// label makes room for a rule's code.
func (p *textPage) label(code string) {
	p.labels = max(p.labels, p.prose.Cells(p.prose.Clean(code))+2)
}

// flush writes the page.
func (p *textPage) flush(to io.Writer) error {
	_, err := io.WriteString(to, p.out.String())
	return err
}

// heading writes a name, and behind it what it stands for.
func (p *textPage) heading(name, text string) {
	name = p.prose.Clean(name)
	for i, line := range p.prose.Lines(name+"  "+text, 0, 2) {
		if rest, ok := strings.CutPrefix(line, name); ok && i == 0 {
			line = p.prose.Bold(name) + rest
		}
		p.line(line)
	}
}

// line writes a line that is clean and maybe painted.
func (p *textPage) line(s string) { p.out.WriteString(s + "\n") }

// text writes a paragraph indented by indent cells, from the second line on by hang more.
func (p *textPage) text(indent, hang int, s string) {
	for _, line := range p.prose.Lines(s, indent, hang) {
		p.line(line)
	}
}

// labelled writes a paragraph behind a code in the colour of a cell.
func (p *textPage) labelled(code string, cell verdict.Cell, s string, indent int) {
	code = p.prose.Clean(code)
	p.label(code)
	gap := p.labels - p.prose.Cells(code)
	hang := p.prose.Cells(code) + gap
	for i, line := range p.prose.Lines(code+strings.Repeat(" ", gap)+s, indent, hang) {
		if rest, ok := strings.CutPrefix(line[indent:], code); ok && i == 0 {
			line = strings.Repeat(" ", indent) + p.prose.Cell(cell, code) + rest
		}
		p.line(line)
	}
}

// explanation writes how a rule came to its cell.
func (p *textPage) explanation(x *explain.Explanation, indent int) {
	cell := x.Cell.State
	p.labelled(x.Code, cell, x.Title+": "+outcome(x), indent)
	indent += p.labels
	const when = len("when ")
	p.text(indent, when, "when "+x.Condition+"  ("+position(x.Place)+")")
	if x.Values != "" {
		p.text(indent+when, 0, x.Values)
	}
	p.text(indent+when, 0, strings.Join(x.Reasons, " "))
	for _, s := range consequences(x) {
		p.text(indent, 0, s)
	}
}

// position writes a place in the configuration for people: file and line.
func position(r hcl.Range) string { return fmt.Sprintf("%s:%d", r.Filename, r.Start.Line) }

// outcome says what a cell is, and who explained it.
func outcome(x *explain.Explanation) string {
	switch x.Cell.State {
	case verdict.NotSynchronized:
		if x.Severity != verdict.Error {
			return "N, not synchronized (" + x.Severity.String() + ")"
		}
		return "N, not synchronized"
	case verdict.Intentional:
		return "I, intentional"
	case verdict.NotApplicable:
		return "-, does not apply"
	}
	if x.Cell.Explained {
		return "S, explained by " + enumerate(x.ExplainedBy)
	}
	return "S, synchronized"
}

// consequences says what follows from a condition that is true: who explains whom, what excuses it, what to do.
func consequences(x *explain.Explanation) []string {
	var list []string
	if x.Cell.Explained {
		is := "is true as well and explains it"
		if len(x.ExplainedBy) > 1 {
			is = "are true as well and explain it"
		}
		list = append(list, "But "+enumerate(x.ExplainedBy)+" "+is+". A discrepancy has one cause, so "+x.Code+" reads S.")
	}
	if len(x.Explains) > 0 {
		read := "reads"
		if len(x.Explains) > 1 {
			read = "read"
		}
		list = append(list, "It explains "+enumerate(x.Explains)+", which therefore "+read+" S.")
	}
	if x.Intent != nil {
		list = append(list, excuse(x))
	} else {
		list = append(list, x.Excuses...)
	}
	if x.Cell.State == verdict.NotSynchronized && x.Note != "" {
		list = append(list, "Note: "+x.Note)
	}
	return list
}

// excuse says which block made a discrepancy intentional, and why.
func excuse(x *explain.Explanation) string {
	in := x.Intent
	parts := []string{`Intentional by "` + in.Name + `" (` + in.Place() + "): " + sentence(in.Reason)}
	if in.BuiltIn() {
		parts = []string{"Intentional: " + sentence(in.Reason) + " (" + in.Place() + ")"}
	}
	parts = append(parts, x.Excuses...)
	if in.Owner != "" {
		parts = append(parts, "Owner: "+sentence(in.Owner))
	}
	if !in.Expires.IsZero() {
		parts = append(parts, "It holds until "+in.Expires.Format("2006-01-02")+".")
	}
	return strings.Join(parts, " ")
}

// sentence ends a text of the configuration with a full stop.
func sentence(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if s == "" || strings.ContainsAny(s[len(s)-1:], ".!?") {
		return s
	}
	return s + "."
}

// enumerate joins words as people do: a, b and c.
func enumerate(list []string) string {
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	return strings.Join(list[:len(list)-1], ", ") + " and " + list[len(list)-1]
}
