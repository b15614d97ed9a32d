package mend

import (
	"slices"
	"strings"

	"github.com/clipperhouse/displaywidth"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/words"
)

// gap is between columns, in cells.
const gap = 2

// laid returns rows as lines of at most so many cells. Where that is not enough, the last column is shortened, which is the name, and then
// the widest ones.
func laid(rows [][]string, width int) []string {
	rows = filled(rows)
	if len(rows) == 0 {
		return nil
	}
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, text := range row {
			widths[i] = max(widths[i], cellsOf(text))
		}
	}
	const least = 6 // a column that is shortened still says something
	for last := len(widths) - 1; sum(widths)+gap*last > width; {
		widest := last
		if widths[last] <= 2*least {
			widest = slices.Index(widths, slices.Max(widths))
		}
		if widths[widest] <= least {
			break
		}
		widths[widest]--
	}
	lines := make([]string, len(rows))
	for r, row := range rows {
		var b strings.Builder
		for i, text := range row {
			text = shortened(text, widths[i])
			b.WriteString(text)
			b.WriteString(strings.Repeat(" ", widths[i]-cellsOf(text)+gap))
		}
		lines[r] = strings.TrimRight(b.String(), " ")
	}
	return lines
}

// filled returns the rows without those columns in which only the header says something, and each text on one line.
func filled(rows [][]string) [][]string {
	var keep []int
	for i := range rows[0] {
		if slices.ContainsFunc(rows[1:], func(row []string) bool { return row[i] != "" }) {
			keep = append(keep, i)
		}
	}
	var out [][]string
	for _, row := range rows {
		var kept []string
		for _, i := range keep {
			kept = append(kept, words.OneLine(row[i]))
		}
		out = append(out, kept)
	}
	if len(keep) == 0 {
		return nil
	}
	return out
}

func sum(list []int) (n int) {
	for _, i := range list {
		n += i
	}
	return n
}

func cellsOf(text string) int { return displaywidth.String(text) }

// shortened returns a text of at most so many cells, the last of them "…" where something is left out.
func shortened(text string, most int) string {
	if cellsOf(text) <= most {
		return text
	}
	at, used := 0, 0
	for g := displaywidth.StringGraphemes(text); g.Next(); {
		if used += cellsOf(g.Value()); used > most-1 {
			break
		}
		at += len(g.Value())
	}
	return text[:at] + "…"
}
