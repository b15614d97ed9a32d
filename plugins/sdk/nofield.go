package sdk

import (
	"fmt"
	"strings"

	"github.com/agext/levenshtein"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// noField is the error of a field that Schema does not offer. It names the nearest.
func noField(name string, offered *catalog.Schema) error {
	best, least := "", len(name)/3+2
	for _, field := range offered.Names() {
		if d := levenshtein.Distance(strings.ToLower(name), field, nil); d < least {
			best, least = field, d
		}
	}
	if best != "" {
		return fmt.Errorf("Schema offers no field %q: did you mean %q", name, best)
	}
	return fmt.Errorf("Schema offers no field %q, but: %s", name, strings.Join(offered.Names(), ", "))
}
