package shipped

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
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
	first, last, rules := -1, strings.LastIndex(shipped, OffEnd)+len(OffEnd), 0
	for _, b := range parsed.Body.(*hclsyntax.Body).Blocks {
		switch {
		case b.Type == "rule":
			rules++
			if first < 0 {
				first = b.TypeRange.Start.Byte
			}
			if b.CloseBraceRange.End.Byte > last {
				t.Fatalf("rule %q stands below the last that is off", b.Labels[0])
			}
		case first >= 0 && b.TypeRange.Start.Byte < last:
			t.Fatalf("a %s stands between the rules", b.Type)
		}
	}
	if rules != 8 {
		t.Fatalf("%d rules are on, not the eight columns of the discrepancy screen", rules)
	}
	want := shipped[first:last]
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

// TestSalePricesAreOff: PS is off, and removing one line turns it on. Nothing else changes, and the file is laid out as fmt does.
func TestSalePricesAreOff(t *testing.T) {
	codes := func(text string) (codes []string) {
		t.Helper()
		file, diags := hclsyntax.ParseConfig([]byte(text), "rules.hcl", hcl.InitialPos)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		for _, b := range file.Body.(*hclsyntax.Body).Blocks {
			codes = append(codes, b.Labels[0])
		}
		return codes
	}
	off := codes(Text)
	if slices.Contains(off, "PS") {
		t.Errorf("PS is on: %q", off)
	}
	i := strings.Index(Text, "/* PS")
	if i < 0 {
		t.Fatalf("there is no line that PS is off by in:\n%s", Text)
	}
	_, rest, _ := strings.Cut(Text[i:], "\n")
	on := Text[:i] + rest
	if diff := cmp.Diff(append(off, "PS"), codes(on)); diff != "" {
		t.Errorf("without the line the rules are (-want +got):\n%s", diff)
	}
	if on != On() {
		t.Errorf("On is not the text without that line:\n%s", cmp.Diff(on, On()))
	}
	for name, text := range map[string]string{"off": Text, "on": on} {
		if diff := cmp.Diff(text, string(hclwrite.Format([]byte(text)))); diff != "" {
			t.Errorf("fmt changes the rules where PS is %s (-before +after):\n%s", name, diff)
		}
		r, err := Renew([]byte(text), "reconcile.hcl")
		if err != nil || string(r.Text) != text {
			t.Errorf("fmt --rules changes the rules where PS is %s: %v\n%s", name, err, cmp.Diff(text, string(r.Text)))
		}
	}
}
