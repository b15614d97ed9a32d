package sdk

import (
	"strings"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// noField is the error of a field that Schema does not offer. It names the nearest.
func noField(name string, offered *catalog.Schema) error {
	if best := catalog.Nearest(name, offered.Names()); best != "" {
		return mistaken("Schema offers no field %q: did you mean %q?", name, best)
	}
	return mistaken("Schema offers no field %q, but: %s", name, strings.Join(offered.Names(), ", "))
}
