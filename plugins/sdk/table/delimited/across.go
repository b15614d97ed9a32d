package delimited

import (
	"fmt"
	"strings"
)

// shownAcross is how many fields that span lines a warning names.
const shownAcross = 5

// across are the quoted fields of a text that span lines and hold delimiters. That may be meant so; or a quote that stands
// for an inch opened a field, and one in a row further down has closed it.
type across struct {
	count int
	lines []string // of the first ones
}

func (a *across) add(w *window, field Span) {
	if a.count++; a.count <= shownAcross {
		a.lines = append(a.lines, fmt.Sprintf("%d to %d", w.lineOf(int(field.From)), w.lineOf(int(field.To))))
	}
}

// warning is what to tell about them; "" if there are none.
func (a *across) warning() string {
	switch {
	case a.count == 0:
		return ""
	case a.count == 1:
		return fmt.Sprintf("a quoted field spans the lines %s and holds delimiters; if it is not one field, a quote in it is meant as it stands: see to that line, or set quote = \"none\"", a.lines[0])
	}
	more := ""
	if a.count > len(a.lines) {
		more = fmt.Sprintf(" and %d more", a.count-len(a.lines))
	}
	return fmt.Sprintf("%d quoted fields span lines and hold delimiters (lines %s%s); if one of them is not one field, a quote in it is meant as it stands: see to those lines, or set quote = \"none\"",
		a.count, strings.Join(a.lines, ", "), more)
}
