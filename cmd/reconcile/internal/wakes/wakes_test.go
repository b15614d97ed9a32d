package wakes

import (
	"testing"

	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/rivermigrate"
)

// TestTablesAreNewest fails where a new River has newer tables: they take a new step in the store, and Tables is their version.
func TestTablesAreNewest(t *testing.T) {
	m, err := rivermigrate.New(riverdatabasesql.New(nil), nil)
	if err != nil {
		t.Fatal(err)
	}
	all := m.AllVersions()
	if newest := all[len(all)-1].Version; newest != Tables {
		t.Errorf("River's tables have version %d, and we make %d", newest, Tables)
	}
}
