package rules

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSkusFileIsBounded checks that a file that is too large is an error, and never a shorter list.
func TestSkusFileIsBounded(t *testing.T) {
	if _, err := io.ReadAll(&bounded{from: strings.NewReader("sku\nA-1\n"), left: 7}); err == nil || !strings.Contains(err.Error(), "max_skus_file") {
		t.Error(err)
	}
	if text, err := io.ReadAll(&bounded{from: strings.NewReader("sku\nA-1\n"), left: 8}); err != nil || len(text) != 8 {
		t.Error(err)
	}
}

// TestSkusFileOfLongLines checks that a quote that is not closed takes no more memory than a line, and that long files of short
// lines are read.
func TestSkusFileOfLongLines(t *testing.T) {
	long := strings.Repeat("A-1,x\n", maxSkusLine)
	for name, c := range map[string]struct{ text, want string }{
		"a quote":     {"sku,reason\n\"" + long, `skus.csv:2: it is longer than 1 MiB, which no line of SKUs is (max_skus_line): look for a quote that is not closed.`},
		"zeros":       {"sku,reason\n" + strings.Repeat("\x00", 3<<20), `skus.csv:2: it is longer than 1 MiB`},
		"short lines": {"sku,reason\n" + strings.Repeat("A-1,x\n", 300_000), ""},
		"too many":    {"sku,reason\n" + strings.Repeat("A,x\n", maxSkus+1), `skus.csv:2000002: more than 2000000 lines, which no list of SKUs has (max_skus)`},
	} {
		if name == "too many" && os.Getenv("RECONCILE_TEST_LONG") == "" {
			continue // it takes seconds
		}
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, filepath.Join(dir, "skus.csv"), c.text)
			write(t, filepath.Join(dir, "reconcile.hcl"), skusConfig)
			_, diags := Load(filepath.Join(dir, "reconcile.hcl"), Options{Bundled: []string{"file"}})
			if got := diags.Error(); c.want == "" && diags.HasErrors() || !strings.Contains(got, c.want) {
				t.Errorf("%.300s", got)
			}
		})
	}
}

const skusConfig = `
source "file" "a" {
  path = "a.csv"
}
source "file" "b" {
  path = "b.csv"
}
reconciliation "x" {
  pos   = source.file.a
  store = source.file.b
}
rule "N" {
  when = pos.name != store.name
}
intentional "listed" {
  rules     = ["N"]
  skus_file = "skus.csv"
  reason    = "so it is"
}
`

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
