package report

import (
	"encoding/csv"
	"slices"
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/engine/verdict"
)

// TestColumnsOnce names the columns that reports have beside those of rules. A rule cannot be called so; a new one belongs into the
// list of package rules, too.
func TestColumnsOnce(t *testing.T) {
	r := sample(t)
	o := Options{Unchecked: true, Details: true}
	header, err := csv.NewReader(strings.NewReader(csvText(t, r, o))).Read()
	if err != nil {
		t.Fatal(err)
	}
	known := []string{"sku", "name", "status", "result", "unknown", "details"}
	for _, column := range append(header, sheetRows(t, openWorkbook(t, r, o), "Items")[0]...) {
		if !slices.Contains(known, column) && !slices.Contains(codes(r), column) && !strings.HasPrefix(column, "pos.") && !strings.HasPrefix(column, "store.") {
			t.Errorf("there is a column %q, which a rule could be called", column)
		}
	}
}

// TestNoCellOfOthers leaves the cell of a rule empty that is not about items of the status.
func TestNoCellOfOthers(t *testing.T) {
	r := sample(t)
	all := listOf(t, r)
	all[6].Outcome = &Outcome{Cells: append(outcome("S").Cells, make([]verdict.Cell, len(r.Rules)-1)...)}
	one := *all[6]
	r.Items = itemsOf([]Item{one})
	for i, row := range [][]string{csvRow(t, r), sheetRows(t, openWorkbook(t, r, Options{}), "Items")[1]} {
		if slices.Contains(row, "-") {
			t.Errorf("%s has a cell of a rule that is not about the item: %q", []string{"CSV", "the workbook"}[i], row)
		}
	}
}

func csvRow(t *testing.T, r *Result) []string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(csvText(t, r, Options{}))).ReadAll()
	if err != nil || len(rows) != 2 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	return rows[1]
}
