package sdk

import (
	"strings"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// noField returns the error for a field that Schema does not offer. It names the field with the most similar name.
func noField(name string, offered *catalog.Schema) error {
	if best := catalog.Nearest(name, offered.Names()); best != "" {
		return misuse("Schema offers no field %q: did you mean %q?", name, best)
	}
	return misuse("Schema offers no field %q, but: %s", name, strings.Join(offered.Names(), ", "))
}
