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
// empty items are left out. \; and \\ stand for the characters themselves; before any other character a backslash is
// just that, so that the entries of variation keep their own escapes.
func parseList(text string) []string {
	var list []string
	var item strings.Builder
	end := func() {
		if s := strings.TrimSpace(item.String()); s != "" {
			list = append(list, s)
		}
		item.Reset()
	}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text) && (text[i+1] == ';' || text[i+1] == '\\'):
			i++
			item.WriteByte(text[i])
		case c == ';' || c == '\n' || c == '\r':
			end()
		default:
			item.WriteByte(c)
		}
	}
	end()
	return list
}

// parseMap reads Name:Value|Name:Value.
func parseMap(text string) ([]catalog.Entry, error) {
	entries, err := catalog.ParseOptions(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", grid.Quote(text), err)
	}
	return entries, nil
}
