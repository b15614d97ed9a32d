package report

import (
	"slices"
	"strings"

	"github.com/reconcilehq/reconcile/engine/verdict"
)

// mostFiltered is of how many SKUs it is said one by one why they are not shown.
const mostFiltered = 20

// whyFiltered says why no item is shown of those that were asked for by SKU or rule. It speaks of these only.
func (r *Result) whyFiltered(o Options) string {
	var filters []string
	if o.Problems {
		filters = append(filters, "--problems")
	}
	for _, code := range o.Rules {
		filters = append(filters, "--rule "+clean(code))
	}
	for _, sku := range o.SKUs {
		filters = append(filters, "--sku "+clean(sku))
	}
	text := "No item shown: none matches " + strings.Join(filters, " ") + "."
	if len(o.SKUs) > 0 {
		return text + r.whySKUs(o)
	}
	for i := range r.Rules {
		if slices.Contains(o.Rules, r.Rules[i].Code) {
			text += " " + clean(r.Rules[i].Code) + ": " + r.whyRule(i, o) + "."
		}
	}
	return text
}

// whyRule says what became of the items that a rule is about.
func (r *Result) whyRule(rule int, o Options) string {
	var parts []string
	if n := r.Summary.cells(rule, verdict.NotSynchronized); n > 0 {
		parts = append(parts, count(n)+" not synchronized")
	}
	if n := r.Summary.cells(rule, verdict.Synchronized); n > 0 {
		parts = append(parts, count(n)+" synchronized")
	}
	if also := r.also(rule); also != "" {
		parts = append(parts, also)
	}
	if len(parts) == 0 {
		return "it is about none of these items"
	}
	if o.flags && !o.listsUnchecked() && r.Summary.unknown(rule) > 0 {
		parts = append(parts, "--unchecked shows what was unknown")
	}
	return strings.Join(parts, ", ")
}

// whySKUs says of each SKU that was asked for what its items are.
func (r *Result) whySKUs(o Options) string {
	found := map[string][]string{}
	for it, err := range r.Items {
		if err != nil {
			return "" // what was read says nothing of the rest
		}
		for _, sku := range o.SKUs {
			if it.hasSKU(sku) && len(found[sku]) < mostFiltered {
				found[sku] = append(found[sku], r.whyItem(it, o))
			}
		}
	}
	text := ""
	for _, sku := range o.SKUs[:min(len(o.SKUs), mostFiltered)] {
		switch said := found[sku]; {
		case len(said) > 0:
			text += ` "` + clean(sku) + `" is ` + strings.Join(slices.Compact(said), ", and ") + "."
		case !r.Whole:
			text += ` "` + clean(sku) + `" is not among the discrepancies.`
		default:
			text += ` No item has the SKU "` + clean(sku) + `"`
			if r.Skipped() > 0 {
				text += ", but rows were skipped because they could not be read, and it may be among them"
			}
			text += "."
		}
	}
	return text
}

// whyItem says what an item is that was asked for and is not shown, and which flag shows it.
func (r *Result) whyItem(it *Item, o Options) string {
	text := r.class(it)
	if it.Status != verdict.Matched {
		text = it.Status.String()
		if of := r.class(it); of != text {
			text += " (" + of + ")"
		}
	}
	for i := range r.Rules {
		if it.Outcome == nil || !slices.Contains(o.Rules, r.Rules[i].Code) {
			continue
		}
		switch cell := it.Outcome.Cells[i]; {
		case cell == verdict.NotThere:
			text += ", and " + clean(r.Rules[i].Code) + " is not about it"
		case it.Outcome.IsUnknown(i):
			text += ", and " + clean(r.Rules[i].Code) + " unknown"
		default:
			text += ", and " + clean(r.Rules[i].Code) + " says " + cell.String()
		}
	}
	switch {
	case !o.flags:
	case it.unchecked() && !o.listsUnchecked():
		text += "; --unchecked shows what was unknown"
	case !o.All && !o.Problems && it.Quiet():
		text += "; --all shows it"
	}
	return text
}
