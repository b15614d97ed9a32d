package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/reconcilehq/reconcile"

// arrows says which of our packages a package, and all below it, may import, and why. A package that is not named here may
// import none of ours. The arrows go one way: vocabulary, then rules, matching and SDK, then engine and host, then the program.
var arrows = with(with(with(screenArrows, changeArrows), sdkArrows), map[string]map[string]string{
	// Vocabulary: everybody may use it, and it uses nothing.
	"engine/catalog": {},
	"engine/verdict": {},
	// Small tools of the engine.
	"engine/row": {
		"engine/catalog": "it turns items into bytes and back",
	},
	"engine/spill":   {},
	"engine/fault":   {},
	"engine/chunk":   {},
	"engine/replace": {},
	"engine/signs":   {},
	"engine/strict":  {},
	"engine/spool": {
		"engine/chunk":   "it keeps items in memory in chunks",
		"engine/spill":   "it writes what does not fit to files",
		"engine/verdict": "its items carry cells and statuses",
	},
	"engine/match": {
		"engine/catalog": "batches of items come in",
		"engine/chunk":   "it keeps waiting items in chunks",
		"engine/row":     "waiting items are bytes",
		"engine/spill":   "it writes what does not fit to files",
		"engine/verdict": "it says what is known of a pair, and of which side an item is",
	},
	"engine/near": {
		"engine/verdict": "keys are of one side",
	},
	"engine/report/spreadsheet": {},
	"engine/report": {
		"engine/catalog":            "it shows values and currencies",
		"engine/report/spreadsheet": "it writes workbooks",
		"engine/near":               "it tells which items look alike",
		"engine/row":                "it writes items as they are kept, without making columns of them",
		"engine/signs":              "it shows blanks as signs that a reader can see",
		"engine/verdict":            "it shows cells and statuses",
	},
	"engine/impact": {
		"engine/catalog": "it computes with values and currencies",
		"engine/report":  "it looks at items of results",
		"engine/verdict": "it looks at cells",
	},
	"engine/history": {
		"engine/catalog": "it keeps values, each in a form for its type",
		"engine/strict":  "it reads what was written, and nothing else",
		"engine/fault":   "it searches in several goroutines",
		"engine/near":    "it keeps which items look alike",
		"engine/replace": "a run's file is there whole or not at all",
		"engine/report":  "it keeps what is reported, and reads it back for every format",
		"engine/row":     "it writes items as they are kept, without making columns of them",
		"engine/verdict": "it packs cells and statuses",
	},
	// Rules: each package builds on those above it.
	"rules/expr": {
		"engine/catalog": "expressions have the types of fields, and read columns",
		"engine/verdict": "it uses what is known of a pair to settle an expression",
	},
	"rules/shipped": {
		"rules/syntax": "what it renews may be too deep",
	},
	"rules/grammar": {},
	"rules/cron":    {},
	"rules/syntax":  {},
	"rules/starter": {
		"engine/catalog": "the first configuration names known fields",
		"rules/shipped":  "the first configuration has the shipped rules",
	},
	"rules/block": {
		"engine/catalog": "it says which name was probably meant",
		"engine/replace": "what was accepted is a file, never a pipe",
		"rules/expr":     "attributes are expressions",
		"rules/syntax":   "files may be too deep",
		"rules/grammar":  "a block has the attributes of its type",
	},
	"rules/hidden": {
		"engine/catalog": "what is nearly a word that is known is shown",
		"rules/expr":     "the names of functions are no secrets",
		"rules/grammar":  "of some blocks everything is shown",
		"rules/websync":  "the words of a point of sale are no secrets",
	},
	"rules/source": {
		"engine/fault":   "it stops a program that says a secret",
		"engine/catalog": "a connector describes its settings with it",
		"rules/block":    "sources and plugins are blocks",
		"rules/hidden":   "the name of a setting may say that it is secret",
		"rules/expr":     "settings may use functions",
		"rules/grammar":  "sources, plugins and local values are blocks",
	},
	"rules/websync": {
		"engine/catalog": "it names fields",
		"rules/block":    "it reads a block",
		"rules/grammar":  "it reads a block",
	},
	"rules": {
		"engine/catalog": "rules are checked against schemas and read batches",
		"engine/replace": "it opens files only, never pipes",
		"engine/verdict": "rules give cells a status",
		"rules/block":    "a configuration is made of blocks",
		"rules/syntax":   "what was accepted stands in a file, which may be too deep",
		"rules/expr":     "conditions are expressions",
		"rules/source":   "a configuration has sources and plugins",
		"rules/websync":  "a configuration may have a websync block",
		"rules/cron":     "schedules have times",
		"rules/grammar":  "rules, reconciliations and what is intentional are blocks",
	},
	"rules/explain": {
		"engine/catalog": "it shows values",
		"engine/verdict": "it explains cells",
		"rules":          "it explains what a program does",
		"rules/expr":     "it traces expressions",
	},
	"rules/ruletest": {
		"engine/catalog": "a test gives items",
		"engine/verdict": "a test expects cells",
		"rules":          "a test runs rules",
		"rules/block":    "tests are blocks",
		"rules/explain":  "a failed test explains the cell",
		"rules/expr":     "a test's values are expressions",
		"rules/grammar":  "tests are blocks",
	},
	// The engine: it runs rules on items, and starts nothing.
	"engine": {
		"engine/catalog": "sources give batches",
		"engine/chunk":   "it shares memory between its parts",
		"engine/match":   "it pairs items",
		"engine/near":    "it looks for pairs among what was not paired",
		"engine/report":  "it makes the result",
		"engine/row":     "it decodes items that waited",
		"engine/spill":   "it decides where files go",
		"engine/spool":   "it sorts what will be reported",
		"engine/verdict": "it collects cells",
		"rules":          "it evaluates the program that rules make",
	},
	// Plugins: the contract, the connector's end and the host's end, which do not know each other.
	"plugins/proto": {
		"engine/catalog": "it writes and reads batches and schemas",
		"engine/change":  "it writes and reads changes", "engine/weborder": "it writes and reads orders",
		"plugins/proto": "the generated code is below it",
	},
	"plugins/confine": {},
	"plugins/host/patience": {
		"plugins/proto": "it looks at what a connector tells of its progress",
	},
	"plugins/host": {
		"engine/catalog": "it hands on batches, schemas and problems",
		"engine/change":  "it hands on changes, and what became of them", "engine/weborder": "it hands on orders",
		"engine/replace":        "it opens files only, never pipes",
		"plugins/confine":       "it starts plugins in their sandbox",
		"plugins/host/patience": "it waits for connectors",
		"plugins/proto":         "it speaks the protocol",
	},
	"plugins/host/lockfile": {"engine/replace": "the lock file is replaced whole", "rules/syntax": "it may be too deep"},
	"plugins/host/trust": {
		"plugins/host":          "it says how pinned files are run",
		"plugins/host/lockfile": "it uses the lock file's names of platforms",
	},
	"plugins/host/localcopy": {
		"engine/replace": "the key file is replaced whole",
		"plugins/host":   "it is written by pulls",
	},
	"plugins/host/localcopy/itemfile": {"engine/catalog": "it finds items", "engine/replace": "a file is replaced whole", "plugins/proto": "it keeps batches as they are sent"},
	"plugins/sdk/sdktest": {
		"engine/catalog": "it turns batches into text, so that tests of connectors need no catalog",
		"plugins/sdk":    "it runs sources",
	},
	// Connectors: SDK and catalog, never host, engine or each other.
	"plugins/connectors/amberpos": {
		"plugins/sdk":                "it is a connector",
		"plugins/sdk/table":          "it reads exports",
		"plugins/sdk/table/database": "it reads databases",
	},
	"plugins/connectors/file": {
		"engine/catalog": "it compares values", "engine/replace": "a file of changes is there whole or not at all", "engine/report/spreadsheet": "it writes workbooks",
		"plugins/sdk":       "it is a connector",
		"plugins/sdk/table": "it reads files",
	},
	"plugins/connectors/restapi": {
		"engine/catalog": "it computes with exact decimals, and makes structures of options",
		"plugins/sdk":    "it is a connector", "plugins/sdk/pull": "it keeps a Local Copy",
		"plugins/sdk/webapi": "it calls any platform on the web",
	},
	"plugins/connectors/bigcommerce": {
		"engine/catalog":   "it computes with exact decimals",
		"plugins/sdk/keep": "what is written to its sandbox is kept",
		"plugins/sdk":      "it is a connector",
		"plugins/sdk/pack": "the records of its Local Copy are small, and read fast", "plugins/sdk/pull": "it keeps a Local Copy",
		"plugins/sdk/locations":                   "its stock lies at several locations",
		"plugins/sdk/webapi":                      "it asks a platform on the web",
		"plugins/connectors/bigcommerce/api":      "it calls the platform",
		"plugins/connectors/bigcommerce/edit":     "it has the store changed",
		"plugins/connectors/bigcommerce/emulator": "its sandbox is the emulator",
	},
	"plugins/connectors/bigcommerce/api": {
		"plugins/sdk/webapi": "it says what is special about this platform",
	},
	"plugins/connectors/bigcommerce/emulator": {
		"engine/catalog": "it computes with exact decimals",
		"plugins/sdk":    "its server runs in a goroutine, in which a panic is reported as everywhere",
	},
	// Tools for whoever writes a connector.
	"plugins/devkit/examples": {},
	"plugins/devkit/examples/go": {
		"plugins/sdk": "it is a connector, and imports what an integrator would", "plugins/sdk/webapi": "it asks a platform on the web",
		"plugins/sdk/writing": "it changes the platform",
	},
	"plugins/devkit/examples/web": {"plugins/sdk": "it is a connector", "plugins/sdk/webapi": "it asks a platform on the web"},
	"plugins/devkit/scaffold": {
		"plugins/devkit/examples": "a new project is a changed example",
	},
	"plugins/devkit/manual": {
		"engine/catalog": "it describes settings and fields",
	},
	"plugins/devkit/conformance/bad": {
		"engine/catalog": "it sends wrong batches",
		"plugins/proto":  "it breaks the protocol below the SDK",
		"plugins/sdk":    "it is a connector, apart from its faults",
	},
	"plugins/devkit/conformance/expect": {"engine/catalog": "it compares values", "rules/block": "it reads blocks",
		"rules/grammar": "it takes the names of blocks and attributes from there", "rules/source": "it expects something of sources"},
	"plugins/devkit/conformance": {
		"engine/catalog": "it compares batches",
		"engine/change":  "it has changes made, and looks at what became of them", "engine/weborder": "it looks at orders",
		"plugins/devkit/conformance/expect": "it holds what it reads against what is expected",
		"plugins/host":                      "it starts programs as the host does",
		"plugins/host/patience":             "it waits as the host does",
		"plugins/proto":                     "it looks at the messages themselves",
		"rules/hidden":                      "it shows what is wrong with source blocks",
		"rules/source":                      "it reads the source blocks of a configuration, and no rules",
		"rules/grammar":                     "the host's own settings are no connector's",
		"rules/syntax":                      "what a connector says may be too deep",
	},
	// The program and the application: they know what is below, and nothing below knows them.
	"cmd": {
		"*": "commands put everything together",
	},
	room + "words": {
		"engine/catalog": "it writes values as text",
		"engine/report":  "it names what a result has",
	},
	room + "usercache": {},
	room + "memory":    {},
	room + "tidy": {
		"engine/replace": "a file is replaced whole",
		"rules/block":    "a configuration's files are bounded",
		"rules/syntax":   "what it lays out may be too deep",
		"rules/hidden":   "differences are shown without secrets",
		"rules/shipped":  "it renews shipped rules",
	},
	room + "terminal": {
		"engine/signs": "it shows blanks as signs that a reader can see",
	},
	room + "guard": {
		"plugins/host":          "it starts connectors",
		"plugins/host/lockfile": "it looks up what may run",
		"plugins/host/trust":    "it finds the files of a plugin",
		"plugins/proto":         "it reads the variable that attaches connectors",
		"rules":                 "it takes a configuration's plugins",
		"rules/source":          "it takes plugin blocks",
		room + "words":          "it writes messages",
	},
	room + "session": {
		"engine":         "it runs comparisons",
		"engine/apply":   "its stores are what changes are made on",
		"engine/catalog": "it checks schemas",
		"engine/change":  "it asks for single items, and hands changes on",
		"engine/near":    "it says which key would pair an item",
		"engine/replace": "it replaces files whole",
		"engine/report":  "it returns results",
		"engine/verdict": "it returns statuses", "engine/weborder": "it hands on orders",
		"plugins/host":           "it reads sources",
		"plugins/host/localcopy": "it refreshes Local Copies", "plugins/host/localcopy/itemfile": "it keeps the items that were made of them",
		"rules":          "it loads configurations",
		"rules/explain":  "it explains cells",
		"rules/ruletest": "it runs tests of rules",
		"rules/shipped":  "it finds rules as they were shipped",
		"rules/hidden":   "diagnostics are shown without secrets",
		"rules/source":   "it configures sources",
		room + "guard":   "it starts connectors only if they are allowed",
		room + "memory":  "it limits memory",
		room + "words":   "it writes messages",
	},
	room + "prose": {
		"engine/signs":   "it shows white space that decides",
		"engine/catalog": "it shows values",
		"engine/report":  "it shows results",
		"engine/verdict": "it shows statuses",
		"rules/explain":  "it shows explanations",
		"rules/ruletest": "it shows tests",
		room + "session": "it shows what the session returns",
		room + "words":   "it writes values",
	},
	room + "console": {
		"engine/replace":   "it opens files only, never pipes",
		"engine/catalog":   "it shows values",
		"engine/report":    "it writes results",
		"engine/verdict":   "it shows statuses",
		"rules/expr":       "it evaluates what a user types",
		"rules/syntax":     "what a user types may be too deep",
		room + "session":   "it asks the session",
		room + "terminal":  "it is interactive",
		room + "usercache": "it keeps the history of lines",
		room + "words":     "it writes values",
	},
	room + "setup": {
		"engine/catalog":              "it proposes fields",
		"engine/replace":              "it writes the configuration whole",
		"plugins/connectors/amberpos": "it reads the header of an export as that connector will",
		"plugins/host":                "it tries sources",
		"plugins/sdk/table":           "it reads the header of an export",
		"plugins/sdk/webapi":          "it looks at an answer of the store's API",
		"rules":                       "it loads what it has written",
		"rules/starter":               "it writes the first configuration",
		room + "install":              "it finds plugins that are installed",
		room + "setup":                "answer is a part of it",
		room + "session":              "it tries sources",
		room + "terminal":             "it asks questions",
		room + "words":                "it writes messages",
	},
	room + "install": {
		"engine/replace":        "it writes files whole",
		"plugins/host":          "it starts a plugin to learn what it is",
		"plugins/host/lockfile": "it locks plugins",
		"plugins/host/trust":    "it fetches plugins and finds their files",
		"rules":                 "it reads the configuration's plugins",
		"rules/source":          "it reads plugin blocks",
		room + "guard":          "it starts plugins in the sandbox",
		room + "session":        "it opens the configuration",
		room + "words":          "it writes messages",
	},
	room + "inspect": {
		"engine/catalog":        "it takes descriptions of settings",
		"plugins/devkit/manual": "it writes manual pages",
		"plugins/host":          "it starts a connector",
		"plugins/host/trust":    "it finds a program",
		"rules/source":          "it finds a plugin block",
		room + "guard":          "it starts connectors only if they are allowed",
		room + "session":        "it opens the configuration",
	},
	room + "completion": {
		"engine/catalog":   "it completes names of fields",
		"engine/replace":   "it writes its cache whole",
		"plugins/sdk":      "it reads the header of a file without starting a connector, because a shell waits",
		"rules":            "it loads the configuration",
		"rules/source":     "it completes sources",
		room + "usercache": "it keeps what it has read",
		room + "words":     "it writes values",
	},
})

