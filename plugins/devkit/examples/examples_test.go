package examples

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

var update = flag.Bool("update", false, "bring what the TypeScript SDK shares with the project up to date")

// TestShared holds the files of the TypeScript SDK that say what is said elsewhere in the project against it.
func TestShared(t *testing.T) {
	protocol, err := os.ReadFile(filepath.Join("..", "..", "proto", "source", "v1", "source.proto"))
	if err != nil {
		t.Fatal(err)
	}
	var known bytes.Buffer
	known.WriteString("// The fields that every connector names and types alike, as the host knows them.\n\nexport const knownFields = {\n")
	for _, f := range catalog.KnownFields() {
		fmt.Fprintf(&known, "  %s: %q,\n", f.Name, f.Type.String())
	}
	known.WriteString("} as const;\n")
	for name, want := range map[string][]byte{"source.proto": protocol, "known.ts": known.Bytes()} {
		file := filepath.Join("typescript", "src", "sdk", name)
		if *update {
			if err := os.WriteFile(file, want, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s is not in step; go test ./plugins/devkit/examples -update writes it:\n%s", file, diff)
		}
	}
}
