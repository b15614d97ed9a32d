package engine

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// TestDecidedPairsAreFound says that pairs which are not evaluated, since what is known of them decides all rules, are listed with what is
// found of them, are counted once, and speak for a rule that has a doubt.
func TestDecidedPairsAreFound(t *testing.T) {
	program := programOf(t, `
source "file" "a" { path = "a.csv" }
source "file" "b" { path = "b.csv" }
reconciliation "r" {
  pos   = source.file.a
  store = source.file.b
}
rule "N" {
  when       = pos.name != store.name
  doubt      = pos.price > 5
  doubt_note = "."
}
rule "Q" { when = pos.qoh != store.qoh }
rule "NQ" {
  explains = ["Q"]
  when     = pos.qoh != store.qoh && pos.qoh < 0
}
intentional "two" {
  rules  = ["Q"]
  skus   = ["intended"]
  reason = "."
}
`)
	item := func(sku, name, price, qoh string) []string { return []string{name, sku, price, qoh, ""} }
	pos := sourceOfRows(t, item("same", "Bell", "1", "1"), item("n1", "Bell", "1", "1"), item("n2", "Bell", "1", "1"), item("n3", "Bell", "1", "1"),
		item("against1", "Bell", "9", "1"), item("against2", "Bell", "9", "1"), item("q", "Bell", "1", "1"), item("negative", "Bell", "1", "-1"), item("intended", "Bell", "1", "1"))
	store := sourceOfRows(t, item("intended", "Bell", "1", "2"), item("negative", "Bell", "1", "2"), item("q", "Bell", "1", "2"), item("n3", "Horn", "1", "1"),
		item("against2", "Bell", "9", "1"), item("against1", "Bell", "9", "1"), item("n2", "Horn", "1", "1"), item("n1", "Horn", "1", "1"), item("same", "Bell", "1", "1"))
	for _, limit := range []int64{0, 1} {
		tempDir(t)
		result, err := Run(t.Context(), Job{Program: program, Pos: Side{Source: pos}, Store: Side{Source: store}, MemoryLimit: limit})
		if err != nil {
			t.Fatal(err)
		}
		list, err := result.List()
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, it := range list {
			cells := ""
			for i, c := range it.Outcome.Cells {
				cells += string(rune(c))
				if it.Outcome.Explains != nil && slices.Contains(it.Outcome.Explains[i], 1) {
					cells += "!"
				}
			}
			got[it.SKU()] = cells
		}
		want := map[string]string{"n1": "NSS", "n2": "NSS", "n3": "NSS", "q": "SNS", "negative": "SSN!", "intended": "SIS"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		if s := result.Summary; s.Items != 9 || s.Status[verdict.Matched] != 9 || s.Classes[verdict.Differs] != 5 || s.Classes[verdict.Agrees] != 3 || s.Rules[0][verdict.NotSynchronized] != 3 {
			t.Errorf("it counts %+v", s)
		}
		// Three pairs speak for N, two against it.
		if diff := cmp.Diff([]report.Doubt(nil), result.Doubts); diff != "" {
			t.Errorf("doubts (-want +got)\n%s", diff)
		}
		if err := result.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// sourceOfRows returns a source of rows with the fields of testSchema.
func sourceOfRows(t *testing.T, rows ...[]string) *memorySource {
	b := catalog.NewBuilder(testSchema)
	for _, row := range rows {
		for f, text := range row {
			if testSchema.Field(f).Type != catalog.Number {
				b.SetString(f, text)
				continue
			}
			d, err := catalog.ParseDecimal(text)
			if err != nil {
				t.Fatal(err)
			}
			b.SetNumber(f, d)
		}
		b.End()
	}
	return &memorySource{batches: []*catalog.Batch{b.Batch()}}
}
