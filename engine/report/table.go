package report

import (
	"bufio"
	"fmt"
	"slices"
	"strings"

	"github.com/reconcilehq/reconcile/engine/signs"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// newTable writes the result for people: a table of the items, what the sources are and how old their data, and a worklist
// that says what each column's N asks for. No line is wider than Options.Width, provided that is at least 30: long names
// are cut with "…", and texts are wrapped. With a Width of 0 nothing is cut. Whatever the data hold, nothing in them
// reaches a terminal as a control character.
func newTable(out *bufio.Writer, r *Result, o Options) (itemWriter, error) {
	p := &page{Result: r, out: out, options: o, columns: textWidth}
	p.options.flags = true
	if o.Width > 0 {
		p.options.Width = max(o.Width, minWidth)
		p.columns = min(p.options.Width, textWidth)
	}
	return p, nil
}

// item keeps the item: the columns are as wide as the longest texts in them.
func (p *page) item(it *Item) error {
	p.shown = append(p.shown, it)
	return nil
}

func (p *page) end(left rest) error {
	if err := p.table(left); err != nil {
		return fmt.Errorf("draw the table: %w", err)
	}
	p.summary()
	p.work()
	return nil
}

const (
	minWidth  = 30  // cells; a narrower terminal gets lines of this width
	textWidth = 100 // cells; wider lines of text are hard to read
)

// page is what the table's format writes: the parts share the writer, the width of running text and the colours.
type page struct {
	*Result
	shown   []*Item
	out     *bufio.Writer
	options Options
	columns int             // the width of running text
	letters bool            // whether there are cells, and so letters to explain
	marks   string          // the signs for white space that were shown
	said    map[string]bool // texts that need not be said again
}

// line writes one line. Errors stay in the writer until it is flushed.
func (p *page) line(parts ...string) {
	for _, part := range parts {
		_, _ = p.out.WriteString(part)
	}
	_ = p.out.WriteByte('\n')
}

// text writes a clean text wrapped to the page. indent is the width of the space before each line, in cells.
func (p *page) text(indent int, s string) { p.entry(indent, 0, "", "", s) }

// entry writes a text that starts with a label, indented. hang is by how many cells more the further lines are indented.
func (p *page) entry(indent, hang int, label, colour, s string) {
	for _, line := range p.labelled(p.columns-indent, hang, label, colour, s) {
		p.line(strings.Repeat(" ", indent), line)
	}
}

// labelled wraps a text that starts with a label, and paints the label. Further lines start with hang spaces.
func (p *page) labelled(limit, hang int, label, colour, s string) []string {
	hang = min(hang, limit/2) // a label as long as a line would leave no room beside it
	lines := wrap(label+s, limit, hang)
	if rest, ok := strings.CutPrefix(lines[0], label); ok {
		lines[0] = p.paint(colour, label) + rest
	}
	for i := range lines[1:] {
		lines[1+i] = strings.Repeat(" ", hang) + lines[1+i]
	}
	return lines
}

// gap returns the space between a label and its text. labels is the width of the longest label, in cells.
func gap(label string, labels int) string {
	return strings.Repeat(" ", max(labels-width(label), 0)+2)
}

// Colours, as the parameters of the escape code that selects them.
const (
	bold   = "1"
	dim    = "2"
	red    = "1;31"
	purple = "1;35"
	blue   = "1;34"
	green  = "32"
	yellow = "33"
	cyan   = "36"
)

var cellColours = map[verdict.Cell]string{verdict.Synchronized: green, verdict.NotSynchronized: red, verdict.Intentional: yellow, verdict.NotApplicable: dim}

// cellColour returns the colour of a rule's cell: an N is red, unless the rule says that it matters less.
func cellColour(rule *Rule, cell verdict.Cell) string {
	if cell == verdict.NotSynchronized {
		return [...]string{verdict.Error: red, verdict.Warning: purple, verdict.Info: blue}[rule.Severity]
	}
	return cellColours[cell]
}

// paint returns s in a colour, if there are to be any. s is clean and not painted yet.
func (p *page) paint(colour, s string) string {
	if !p.options.Color || s == "" {
		return s
	}
	return "\x1b[" + colour + "m" + s + "\x1b[0m"
}

// table writes the items, or why there is none, and how many items it does not show.
func (p *page) table(left rest) error {
	if len(p.shown) == 0 {
		if text, good := p.whyNone(p.options); good {
			p.entry(0, 0, text, green, "")
		} else {
			p.text(0, text)
		}
		return nil
	}
	p.letters = len(p.Rules) > 0 && slices.ContainsFunc(p.shown, func(it *Item) bool { return it.Status == verdict.Matched })
	g := newGrid(p, p.shown)
	if err := g.draw(); err != nil {
		return err
	}
	if p.marks != "" {
		p.text(0, signs.LegendOf(p.marks))
	}
	if left.items > 0 {
		p.text(0, left.more()+"; "+p.options.tellProblems("--problems")+"--max-rows 0 shows all, --format csv --output FILE writes them to a file")
	}
	if hidden := g.hidden(); len(hidden) > 0 {
		p.text(0, "Left out for want of width: "+strings.Join(hidden, ", ")+
			". A wider terminal shows these columns, and so does --format csv.")
	}
	return nil
}
