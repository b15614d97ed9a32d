package catalog_test

import (
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

func TestIsASCII(t *testing.T) {
	for n := range 100 {
		text := strings.Repeat("\x7f", n)
		if !catalog.IsASCII(text) {
			t.Fatalf("%d ASCII characters are not", n)
		}
		for at := range n {
			if catalog.IsASCII(text[:at] + "\x80" + text[at+1:]) {
				t.Fatalf("byte %d of %d went unseen", at, n)
			}
		}
	}
}
