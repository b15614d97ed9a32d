package table

import (
	"fmt"
	"strings"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"golang.org/x/text/unicode/norm"
)

// header is the names of a table's columns.
type header struct {
	names []string         // as they stand
	at    map[string][]int // by the name as it is matched
}

func newHeader(names []string) *header {
	h := &header{names, make(map[string][]int, len(names))}
	for i, name := range names {
		h.at[matched(name)] = append(h.at[matched(name)], i)
	}
	return h
}

// matched returns a column's name as it is compared: without regard to case, to white space around it and to its form
// in Unicode. White space within it, such as a line break or a no-break space, is one blank.
func matched(name string) string {
	return norm.NFC.String(strings.ToLower(strings.Join(strings.Fields(name), " ")))
}

// fieldName returns the field that a column offers under its own name: in lower case, white space as underscores. It is
// "" if that is no field's name.
func fieldName(column string) string {
	name := strings.Join(strings.Fields(matched(column)), "_")
	if !isFieldName(name) {
		return ""
	}
	return name
}

// find returns the column of that name.
func (h *header) find(name string) (int, error) {
	switch at := h.at[matched(name)]; len(at) {
	case 0:
		return 0, fmt.Errorf("there is no column %q%s; the columns are: %s", name, suggestion(name, h.names), strings.Join(h.list(), ", "))
	case 1:
		return at[0], nil
	default:
		return 0, fmt.Errorf("there are %d columns %q: give each a name of its own", len(at), name)
	}
}

// has reports whether there is a column of that name.
func (h *header) has(name string) bool { return len(h.at[matched(name)]) > 0 }

// list returns the columns' names, those without a name left out.
func (h *header) list() []string {
	var list []string
	for _, name := range h.names {
		if strings.TrimSpace(name) != "" {
			list = append(list, fmt.Sprintf("%q", name))
		}
	}
	return list
}

// suggestion returns ` (did you mean "x"?)` if one of the names is nearly the given one, else "".
func suggestion(name string, names []string) string {
	if best := catalog.Nearest(name, names); best != "" {
		return fmt.Sprintf(" (did you mean %q?)", best)
	}
	return ""
}