const room = "cmd/reconcile/internal/"

// TestLayers checks that every import of the project is one of the arrows, and that every arrow has a reason and is used.
// Test files may import more.
func TestLayers(t *testing.T) {
	root := filepath.Join("..", "..")
	files := 0
	used := map[string]bool{}
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
		checkImports(t, file, filepath.ToSlash(rel), used)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 50 {
		t.Errorf("only %d files were looked at: the walk has missed the project", files)
	}
	for layer, imports := range arrows {
		for imported, reason := range imports {
			if reason == "" {
				t.Errorf("the arrow from %s to %s has no reason: say in arrows what %s needs it for", layer, imported, layer)
			}
			if imported != "*" && !used[layer+" "+imported] {
				t.Errorf("nothing in %s imports %s any more: take that line out of arrows", layer, imported)
			}
		}
	}
}

func checkImports(t *testing.T, file, pkg string, used map[string]bool) {
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
		used[layer+" "+layerOf(ours)] = true
		if !allowed(layer, layerOf(ours)) {
			t.Errorf("%s imports %s, but %s may import only %s. Move the code to a package that may import it, or hand in what it "+
				"needs as a value or an interface. If the design itself is to change, add the arrow with its reason to arrows in "+
				"layers_test.go.", file, ours, layer, list(layer))
		}
	}
}

// layerOf returns the longest entry of arrows that the package is, or lies below.
func layerOf(pkg string) string {
	for layer := pkg; layer != "."; layer = path.Dir(layer) {
		if _, ok := arrows[layer]; ok {
			return layer
		}
	}
	return pkg
}

// anywhere is the package that all but connectors may import, because each may start a goroutine, and a panic in one is reported alike.
// Connectors have it as sdk.Go and sdk.Caught, as those of others do.
const anywhere = "engine/fault"

func allowed(layer, imported string) bool {
	return arrows[layer][imported] != "" || arrows[layer]["*"] != "" || imported == anywhere && !strings.HasPrefix(layer, "plugins/connectors/")
}

// list names what a layer may import.
func list(layer string) string {
	if len(arrows[layer]) == 0 {
		return "packages of others, none of ours"
	}
	return strings.Join(slices.Sorted(maps.Keys(arrows[layer])), ", ")
}
