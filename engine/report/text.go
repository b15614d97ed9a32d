package report

import (
	"strings"

	"github.com/clipperhouse/displaywidth"
	"github.com/olekukonko/tablewriter/pkg/twwidth"

	"github.com/reconcilehq/reconcile/engine/signs"
)

// width returns how many cells s takes in a terminal, escape codes not counted. It is the renderer's own measure, rune
// by rune: what is cut by it fits the renderer's columns.
func width(s string) int { return twwidth.WidthWithOptions(s, twwidth.Options{}) }

// clean returns s as it may be written to a terminal: one line, nothing in it that acts on the terminal or hides.
func clean(s string) string { return signs.Text(s) }

// prose returns a text of the configuration as one clean line: titles and notes may be here-documents.
func prose(s string) string { return clean(strings.Join(strings.Fields(s), " ")) }

// quote returns s cleaned and in quotation marks; spaces that are not the usual one show as ␣.
func quote(s string) string { return `"` + signs.Spaces(s) + `"` }

// cut shortens a clean s to at most limit cells, the last of them "…". A limit of 0 or less leaves nothing.
func cut(s string, limit int) string {
	switch {
	case limit <= 0:
		return ""
	case width(s) <= limit:
		return s
	}
	head, _ := split(s, limit-1)
	return head + "…"
}

// split cuts a clean s in two where the first part still fits limit cells. It keeps a letter and its marks together.
func split(s string, limit int) (head, tail string) {
	at, used := 0, 0
	for g := displaywidth.StringGraphemes(s); g.Next(); {
		cluster := g.Value()
		if used += width(cluster); used > limit {
			break
		}
		at += len(cluster)
	}
	return s[:at], s[at:]
}

// wrap breaks a clean s into lines of at most limit cells; from the second on, of limit-hang cells. It breaks between words
// where it can. Spaces inside a line stay as they are; words that glue joined stay together. There is at least one
// line, and room for the widest character in each whatever the limit.
func wrap(s string, limit, hang int) []string {
	var lines []string
	var line strings.Builder
	used := 0
	limit = max(limit, 2)
	flush := func() {
		text := strings.TrimRight(line.String(), " ")
		lines = append(lines, strings.ReplaceAll(text, "\u00a0", " "))
		line.Reset()
		if used = 0; len(lines) == 1 {
			limit = max(limit-hang, 2)
		}
	}
	for s != "" {
		end := strings.IndexByte(s, ' ')
		if end < 0 {
			end = len(s)
		}
		word := s[:end]
		s = s[end:]
		if used > 0 && used+width(word) > limit {
			flush()
		}
		for width(word) > limit {
			head, tail := split(word, limit)
			line.WriteString(head)
			flush()
			word = tail
		}
		spaces := len(s) - len(strings.TrimLeft(s, " "))
		line.WriteString(word)
		line.WriteString(s[:spaces])
		used += width(word) + spaces
		s = s[spaces:]
	}
	if used > 0 || len(lines) == 0 {
		flush()
	}
	return lines
}

// glue returns a text that wrap does not break between its words.
func glue(s string) string { return strings.ReplaceAll(s, " ", "\u00a0") }

// loose takes back what glue did.
func loose(s string) string { return strings.ReplaceAll(s, "\u00a0", " ") }
