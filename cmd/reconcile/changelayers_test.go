package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// changeArrows are the arrows of what plans changes of a store and makes them: see arrows.
var changeArrows = map[string]map[string]string{
	"engine/change": {
		"engine/catalog": "changes are of values",
	},
	"engine/weborder": {
		"engine/catalog": "its amounts are exact decimals",
	},
	"engine/plan": {
		"engine/strict":  "a plan means one thing to all who read it",
		"engine/catalog": "it holds values, and reads and writes them",
		"engine/change":  "it asks how a platform takes values",
		"engine/journal": "a revert is made of what was done",
		"engine/report":  "it plans for the items of a result",
		"engine/verdict": "it looks at cells and sides",
		"rules":          "it tries each change by the program that made the cells",
		"rules/expr":     "it says what both sides have of the fields that a rule reads",
	},
	"engine/journal": {
		"engine/strict":  "it reads what was written, and nothing else",
		"engine/catalog": "it keeps values",
		"engine/change":  "it keeps changes and what became of them",
		"engine/replace": "a journal begins whole, and is a file",
	},
	"engine/apply": {
		"engine/catalog": "it looks at items",
		"engine/change":  "it hands changes to a platform",
		"engine/journal": "it notes what it does before and after",
	},
	room + "orders": {
		"engine/strict":   "a manifest means one thing to all who read it",
		"engine/catalog":  "it writes amounts",
		"engine/replace":  "what it writes is there whole or not at all",
		"engine/weborder": "it writes orders",
		room + "rowfile":  "it writes orders to a file",
		room + "session":  "it asks the store",
		room + "terminal": "it tells what it did",
		room + "words":    "it writes messages",
	},
	room + "rowfile": {
		"engine/report":             "it writes texts as results do, so that no spreadsheet acts on them",
		"engine/report/spreadsheet": "it writes workbooks",
	},
	room + "mend/worklist": {
		"engine/catalog": "it writes values",
		"engine/change":  "it reads values of a plan",
		"engine/plan":    "it makes a list of it",
		"engine/verdict": "a value is of a side",
		room + "rowfile": "it writes that to a file",
	},
	room + "mend": {
		"engine/apply":       "it has plans carried out",
		"engine/change":      "it shows what became of changes",
		"engine/journal":     "it keeps and shows what was done",
		"engine/catalog":     "it brings what was typed to one form, and writes values",
		"engine/plan":        "it shows plans",
		"engine/replace":     "it writes a plan's file whole",
		room + "mend/ledger": "it reads and keeps plans", room + "mend/worklist": "it writes what people have to do", room + "rowfile": "it finds the format of that",
		room + "jobs":     "a server's workers make plans, and carry them out",
		room + "guard":    "a plan is about the lock file of plugins",
		room + "session":  "it runs the reconciliation",
		room + "store":    "journals are in the data folder",
		room + "terminal": "it shows them there",
		room + "words":    "it writes values",
	},
	room + "mend/ledger": {
		"engine/catalog": "it writes values",
		"engine/change":  "it counts outcomes",
		"engine/journal": "it reads journals",
		"engine/plan":    "it reads and keeps plans",
		"engine/replace": "it writes a plan's file whole",
		room + "store":   "they are in the data folder",
	},
	"plugins/connectors/bigcommerce/edit": {
		"engine/catalog":     "it holds and compares values",
		"plugins/sdk":        "it tells changes in its words",
		"plugins/sdk/webapi": "it asks a platform on the web",
	},
}

// TestWritesByPlansAlone: only the commands that carry out plans open a store so that it can be changed, and nothing else asks for what changes
// it. TestLayers says who may import engine/apply.
func TestWritesByPlansAlone(t *testing.T) {
	may := map[string]string{
		".PrepareToApply(":    "cmd/reconcile/root.go", // hands it to mend alone
		".prepareToApply":     "cmd/reconcile/root.go",
		".ToApply(":           "cmd/reconcile/internal/mend/workshop.go",
		".Store().Platform()": "cmd/reconcile/internal/mend/workshop.go",
		"apply.Run(":          "cmd/reconcile/internal/mend/workshop.go",
		".SettingsToApply":    "cmd/reconcile/internal/session/sources.go",
		".process.Apply(":     "cmd/reconcile/internal/session/write.go",
		".process.Prepare(":   "cmd/reconcile/internal/session/write.go",
	}
	found := map[string]bool{}
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		for call, only := range may {
			if !bytes.Contains(text, []byte(call)) {
				continue
			}
			found[call] = true
			if at := "cmd/reconcile/" + filepath.ToSlash(name); at != only {
				t.Errorf("%s has %s, which only %s may have", at, call, only)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for call := range may {
		if !found[call] {
			t.Errorf("nothing has %s any more: the test looks for something else than it should", call)
		}
	}
}
