package shipped

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

var update = flag.Bool("update", false, "write what the tests expect anew")

// TestShippedRules holds the rules that are written for a shop against those of the shipped configuration, word for
// word: there is one text of them.
func TestShippedRules(t *testing.T) {
	file := filepath.Join("..", "..", "reconcile.hcl")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	shipped := strings.ReplaceAll(string(text), "\r\n", "\n")
	parsed, diags := hclsyntax.ParseConfig([]byte(shipped), file, hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	first, last, rules := -1, -1, 0
	for _, b := range parsed.Body.(*hclsyntax.Body).Blocks {
		switch {
		case b.Type == "rule":
			rules++
			if first < 0 {
				first = b.TypeRange.Start.Byte
			}
			last = b.CloseBraceRange.End.Byte
		case first >= 0 && b.TypeRange.Start.Byte < last:
			t.Fatalf("a %s stands between the rules", b.Type)
		}
	}
	if rules != 9 {
		t.Fatalf("%d rules, not the eight columns of the discrepancy screen and PS", rules)
	}
	want := shipped[first:last] + "\n"
	if *update {
		if err := os.WriteFile("rules.hcl", []byte(want), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, Text); diff != "" {
		t.Errorf("rules.hcl is not what reconcile.hcl has; -update copies it (-reconcile.hcl +rules.hcl):\n%s", diff)
	}
}
