package grammar_test

import (
	"bytes"
	"os"
	"slices"
	"testing"

	"github.com/reconcilehq/reconcile/rules/grammar"
)

// TestBlocksAreAll finds a block that was forgotten in the list: nobody would know whether it can be shown.
func TestBlocksAreAll(t *testing.T) {
	text, err := os.ReadFile("grammar.go")
	if err != nil {
		t.Fatal(err)
	}
	if said, listed := bytes.Count(text, []byte("= Block{")), len(grammar.Blocks()); said != listed {
		t.Errorf("%d blocks are described, and %d are listed", said, listed)
	}
	seen := map[string]bool{}
	for _, b := range grammar.Blocks() {
		if seen[b.Type] {
			t.Errorf("%s is listed twice", b.Type)
		}
		seen[b.Type] = true
		names := b.Attributes()
		slices.Sort(names)
		if len(slices.Compact(names)) != len(b.Required)+len(b.Optional) {
			t.Errorf("%s has an attribute twice", b.Type)
		}
	}
}
