package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/reconcilehq/reconcile"

// mayImport says which of our packages a package, and all below it, may import. Those not named here may import none.
// The arrows go one way: vocabulary, then rules, pairing and SDK, then engine and host, then the program.
var mayImport = map[string][]string{
	"engine/catalog": {},
	"engine/verdict": {}, // words alone: everybody may say them
	"engine/row":     {"engine/catalog"},
	"engine/spill":   {},
	"engine/chunk":   {},
	"engine/replace": {}, // files that are there whole or not at all, of whoever writes one
	"engine/spool":   {"engine/chunk", "engine/spill", "engine/verdict"},
	"engine/match":   {"engine/catalog", "engine/chunk", "engine/row", "engine/spill", "engine/verdict"},
	"engine/report":  {"engine/catalog", "engine/verdict", "engine/signs"},
	"engine/signs":   {}, // signs for characters, whoever shows them
	"engine":         {"engine/catalog", "engine/chunk", "engine/match", "engine/report", "engine/row", "engine/spill", "engine/spool", "engine/verdict", "rules"},
	"rules/expr":     {"engine/catalog", "engine/verdict"},
	"rules/shipped":  {},
	"rules/starter":  {"engine/catalog", "rules/shipped"},
	// The rules' rooms, each on top of those before it. A block is read alike whatever it means; sources need no rules, so
	// that who only starts connectors (the conformance suite) has none; websync has words for rules and knows none; rules
	// make programs, which explain and ruletest look at from outside.
	"rules/block":                             {"engine/catalog", "rules/expr"},
	"rules/source":                            {"engine/catalog", "rules/block", "rules/expr"},
	"rules/websync":                           {"engine/catalog", "rules/block", "rules/expr"},
	"rules":                                   {"engine/catalog", "engine/verdict", "rules/block", "rules/expr", "rules/source", "rules/websync"},
	"rules/explain":                           {"engine/catalog", "engine/verdict", "rules", "rules/expr"},
	"rules/ruletest":                          {"engine/catalog", "engine/verdict", "rules", "rules/block", "rules/explain", "rules/expr"},
	"plugins/proto":                           {"engine/catalog", "plugins/proto"},
	"plugins/sdk":                             {"engine/catalog", "plugins/proto"},
	"plugins/host":                            {"engine/catalog", "plugins/proto"},
	"plugins/host/lockfile":                   {"engine/replace"},
	"plugins/host/trust":                      {"plugins/host", "plugins/host/lockfile"},
	"plugins/host/localcopy":                  {"engine/replace", "plugins/host"},
	"plugins/sdk/sdktest":                     {"engine/catalog", "plugins/sdk"}, // so that an integrator's tests need no catalog
	"plugins/sdk/table":                       {"engine/catalog", "plugins/sdk", "plugins/sdk/table/content", "plugins/sdk/table/delimited", "plugins/sdk/table/grid", "plugins/sdk/table/workbook"},
	"plugins/sdk/table/content":               {},                                                                        // bytes, whatever they mean
	"plugins/sdk/table/grid":                  {"engine/catalog"},                                                        // where rows and those who read them meet
	"plugins/sdk/table/delimited":             {"engine/catalog", "plugins/sdk/table/content", "plugins/sdk/table/grid"}, // it knows no fields
	"plugins/sdk/table/workbook":              {"engine/catalog"},
	"plugins/sdk/table/database":              {"engine/catalog", "plugins/sdk", "plugins/sdk/table/grid"}, // table does without: who reads files alone links no drivers
	"plugins/connectors/amberpos":             {"engine/catalog", "plugins/sdk", "plugins/sdk/table", "plugins/sdk/table/database"},
	"plugins/connectors/file":                 {"engine/catalog", "plugins/sdk", "plugins/sdk/table"},
	"plugins/connectors/bigcommerce":          {"engine/catalog", "plugins/sdk", "plugins/connectors/bigcommerce/api", "plugins/connectors/bigcommerce/emulator"},
	"plugins/connectors/bigcommerce/api":      {"plugins/sdk"},
	"plugins/connectors/bigcommerce/emulator": {"engine/catalog"},
	"plugins/devkit/examples":                 {},
	"plugins/devkit/examples/go":              {"plugins/sdk"},
	"plugins/devkit/scaffold":                 {"plugins/devkit/examples"},
	"plugins/devkit/manual":                   {"engine/catalog"},
	"plugins/devkit/conformance/bad":          {"engine/catalog", "plugins/proto", "plugins/sdk"},
	"plugins/devkit/conformance":              {"engine/catalog", "plugins/host", "plugins/proto", "rules/source"},
	"cmd":                                     {"*"},

	// The application: it knows what is below, and nothing below knows it. Its packages, from the small ones up:
	room + "words":     {"engine/catalog", "engine/report", "engine/signs"}, // values, and how long ago things were
	room + "usercache": {},
	room + "memory":    {},
	room + "tidy":      {"engine/replace", "rules/shipped"},
	room + "terminal":  {"engine/signs"}, // it shows what it is given: what that is about, commands know
	room + "guard":     {"plugins/host", "plugins/host/lockfile", "plugins/host/trust", "plugins/proto", "rules", "rules/source", room + "words"},
	// The session has no terminal: a page and a worker have none.
	room + "session": {"engine", "engine/catalog", "engine/report", "engine/verdict", "plugins/host", "plugins/host/localcopy", "rules", "rules/explain", "rules/expr", "rules/ruletest", "rules/shipped", "rules/source",
		room + "guard", room + "memory", "engine/replace", room + "words"},
	room + "prose":   {"engine/catalog", "engine/report", "engine/verdict", "rules/explain", "rules/ruletest", room + "session", room + "words"},
	room + "console": {"engine/catalog", "engine/report", "engine/verdict", "rules/expr", room + "session", room + "terminal", room + "usercache", room + "words"},
	// It reads an export's header as amberpos will.
	room + "setup":   {"engine/catalog", "engine/replace", "plugins/connectors/amberpos", "plugins/host", "plugins/sdk/table", "rules", "rules/starter", room + "session", room + "terminal", room + "words"},
	room + "install": {"plugins/host", "plugins/host/lockfile", "plugins/host/trust", "rules", "rules/source", room + "guard", "engine/replace", room + "session", room + "words"},
	room + "inspect": {"engine/catalog", "plugins/devkit/manual", "plugins/host", "plugins/host/trust", "rules/source", room + "guard", room + "session"},
	// It reads files without starting a connector: a shell waits.
	room + "completion": {"engine/catalog", "plugins/sdk", "rules", "rules/source", "engine/replace", room + "usercache", room + "words"},
}

