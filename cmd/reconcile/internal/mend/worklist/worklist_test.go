package worklist_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/plan"
	"github.com/reconcilehq/reconcile/engine/verdict"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/mend/worklist"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/rowfile"
)

func held(side verdict.Side, field string, v catalog.Value) plan.Held {
	return plan.Held{Side: side, Field: field, Value: v}
}

func units(n int) catalog.Value { return catalog.NumberValue(catalog.Int(int64(n))) }

// TestLines says which lines a plan gives, and on which side what is to be done.
func TestLines(t *testing.T) {
	text, sizes := catalog.StringValue, catalog.ListValue
	for why, c := range map[string]struct {
		plan plan.Plan
		want []string // without the columns sku, name, id, rule and note
	}{
		"what is negative in the point of sale is corrected there": {plan.Plan{Tasks: []plan.Task{{Step: plan.Correct, Held: []plan.Held{held(verdict.Pos, "qoh", units(-2))}}}},
			[]string{"POS,qoh,-2,,"}},
		"of two that differ nobody knows which is wrong": {plan.Plan{Tasks: []plan.Task{{Step: plan.Correct, Held: []plan.Held{held(verdict.Pos, "variation", sizes([]string{"Size=S"})), held(verdict.Store, "variation", sizes(nil)), held(verdict.Store, "brand", text("Lumo"))}}}},
			[]string{"POS or store,variation,Size=S,,", "store,brand,,Lumo,"}},
		"orders change the point of sale": {plan.Plan{Tasks: []plan.Task{{Step: plan.ImportOrders, Held: []plan.Held{held(verdict.Store, "pending", units(1)), held(verdict.Pos, "qoh", units(5)), held(verdict.Store, "qoh", units(4))}}}},
			[]string{"POS,qoh,5,4,"}},
		"orders of which no field of the point of sale is read": {plan.Plan{Tasks: []plan.Task{{Step: plan.ImportOrders, Held: []plan.Held{held(verdict.Store, "pending", units(1))}}}},
			[]string{"POS,,,,"}},
		"what the connector does not write": {plan.Plan{Tasks: []plan.Task{{Step: plan.Correct, Field: "brand", Value: "Lumo", Held: []plan.Held{held(verdict.Store, "brand", text("Lumos"))}}}},
			[]string{"store,brand,,Lumos,Lumo"}},
		"unknown is not 0": {plan.Plan{Tasks: []plan.Task{{Step: plan.Correct, Field: "weight", Value: "1.50", Held: []plan.Held{held(verdict.Store, "weight", catalog.NullValue(catalog.Number))}}}},
			[]string{"store,weight,,,1.50"}},
		"a text is no formula, and a number no text": {plan.Plan{Tasks: []plan.Task{{Step: plan.Correct, Held: []plan.Held{held(verdict.Pos, "bin", text("=1+1")), held(verdict.Pos, "qoh", units(-7))}}}},
			[]string{"POS,bin,'=1+1,,", "POS,qoh,-7,,"}},
		"a connector that writes makes the changes": {plan.Plan{Changes: []plan.Change{{Field: "price", Expected: units(1), Will: units(2)}}}, nil},
		"one that only reads does not": {plan.Plan{ByHand: true, Changes: []plan.Change{{SKU: "A", Field: "price", Type: catalog.Number, Expected: units(1), Will: units(2)}, {SKU: "B", Field: "price", Type: catalog.Number, Expected: catalog.NullValue(catalog.Number), Will: units(3)}},
			Seen: []plan.Seen{{SKU: "A", Pos: plan.Values{"price": json.RawMessage("2.5")}}, {SKU: "B", Pos: plan.Values{"price": json.RawMessage(`"of another type"`)}}}},
			[]string{"store,price,2.5,1,2", "store,price,,,3"}},
	} {
		t.Run(why, func(t *testing.T) {
			var b bytes.Buffer
			lines, err := worklist.Write(&b, &c.plan, rowfile.CSV, false)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for line := range strings.Lines(b.String()) {
				parts := strings.Split(strings.TrimSpace(line), ",")
				got = append(got, strings.Join(parts[4:len(parts)-1], ","))
			}
			if diff := cmp.Diff(c.want, slices.Concat([]string(nil), got[1:])); diff != "" {
				t.Error(diff)
			}
			if lines != len(c.want) || worklist.Has(&c.plan) != (lines > 0) {
				t.Errorf("%d lines, and %v", lines, worklist.Has(&c.plan))
			}
		})
	}
}

// TestWorkbook reads the workbook as a spreadsheet does: numbers are numbers, and texts no formulas.
func TestWorkbook(t *testing.T) {
	p := plan.Plan{Tasks: []plan.Task{{Step: plan.Correct, SKU: "=1+1", ID: "007", Rule: "QN", Held: []plan.Held{held(verdict.Pos, "qoh", units(-2))}}}}
	var b bytes.Buffer
	if _, err := worklist.Write(&b, &p, rowfile.XLSX, false); err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := book.GetRows("Worklist")
	if err != nil || len(rows) != 2 || rows[1][0] != "=1+1" || rows[1][2] != "007" || rows[1][6] != "-2" {
		t.Errorf("%q: %v", rows, err)
	}
	if of, err := book.GetCellFormula("Worklist", "A2"); of != "" || err != nil {
		t.Errorf("a formula: %q, %v", of, err)
	}
	if kind, err := book.GetCellType("Worklist", "G2"); kind == excelize.CellTypeSharedString || kind == excelize.CellTypeInlineString || err != nil {
		t.Errorf("the quantity is a text: %v, %v", kind, err)
	}
}
