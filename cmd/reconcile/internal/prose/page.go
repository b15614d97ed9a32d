// Package prose writes what takes more than a table to say: why an item's cells are what they are, and what became of tests.
package prose

import (
	"io"
	"strings"

	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// Page is running text that a command prints when it has all of it.
type Page struct {
	Prose  report.Prose
	labels int // the room for rules' codes, and the space behind them
	out    strings.Builder
}

// Running text is no wider than this on the widest terminal, because longer lines are hard to read, and no narrower on the
// narrowest, because what is indented needs some room.
const widestText, narrowestText = 100, 40

// New returns a page for a terminal of some width.
func New(width int, color bool) *Page {
	return &Page{Prose: report.Prose{Width: max(min(width, widestText), narrowestText), Color: color}}
}

// Label makes room for a rule's code.
func (p *Page) Label(code string) {
	p.labels = max(p.labels, p.Prose.Cells(p.Prose.Clean(code))+2)
}

// Flush writes the page.
func (p *Page) Flush(to io.Writer) error {
	_, err := io.WriteString(to, p.out.String())
	return err
}

// Heading writes a name, and behind it what it stands for.
func (p *Page) Heading(name, text string) {
	name = p.Prose.Clean(name)
	for i, line := range p.Prose.Lines(name+"  "+text, 0, 2) {
		if rest, ok := strings.CutPrefix(line, name); ok && i == 0 {
			line = p.Prose.Bold(name) + rest
		}
		p.Line(line)
	}
}

// Line writes a line that is clean and maybe painted.
func (p *Page) Line(s string) { p.out.WriteString(s + "\n") }

// Text writes a paragraph indented by indent cells, from the second line on by hang more.
func (p *Page) Text(indent, hang int, s string) {
	for _, line := range p.Prose.Lines(s, indent, hang) {
		p.Line(line)
	}
}

// Labelled writes a paragraph behind a code in the colour of a cell.
func (p *Page) Labelled(code string, cell verdict.Cell, s string, indent int) {
	code = p.Prose.Clean(code)
	p.Label(code)
	gap := p.labels - p.Prose.Cells(code)
	hang := p.Prose.Cells(code) + gap
	for i, line := range p.Prose.Lines(code+strings.Repeat(" ", gap)+s, indent, hang) {
		if rest, ok := strings.CutPrefix(line[indent:], code); ok && i == 0 {
			line = strings.Repeat(" ", indent) + p.Prose.Cell(cell, code) + rest
		}
		p.Line(line)
	}
}