const room = "cmd/reconcile/internal/"

// TestLayers holds every import of the project against the layers. Tests may reach further.
func TestLayers(t *testing.T) {
	root := filepath.Join("..", "..")
	files := 0
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := d.Name(); d.IsDir() && file != root && (strings.HasPrefix(name, ".") || name == "testdata" || name == "docs") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		files++
		rel, err := filepath.Rel(root, filepath.Dir(file))
		if err != nil {
			return err
		}
		checkImports(t, file, filepath.ToSlash(rel))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 50 {
		t.Errorf("only %d files were looked at: the walk has missed the project", files)
	}
}

func checkImports(t *testing.T, file, pkg string) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	if err != nil {
		t.Error(err)
		return
	}
	layer := layerOf(pkg)
	for _, spec := range parsed.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Error(err)
			continue
		}
		if imported == "C" {
			t.Errorf("%s uses cgo", file)
		}
		ours, ok := strings.CutPrefix(imported, module+"/")
		if !ok {
			continue
		}
		if !allowed(layer, layerOf(ours)) {
			t.Errorf("%s (layer %q) imports %s: not an arrow of the design", file, layer, ours)
		}
	}
}

// layerOf returns the longest entry of mayImport that the package is, or lies below.
func layerOf(pkg string) string {
	for layer := pkg; layer != "."; layer = path.Dir(layer) {
		if _, ok := mayImport[layer]; ok {
			return layer
		}
	}
	return pkg
}

func allowed(layer, imported string) bool {
	for _, may := range mayImport[layer] {
		if may == "*" || may == imported {
			return true
		}
	}
	return false
}
