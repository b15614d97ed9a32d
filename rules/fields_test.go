package rules_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/rules"
	"github.com/reconcilehq/reconcile/rules/source"
)

// TestFieldsOf says that what FieldsOf names is all that Compile would have read, of every configuration that the cases
// have: else a copy that pull made could not be used offline.
func TestFieldsOf(t *testing.T) {
	configs, err := filepath.Glob(filepath.Join("..", "cmd", "reconcile", "testdata", "cases", "*", "reconcile.hcl"))
	if err != nil || len(configs) < 20 {
		t.Fatalf("%d configurations, %v", len(configs), err)
	}
	schema := catalog.MustSchema(catalog.KnownFields()...)
	compiled := 0
	for _, path := range append(configs, filepath.Join("..", "reconcile.hcl")) {
		if _, err := os.Stat(path); err != nil {
			t.Fatal(err)
		}
		config, _ := rules.Load(path, rules.Options{Bundled: []string{"amberpos", "bigcommerce", "file"}})
		for _, r := range config.Reconciliations {
			program, _ := config.Compile(r, schema, schema, time.Now())
			if program == nil {
				continue
			}
			compiled++
			for side, read := range []*source.Source{r.Pos, r.Store} {
				asked := [...]*catalog.Schema{program.Pos, program.Store}[side]
				named := config.FieldsOf(read)
				for _, field := range asked.Names() {
					if !slices.Contains(named, field) {
						t.Errorf("%s: of %s the field %s is read, but not named: %q", path, read.Address(), field, named)
					}
				}
				if len(config.Reconciliations) == 1 && len(named) != asked.Len() {
					t.Errorf("%s: of %s the fields %q are named, but %q are read", path, read.Address(), named, asked.Names())
				}
			}
		}
	}
	if compiled < 20 {
		t.Errorf("only %d configurations were compiled", compiled)
	}
}
