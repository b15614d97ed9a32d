package report

import (
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
)

// draw writes the table, line by line.
func (g *grid) draw() error {
	n := 2 + len(g.rules)
	widths := tw.NewMapper[int, int]()
	padding := make([]tw.Padding, n)
	align := make(tw.Alignment, n)
	for i := range n {
		switch i {
		case 0, 1:
			widths.Set(i, []int{g.sku, g.name}[i]+2)
			padding[i], align[i] = tw.PaddingDefault, tw.AlignLeft
		default:
			widths.Set(i, g.rules[i-2])
			padding[i], align[i] = tw.PaddingNone, tw.AlignCenter
		}
	}
	lines := &spanning{Blueprint: renderer.NewBlueprint()}
	table := tablewriter.NewTable(g.out,
		tablewriter.WithRenderer(lines),
		tablewriter.WithRendition(tw.Rendition{
			Symbols:  tw.NewSymbols(tw.StyleRounded),
			Settings: tw.Settings{Separators: tw.Separators{BetweenColumns: tw.Off}},
		}),
		tablewriter.WithEastAsian(tw.Off), // not as the locale says: width measures without it
		tablewriter.WithColumnWidths(widths),
		tablewriter.WithHeaderAutoFormat(tw.Off), // codes stand as they are written
		tablewriter.WithHeaderAutoWrap(tw.WrapNone),
		tablewriter.WithRowAutoWrap(tw.WrapNone),
		tablewriter.WithTrimSpace(tw.Off),
		tablewriter.WithHeaderPaddingPerColumn(padding),
		tablewriter.WithRowPaddingPerColumn(padding),
		tablewriter.WithHeaderAlignmentConfig(tw.CellAlignment{PerColumn: align}),
		tablewriter.WithRowAlignmentConfig(tw.CellAlignment{PerColumn: align}),
	)
	table.Header(g.header())
	codes := g.codeWidth()
	for i, it := range g.rows {
		row, wide := g.row(it)
		if err := lines.append(table, row, wide); err != nil {
			return err
		}
		if g.below == nil {
			continue
		}
		for _, text := range g.belowRow(i, codes) {
			if err := lines.append(table, make([]string, n), &across{0, text}); err != nil {
				return err
			}
		}
	}
	return table.Render()
}

// belowRow returns the lines of an item's details, and an empty one to set them off from the next item.
func (g *grid) belowRow(row, codes int) []string {
	var lines []string
	for _, d := range g.below[row] {
		lines = append(lines, d.lines(g.page, g.inner(), codes)...)
	}
	if len(lines) > 0 && row < len(g.rows)-1 {
		lines = append(lines, "")
	}
	return lines
}

func (g *grid) header() []string {
	header := []string{"SKU", "Name"}
	for i := range g.rules {
		if i < len(g.Rules) {
			header = append(header, cut(g.code(i), g.rules[i]))
		} else {
			header = append(header, "Status")
		}
	}
	for i := range header {
		header[i] = g.paint(bold, header[i])
	}
	return header
}

// across is a text that stands across all columns from one on.
type across struct {
	from int
	text string
}

// spanning is the usual renderer but for rows that have a text across columns. The table itself merges only cells that
// are equal, which letters are by chance.
type spanning struct {
	*renderer.Blueprint
	across []*across // by row; nil for ordinary ones
	next   int
}

func (s *spanning) append(table *tablewriter.Table, row []string, a *across) error {
	s.across = append(s.across, a)
	return table.Append(row)
}

// Row draws one row. As no cell has line breaks, the table calls it once for each row, in order.
func (s *spanning) Row(row []string, ctx tw.Formatting) {
	a := s.across[s.next]
	s.next++
	if a != nil {
		for i := a.from; i < len(ctx.Row.Current); i++ {
			cell := ctx.Row.Current[i]
			cell.Merge.Horizontal = tw.MergeStateOption{
				Present: true, Span: len(ctx.Row.Current) - a.from, Start: i == a.from, End: i+1 == len(ctx.Row.Current),
			}
			if i == a.from {
				cell.Data, cell.Align = strings.TrimRight(a.text, " "), tw.AlignLeft
			}
			ctx.Row.Current[i] = cell
		}
	}
	s.Blueprint.Row(row, ctx)
}
