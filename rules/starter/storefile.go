package starter

import (
	"slices"
	"strings"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// FileDefaults returns the known fields that the file connector finds by the names of these columns, without being told: a
// column is the field that its header names in lower case and with white space as underscores.
func FileDefaults(header []string) (defaults []Default) {
	for _, f := range catalog.KnownFields() {
		at := slices.IndexFunc(header, func(column string) bool {
			return strings.Join(strings.Fields(strings.ToLower(column)), "_") == f.Name
		})
		if at >= 0 {
			defaults = append(defaults, Default{f.Name, header[at]})
		}
	}
	return defaults
}
