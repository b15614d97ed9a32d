package conformance_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/plugins/devkit/conformance"
)

var update = flag.Bool("update", false, "write the list of demands into docs/protocol.md")

const page, pageBegin, pageEnd = "../../../docs/protocol.md", "<!-- demands: made by go test ./plugins/devkit/conformance -run TestProtocolPage -update -->\n", "<!-- end of demands -->\n"

// TestProtocolPage holds the list of demands in the documentation against the suite's.
func TestProtocolPage(t *testing.T) {
	var list strings.Builder
	seen := map[string]bool{}
	for _, d := range conformance.Demands() {
		if seen[d.Number] || d.Title == "" || d.Mend == "" || strings.HasSuffix(d.Title, ".") {
			t.Errorf("demand %q is there twice, or is not said as it should be", d.Number)
		}
		seen[d.Number] = true
		fmt.Fprintf(&list, "- **%s** %s.\n", d.Number, d.Title)
	}
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), pageBegin)
	old, after, ended := strings.Cut(rest, pageEnd)
	switch {
	case !found || !ended:
		t.Fatalf("%s has no place for the demands", page)
	case *update:
		if err := os.WriteFile(page, []byte(before+pageBegin+list.String()+pageEnd+after), 0o600); err != nil {
			t.Fatal(err)
		}
	case old != list.String():
		t.Errorf("the list in %s is not the suite's: run with -update", page)
	}
}
