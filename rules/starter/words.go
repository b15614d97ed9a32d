package starter

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// words are the names that other programs give a field's column, as plain writes them: see catalog.HeadersOf.
type words struct {
	field       string
	sure, maybe []string
}

// vocabulary returns the fields that are looked for, those first that decide more.
func vocabulary() (fields []words) {
	for _, f := range catalog.KnownFields() {
		if sure, maybe := catalog.HeadersOf(f.Name); len(sure) > 0 {
			fields = append(fields, words{f.Name, sure, maybe})
		}
	}
	return fields
}

// optionNames are columns that hold one option of a variant each.
var optionNames = strings.Fields("size colour color flavour flavor material pattern finish scent style größe grösse groesse farbe taille couleur")

// plain returns a column's name as it is compared with the vocabulary: letters and digits only, in lower case, without
// what stands in brackets. "Qty. On-Hand (Main)" is qtyonhand.
func plain(column string) string {
	depth := 0
	return strings.Map(func(r rune) rune {
		switch {
		case r == '(' || r == '[':
			depth++
		case r == ')' || r == ']':
			depth--
		case depth <= 0 && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			return unicode.ToLower(r)
		}
		return -1
	}, norm.NFC.String(column))
}

// near returns those of the columns whose name is nearly one that surely is the field's, and no other field's: Pirce.
func near(field string, columns []string) (found []string) {
	const short = 4 // letters: of fewer, nearly every word is near
	owner, names := map[string]string{}, []string(nil)
	for _, w := range vocabulary() {
		for _, name := range w.sure {
			if _, taken := owner[name]; !taken && len(name) >= short {
				owner[name] = w.field
				names = append(names, name)
			}
		}
	}
	for _, column := range columns {
		if name := plain(column); len(name) >= short && owner[catalog.Nearest(name, names)] == field {
			found = append(found, column)
		}
	}
	return found
}

// named returns the columns whose plain name is one of the names, in the order of the names.
func named(columns, names []string) []string {
	var found []string
	for _, name := range names {
		for _, column := range columns {
			if plain(column) == name && !slices.Contains(found, column) {
				found = append(found, column)
			}
		}
	}
	return found
}
