package table

import (
	"errors"
	"fmt"
	"strings"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/sdk/table/grid"
)

// parseBool reads a bool as people write it; ok is false if the text is empty.
func parseBool(text string) (truth, ok bool, err error) {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "":
		return false, false, nil
	case "true", "t", "yes", "y", "1":
		return true, true, nil
	case "false", "f", "no", "n", "0":
		return false, true, nil
	}
	return false, false, errors.New("is neither true nor false: use true, yes, 1 or false, no, 0")
}

// parseList reads a list: its items are parted by semicolons or line ends, white space around them does not count, and
// empty items are left out. gap says that one was left out before or between others, where something may be missing; behind the
// last it is only a separator. \; and \\ stand for the characters themselves; before any other character a backslash is
// just that, so that the entries of variation keep their own escapes.
func parseList(text string) (list []string, gap bool) {
	var item strings.Builder
	empty := false // the item before was
	end := func() {
		s := strings.TrimSpace(item.String())
		if s != "" {
			list = append(list, s)
			gap = gap || empty
		}
		empty = empty || s == ""
		item.Reset()
	}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text) && (text[i+1] == ';' || text[i+1] == '\\'):
			i++
			item.WriteByte(text[i])
		case c == '\r' && i+1 < len(text) && text[i+1] == '\n': // one line end
		case c == ';' || c == '\n' || c == '\r':
			end()
		default:
			item.WriteByte(c)
		}
	}
	end()
	return list, gap
}

// parseMap reads Name:Value|Name:Value.
func parseMap(text string) ([]catalog.Entry, error) {
	entries, err := catalog.ParseOptions(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", grid.Quote(text), err)
	}
	return entries, nil
}
