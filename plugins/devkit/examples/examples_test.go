package examples

import (
	"bytes"
	"flag"
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
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

// TestImports says that an integrator's program and its tests need the SDK, its tests' package and the suite, and nothing that
// is the project's own affair.
func TestImports(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("go", "*.go"))
	if err != nil || len(files) < 3 {
		t.Fatalf("the files are %q (%v)", files, err)
	}
	const module = "github.com/reconcilehq/reconcile/"
	may := []string{"plugins/sdk", "plugins/sdk/webapi", "plugins/sdk/writing", "plugins/sdk/sdktest", "plugins/devkit/conformance"}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range parsed.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if own, ours := strings.CutPrefix(path, module); ours && !slices.Contains(may, own) {
				t.Errorf("%s imports %s", file, own)
			}
		}
	}
}
