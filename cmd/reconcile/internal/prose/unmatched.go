package prose

import (
	"fmt"
	"strings"

	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/signs"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules/explain"
)

// unmatched says what the status of an item, or of all rows of a duplicate, means, what was read of each row, and which
// rows of the other side look like it.
func (e *explanations) unmatched(items []*report.Item) {
	it := items[0]
	e.page.Line("")
	e.page.Text(2, 0, e.meaning(it))
	if in := e.Meant(it); in != nil {
		e.page.Text(2, 0, "It is meant to be. "+excuse(&explain.Explanation{Intent: in.Block, Excuses: in.Why}))
	}
	for _, it := range items {
		e.row(it)
	}
	if (it.Status == verdict.PosOnly || it.Status == verdict.StoreOnly) && !it.Parent {
		if other := it.Side().Other(); e.Result.Source(other).Skipped > 0 {
			e.page.Text(2, 0, "But "+e.Result.MaybeSkipped(other))
		}
		e.alike(it)
	}
	for _, r := range e.Program.Rules {
		if r.Code == e.code && r.On != it.Status {
			e.page.Text(2, 0, fmt.Sprintf("Rule %s has no cell here: it is about items that are %s.", e.code, r.On))
		}
	}
}

func (e *explanations) meaning(it *report.Item) string {
	other := it.Side().Other()
	if it.Parent {
		return fmt.Sprintf("It is the parent of variants that %s has, so it is not missing there: variants are what is compared.", e.SourceName(other))
	}
	switch it.Status {
	case verdict.PosOnly:
		return fmt.Sprintf("No item in %s has this key, so there is nothing to compare it with: it is not linked online.", e.SourceName(other))
	case verdict.StoreOnly:
		return fmt.Sprintf("No item in %s has this key, so there is nothing to compare it with: the point of sale does not know it.", e.SourceName(other))
	case verdict.Unreadable:
		return "It is not missing: its row is there, but could not be read, so there is nothing to compare. Mend it in the source."
	case verdict.Duplicate:
		return "Its key occurs more than once on a side. Nobody can tell which rows belong together, so none of them is paired. Make the SKUs unique, or remove the row that is one too many."
	}
	return "It has no key, so it is never paired. Give it a SKU."
}

// row writes what was read of a row, so that rows with one SKU can be told apart.
func (e *explanations) row(it *report.Item) {
	for _, side := range verdict.Sides {
		if u := it.Unreadable[side]; u != nil {
			e.page.Text(2, 2, fmt.Sprintf("%s: not read: %s", side, u.Reason))
		}
	}
	side, row := it.Side(), it.Row(it.Side())
	if !row.Has() {
		return
	}
	var parts []string
	for _, f := range row.Batch.Schema().Fields() {
		v := row.Value(f.Name)
		if v.Text() == "" || f.Name == "sku" && v.Str() == it.SKU() && it.Status != verdict.Duplicate {
			continue
		}
		parts = append(parts, f.Name+" "+explain.ValueText(v))
	}
	e.page.Text(2, 2, fmt.Sprintf("%s: %s", side, strings.Join(parts, ", ")))
}

// alike names the rows of the other side whose SKUs look like the item's.
func (e *explanations) alike(of *report.Item) {
	for _, a := range e.Alike(of) {
		there := fmt.Sprintf(`%s has "%s" (%s)`, e.SourceName(of.Side().Other()), signs.Blanks(a.SKU), a.Item.Status)
		if a.Rewritten {
			e.page.Text(2, 2, there+": a spreadsheet may have made one SKU of the other. If the two are one item, neither upload nor enter it. "+report.ExcelRemedy)
			continue
		}
		said := there + ", which differs only in " + a.DiffersIn + "."
		if a.Item.Status == verdict.PosOnly || a.Item.Status == verdict.StoreOnly { // it has no partner yet, either
			said += " If the two are one item, give them the same SKU"
			if a.Key != "" {
				said += ", or have this line in the reconciliation's block pair them"
			}
			said += "."
		}
		e.page.Text(2, 2, said)
		if a.Key != "" {
			e.page.Text(6, 2, "key = "+a.Key)
			e.page.Text(4, 0, "Whether it makes new duplicates was not looked at: that takes a whole run, which proposes one key for all such pairs and says what it would do.")
		}
	}
}
