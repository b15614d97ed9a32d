package report

import (
	"strings"

	"github.com/reconcilehq/reconcile/engine/signs"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// Prose is running text as the table has it, for what commands print beside a report: cleaned of what would act on a
// terminal or hide, measured and broken into lines by the same rules.
type Prose struct {
	Width int  // of a line, in cells; 0: no limit
	Color bool // whether to write escape codes for colours
}

// Clean returns s as it may be written to a terminal, on one line. Spaces that are not the usual one show as ␣.
func (Prose) Clean(s string) string { return signs.Spaces(s) }

// Lines cleans a text and breaks it into lines, the first indented by indent cells, the others by hang more.
func (p Prose) Lines(s string, indent, hang int) []string {
	limit := p.Width - indent
	if p.Width == 0 {
		limit = 1 << 20
	}
	lines := wrap(p.Clean(s), limit, hang)
	for i := range lines {
		lines[i] = strings.Repeat(" ", indent+hang*min(i, 1)) + lines[i]
	}
	return lines
}

// Cells returns how many cells a clean text takes.
func (Prose) Cells(s string) int { return width(s) }

// Cell paints a clean text in the colour of a cell.
func (p Prose) Cell(c verdict.Cell, s string) string { return p.paint(cellColours[c], s) }

// Bold paints a clean text as a heading.
func (p Prose) Bold(s string) string { return p.paint(bold, s) }

func (p Prose) paint(colour, s string) string {
	if !p.Color {
		return s
	}
	return "\x1b[" + colour + "m" + s + "\x1b[0m"
}
