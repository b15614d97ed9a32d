package terminal

import (
	"strings"

	"github.com/clipperhouse/displaywidth"
)

// wrapped returns a text for Err: on a terminal its lines end between words where they would reach beyond the edge, and a word that
// is longer than a line stays whole. In a pipe or a file a line stays a line.
func (t *Terminal) wrapped(text string) string {
	if t.errWidth <= 0 {
		return text
	}
	var b strings.Builder
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			b.WriteByte('\n')
		}
		at := 0 // cells that the line has
		for j, word := range strings.Split(line, " ") {
			width := displaywidth.String(word)
			switch {
			case j == 0:
			case word != "" && at+1+width > t.errWidth:
				b.WriteByte('\n')
				at = 0
			default:
				b.WriteByte(' ')
				at++
			}
			b.WriteString(word)
			at += width
		}
	}
	return b.String()
}
