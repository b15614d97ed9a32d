package report

import (
	"io"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/tw"
)

// List writes a table of texts in the table's style: a heading for each column, then the rows. Nothing is cut, so that
// what is listed can be copied; a line may be wider than Width.
func (p Prose) List(w io.Writer, header []string, rows [][]string) error {
	table := tablewriter.NewTable(w,
		tablewriter.WithRendition(tw.Rendition{
			Symbols:  tw.NewSymbols(tw.StyleRounded),
			Settings: tw.Settings{Separators: tw.Separators{BetweenColumns: tw.Off}},
		}),
		tablewriter.WithEastAsian(tw.Off),
		tablewriter.WithHeaderAutoFormat(tw.Off),
		tablewriter.WithHeaderAutoWrap(tw.WrapNone),
		tablewriter.WithRowAutoWrap(tw.WrapNone),
		tablewriter.WithHeaderAlignment(tw.AlignLeft),
		tablewriter.WithRowAlignment(tw.AlignLeft),
	)
	heads := make([]string, len(header))
	for i, h := range header {
		heads[i] = p.Bold(h)
	}
	table.Header(heads)
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, text := range row {
			cells[i] = p.Clean(text)
		}
		if err := table.Append(cells); err != nil {
			return err
		}
	}
	return table.Render()
}
