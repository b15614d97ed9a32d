package examples

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestSDKTypeScript runs the tests that are written in TypeScript: of the client for the web, of what connectors are tested with, and of
// the connector that plugin new writes.
func TestSDKTypeScript(t *testing.T) {
	for _, entry := range []string{"test/testing.test.ts", "test/webapi.test.ts", "test/pages.test.ts", "test/answers.test.ts", "test/kiln.test.ts", "test/changes.test.ts", "test/trials.test.ts", "test/orders.test.ts",
		"src/shop.test.ts", "src/writer.test.ts"} {
		t.Run(entry, func(t *testing.T) {
			project := "test"
			if strings.HasPrefix(entry, "src/") {
				project = "."
			}
			node(t, "node", "--test", built(t, project, entry))
		})
	}
}

// TestKilnPage says that docs/plugins.md shows the connector kiln as it is, and how long it is.
func TestKilnPage(t *testing.T) {
	code, err := os.ReadFile(filepath.Join("typescript", "test", "kiln.ts"))
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "plugins.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(string(code), "export const kiln")
	if body == "" || !strings.Contains(string(page), body) {
		t.Error("docs/plugins.md shows another one")
	}
	own, err := os.ReadFile(filepath.Join("typescript", "test", "kiln.test.ts"))
	if err != nil {
		t.Fatal(err)
	}
	_, example, _ := strings.Cut(string(own), "function itemsOf(")
	example, _, _ = strings.Cut(example, "\n}\n")
	if !strings.Contains(string(page), "function itemsOf("+example+"\n}\n") {
		t.Error("docs/plugins.md shows another itemsOf")
	}
	lines := slices.DeleteFunc(strings.Split(body, "\n"), func(line string) bool { return strings.Trim(line, " {}(),;") == "" })
	if len(lines) > 40 {
		t.Errorf("it has %d lines", len(lines))
	}
}
