package main

import (
	"fmt"
	"strings"

	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules/explain"
)

// unmatched says what the status of an item, or of all rows of a duplicate, means, what was read of each row, and which
// rows of the other side look like it.
func (e *explanations) unmatched(items []*report.Item) {
	it := items[0]
	e.page.line("")
	e.page.text(2, 0, e.meaning(it))
	for _, it := range items {
		e.row(it)
	}
	if it.Status == verdict.PosOnly || it.Status == verdict.StoreOnly {
		e.alike(it.Side(), it.Row(it.Side()))
	}
	for _, r := range e.program.Rules {
		if r.Code == e.code && r.On != it.Status {
			e.page.text(2, 0, fmt.Sprintf("Rule %s has no cell here: it is about items that are %s.", e.code, r.On))
		}
	}
}

func (e *explanations) meaning(it *report.Item) string {
	other := it.Side().Other()
	switch it.Status {
	case verdict.PosOnly:
		return fmt.Sprintf("No item in %s has this key, so there is nothing to compare it with: it is not linked online.", e.source(other))
	case verdict.StoreOnly:
		return fmt.Sprintf("No item in %s has this key, so there is nothing to compare it with: the point of sale does not know it.", e.source(other))
	case verdict.Duplicate:
		return "Its key occurs more than once on a side. Nobody can tell which rows belong together, so none of them is paired. Make the SKUs unique, or remove the row that is one too many."
	}
	return "It has no key, so it is never paired. Give it a SKU."
}

// row writes what was read of a row, so that rows with one SKU can be told apart.
func (e *explanations) row(it *report.Item) {
	side, row := it.Side(), it.Row(it.Side())
	var parts []string
	for _, f := range row.Batch.Schema().Fields() {
		v := row.Value(f.Name)
		if v.Text() == "" || f.Name == "sku" && v.Str() == it.SKU() && it.Status != verdict.Duplicate {
			continue
		}
		parts = append(parts, f.Name+" "+explain.ValueText(v))
	}
	e.page.text(2, 2, fmt.Sprintf("%s: %s", side, strings.Join(parts, ", ")))
}

// alike names the rows of the other side whose SKUs look like the row's.
func (e *explanations) alike(side verdict.Side, row report.Row) {
	sku := row.Value("sku").Str()
	shown := 0
	for _, it := range e.items {
		across := it.Row(side.Other())
		other := across.Value("sku").Str()
		if !across.Has() || other == sku || lookOf(sku) == "" || lookOf(other) != lookOf(sku) {
			continue
		}
		said := fmt.Sprintf(`%s has "%s" (%s), which differs only in %s.`, e.source(side.Other()), other, it.Status, differsIn(sku, other))
		if it.Status == verdict.PosOnly || it.Status == verdict.StoreOnly { // it has no partner yet, either
			said += " If the two are one item, give them the same SKU" + keyFor(sku, other) + "."
		}
		e.page.text(2, 2, said)
		if shown++; shown == mostNear {
			return
		}
	}
}
