package terminal

import (
	"bytes"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// TestLongLines shows of a line of megabytes only what is near the place, and every other line as the writer of diagnostics does.
func TestLongLines(t *testing.T) {
	long := strings.Repeat("é", 1_000_000)
	for _, c := range []struct{ name, before, at, behind, want string }{
		{"short", "rule \"N\" {\n  when = ", "pos.x", " == 1\n}\n", "in rule \"N\":\n   2:   when = pos.x == 1\n"},
		{"behind", "rule \"N\" {\n  when = ", "pos.x", " == \"" + long + "\"\n}\n", "in rule \"N\":\n   2:   when = pos.x == \"éé"},
		{"before", "rule \"N\" {\n  when = \"" + long + "\" == ", "pos.x", "\n}\n", "é\" == pos.x\n"},
		{"the place itself", "rule \"N\" {\n  when = ", "\"" + long + "\"", "\n}\n", "   2:   when = \"éé"},
		{"the block's name", "rule \"" + long + "\" {\n  when = ", "pos.x", "\n}\n", "line 2:\n   2:   when = pos.x\n"},
		{"a line above", "locals {\n  a = \"" + long + "\"\n}\nlocals {\n  b = ", "pos.x", "\n}\n", "   5:   b = pos.x\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := c.before + c.at + c.behind
			file, diags := hclsyntax.ParseConfig([]byte(text), "r.hcl", hcl.InitialPos)
			if diags.HasErrors() {
				t.Fatal(diags[0].Summary)
			}
			place := func(at int) hcl.Pos {
				return hcl.Pos{Line: 1 + strings.Count(text[:at], "\n"), Column: 1, Byte: at}
			}
			r := hcl.Range{Filename: "r.hcl", Start: place(len(c.before)), End: place(len(c.before) + len(c.at))}
			var out bytes.Buffer
			term := &Terminal{err: &out, Width: 100}
			if err := term.Show(map[string]*hcl.File{"r.hcl": file}, hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "Odd", Detail: "It is odd.", Subject: &r, Context: &r}}); err != nil {
				t.Fatal(err)
			}
			if got := out.String(); len(got) > 2000 || !strings.Contains(got, c.want) || !strings.Contains(got, "It is odd.") {
				t.Errorf("%d bytes: %.1000q\nwant %q", len(got), got, c.want)
			}
		})
	}
}
