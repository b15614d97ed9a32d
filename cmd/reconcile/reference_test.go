package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/rules/expr"
)

// TestReference says that docs/reference.md and the pages in docs/connectors are what functions and connectors say of
// themselves; -update writes them.
func TestReference(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	b.WriteString("# Reference\n\nMade from what the program says of itself; `go test ./cmd/reconcile -run TestReference -update` writes it and the\nconnectors' pages anew.\n\n## Functions\n\n| function | what it gives |\n|---|---|\n")
	for _, fn := range expr.Functions() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", strings.ReplaceAll(fn.Signature(), "|", `\|`), strings.ReplaceAll(fn.Doc, "|", `\|`))
	}
	b.WriteString("\n## Settings of any source\n\n| setting | type | |\n|---|---|---|\n| `read_timeout` | string | How long a call to the source may take, and how long a read may bring no item and no progress, such as `\"90s\"`. While the source says that it waits for its platform, up to 15 minutes in a row do not count. Default: `\"2m\"`. |\n")
	b.WriteString("| `read_limit` | string | How long a read of the source may take as a whole, such as `\"12h\"`. Default: `\"6h\"`. |\n")
	b.WriteString("| `max_items` | number | How many items a read may have, those included that cannot be read. Default: 100000000. |\n")
	b.WriteString("| `item_page` | string | The address of an item's page on the platform, https or http, with names of fields in braces behind its host: `\"https://shop.example/products/{id}\"`. The Inventory Screen and `explain` show it, with the item's values put in. The fields are read with all items. `\"\"`: none. Default: what the connector tells, if anything. |\n")
	b.WriteString("\n## Known fields\n\nWhat a connector puts into them. An item is what can be sold and counted: a product by itself, or a variant of one.\n\n| field | type | of a product by itself | of a variant |\n|---|---|---|---|\n")
	for _, f := range catalog.KnownFields() {
		simple, variant := catalog.MeaningOf(f.Name)
		if simple == "" {
			t.Errorf("nobody says what %s is: see meaning.go", f.Name)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", f.Name, f.Type, strings.ReplaceAll(simple, "|", `\|`), strings.ReplaceAll(variant, "|", `\|`))
	}
	b.WriteString("\n## Connectors\n\nA page each, with settings, fields and capabilities:\n\n")
	for _, name := range bundledNames() {
		fmt.Fprintf(&b, "- [%s](connectors/%s.md)\n", name, name)
	}
	b.WriteString("\n## Exit statuses\n\n| status | what it means |\n|---|---|\n")
	for _, s := range exitStatuses {
		fmt.Fprintf(&b, "| %d | %s |\n", s.status, s.meaning)
	}
	b.WriteString("\nA result that cannot be written is a failure: a full disk, a reader that goes away. One exception: where a shell closes stdout\n" +
		"altogether (`>&-`), the Go runtime opens `/dev/null` in its place before the program begins, just as some callers do who want no\n" +
		"output. The program cannot tell the two apart, so such a run ends with 0 and the result is lost. Name a file with `--output`.\n")
	compareFile(t, filepath.Join(root, "docs", "reference.md"), b.Bytes())
	for _, name := range bundledNames() {
		t.Run(name, func(t *testing.T) {
			args := []string{"plugin", "docs", name}
			if name == "amberpos" {
				args = append(args, "--config", "reconcile.hcl") // whose sample file has fields to show
			}
			var said bytes.Buffer
			cmd := program(t, root, args...)
			cmd.Stderr = &said
			page, err := cmd.Output()
			if err != nil {
				t.Fatalf("%v\n%s", err, said.String())
			}
			file := filepath.Join(root, "docs", "connectors", name+".md")
			compareFile(t, file, append(page, byHand(t, file)...))
		})
	}
}

// byHand returns what people have written below what the program writes of a connector; nothing if there is no such part.
func byHand(t *testing.T, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	if at := bytes.Index(text, []byte("\n<!-- What follows is written by hand. -->\n")); at >= 0 {
		return text[at:]
	}
	return nil
}
