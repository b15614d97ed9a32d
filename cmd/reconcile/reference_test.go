package main

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/rules/expr"
)

// TestReference says that docs/reference.md is what functions and connectors say of themselves; -update writes it.
func TestReference(t *testing.T) {
	var b bytes.Buffer
	b.WriteString("# Reference\n\nMade from what the program says of itself; `go test ./cmd/reconcile -run TestReference -update` writes it anew.\n\n## Functions\n\n| function | what it gives |\n|---|---|\n")
	for _, fn := range expr.Functions() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", strings.ReplaceAll(fn.Signature(), "|", `\|`), cell(fn.Doc))
	}
	b.WriteString("\n## Settings of any source\n\n| setting | type | |\n|---|---|---|\n| `read_timeout` | string | How long a call to the source, or its silence during a read, may take, such as `\"90s\"`. Default: `\"2m\"`. |\n")
	for _, c := range bundled() {
		settings, err := sdk.SettingsOf(c.New())
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "\n## Connector `%s`\n\n%s\n", c.Name, c.Doc)
		describeSettings(&b, "", settings)
	}
	compareFile(t, filepath.Join("..", "..", "docs", "reference.md"), b.Bytes())
}

func describeSettings(b *bytes.Buffer, within string, s *catalog.Settings) {
	b.WriteString("\n| setting | type | |\n|---|---|---|\n")
	for _, a := range s.Attributes {
		doc := a.Doc
		if len(a.Values) > 0 {
			doc += " One of: `\"" + strings.Join(a.Values, "\"`, `\"") + "\"`."
		}
		if a.Default != "" {
			doc += " Default: `" + a.Default + "`."
		}
		var marks []string
		if a.Required {
			marks = append(marks, "required")
		}
		if a.Sensitive {
			marks = append(marks, "sensitive")
		}
		fmt.Fprintf(b, "| `%s%s` | %s | %s |\n", within, a.Name, strings.Join(append([]string{string(a.Type)}, marks...), ", "), cell(doc))
	}
	for _, block := range s.Blocks {
		fmt.Fprintf(b, "\nBlock `%s`: %s\n", block.Name, block.Doc)
		describeSettings(b, "", &block.Settings)
	}
}

// cell keeps a text within its cell of a Markdown table.
func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }
