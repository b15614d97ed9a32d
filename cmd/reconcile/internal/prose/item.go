package prose

import (
	"fmt"
	"slices"
	"strings"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/signs"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules/explain"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/session"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/words"
)

// explanations writes what there is to say of items.
type explanations struct {
	*session.Held
	page *Page
	code string // the rule that was asked for; "" for all
}

// Explain writes what there is to say of items, of the rule of that code or, if it is "", of all rules.
func (p *Page) Explain(h *session.Held, items []*report.Item, code string) {
	e := &explanations{h, p, code}
	for _, r := range h.Program.Rules {
		p.Label(r.Code)
	}
	for i, group := range h.Groups(items) {
		if i > 0 {
			p.Line("")
		}
		e.group(group)
	}
}

// group explains one item, or all rows of a duplicate.
func (e *explanations) group(items []*report.Item) {
	e.heading(items)
	if items[0].Status != verdict.Matched {
		e.unmatched(items)
	}
	for _, it := range items {
		if it.Outcome != nil {
			if len(items) > 1 {
				e.page.Line("")
				e.row(it)
			}
			e.rules(it)
		}
	}
}

// rules explains the cells of an item.
func (e *explanations) rules(it *report.Item) {
	list := e.Held.Explain(it)
	if e.code != "" {
		list = slices.DeleteFunc(list, func(x explain.Explanation) bool { return x.Code != e.code })
	}
	var plain []string
	for i := range list {
		if x := &list[i]; x.Plain() && e.code == "" {
			plain = append(plain, x.Code)
		} else {
			e.page.Line("")
			e.page.explanation(x, 0)
		}
	}
	if len(plain) > 0 {
		e.page.Line("")
		e.page.Labelled("S", verdict.Synchronized, strings.Join(plain, ", "), 0)
	}
}

// heading writes which item it is, what became of it, and where it was found.
func (e *explanations) heading(items []*report.Item) {
	it := items[0]
	sku := it.SKU()
	if sku == "" {
		sku = "(no SKU)"
	} else if strings.TrimSpace(sku) != sku {
		sku = `"` + signs.Blanks(sku) + `"`
	}
	e.page.Heading(sku, it.Name())
	var rows [2]int
	for _, it := range items {
		for _, side := range verdict.Sides {
			if _, there := it.SKUOn(side); there {
				rows[side]++
			}
		}
	}
	var where []string
	for _, side := range verdict.Sides {
		switch n := rows[side]; {
		case n > 0 && it.Status == verdict.Duplicate:
			where = append(where, words.Count(n, "row")+" in "+e.SourceName(side))
		case n > 0:
			where = append(where, "in "+e.SourceName(side))
		}
	}
	e.page.Text(0, 0, fmt.Sprintf("%s: %s; reconciliation %q", it.Status, strings.Join(where, " and "), e.Reconciliation.Name))
	if key := e.Key(it); key != "" && key != it.SKU() {
		e.page.Text(0, 0, fmt.Sprintf("paired by the key %s", explain.ValueText(catalog.StringValue(key))))
	}
	e.itemPages(items)
}

// itemPages writes where people see and change the item on its platforms. An address stands in one line, so that it can be followed.
func (e *explanations) itemPages(items []*report.Item) {
	var told []string
	for _, it := range items {
		for _, side := range verdict.Sides {
			if page := e.Result.PageOf(side, it); page != "" && !slices.Contains(told, page) {
				told = append(told, page)
				e.page.Line(fmt.Sprintf("page in %s: %s", e.page.Prose.Clean(e.SourceName(side)), page))
			}
		}
	}
}
