package catalog_test

import (
	"testing"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

func TestBlank(t *testing.T) {
	for _, blank := range []string{"", " ", "\t", "\n", "\u00a0", "\u2007", "\u202f", "\u3000", "\u200b", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u2800", "\u3164", "\ufe0f", "\x00", " \t\u00a0\u200b"} {
		if !catalog.Blank(blank) {
			t.Errorf("%q shows something", blank)
		}
	}
	for _, shows := range []string{"0", "-", " a", "\u200bа", "é", "が", "\u0301", "\ufffd", "\xff", "~"} {
		if catalog.Blank(shows) {
			t.Errorf("%q is blank", shows)
		}
	}
}
