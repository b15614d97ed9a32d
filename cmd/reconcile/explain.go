package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules/explain"
	"github.com/reconcilehq/reconcile/rules/expr"
)

func explainCommand(a *app) *cobra.Command {
	var name string
	cmd := &cobra.Command{
		Use:   "explain SKU [RULE]",
		Short: "Say why an item's cells are what they are",
		Long: `Explain reads both sources as run does, finds the item, and says of each rule how it came to its cell: the condition
as it is written and with the item's values put in, which part of it decided, what explained or excused the
discrepancy, and what to do. Of an item that is not matched it says why, and which SKUs of the other side look alike.

SKU is the item's own SKU, or the key that it is paired by. Rules that simply read S are only listed, unless RULE
names one.`,
		Example: `  reconcile explain PUMP-F
  reconcile explain PUMP-F QP`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.explain(cmd.Context(), name, args[0], strings.Join(args[1:], ""))
		},
	}
	a.addCopyFlags(cmd)
	cmd.Flags().StringVar(&name, "reconciliation", "", "which reconciliation; may be left out when there is one")
	return cmd
}

func (a *app) explain(ctx context.Context, name, sku, code string) error {
	p, err := a.prepare(ctx, name)
	if err != nil {
		return err
	}
	defer p.Close()
	if err := p.knows(code); err != nil {
		return err
	}
	result, err := p.reconcile(ctx, true)
	if err != nil {
		return err
	}
	f := &finder{prepared: p}
	if err := f.hold(result); err != nil {
		return err
	}
	items := f.find(sku)
	if len(items) == 0 {
		return f.notFound(sku)
	}
	e := &explanations{finder: f, page: a.textPage(), code: code}
	for _, r := range p.program.Rules {
		e.page.label(r.Code)
	}
	for i, group := range f.groups(items) {
		if i > 0 {
			e.page.line("")
		}
		e.group(group)
	}
	return e.page.flush(a.stdout)
}

// knows returns an error unless the reconciliation has a rule of that code, or code is empty.
func (p *prepared) knows(code string) error {
	var known []string
	for _, r := range p.reconciliation.Rules {
		if known = append(known, r.Code); r.Code == code {
			return nil
		}
	}
	if code == "" {
		return nil
	}
	meant := ""
	if near := expr.Nearest(code, known); near != "" {
		meant = fmt.Sprintf(" Did you mean %s?", near)
	}
	return fmt.Errorf("reconciliation %q has no rule %q.%s It has %s", p.reconciliation.Name, code, meant, strings.Join(known, ", "))
}

// explanations writes what there is to say of items.
type explanations struct {
	*finder
	page *textPage
	code string // the rule that was asked for; "" for all
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
				e.page.line("")
				e.row(it)
			}
			e.rules(it)
		}
	}
}

// rules explains the cells of an item.
func (e *explanations) rules(it *report.Item) {
	pair := explain.Pair{On: it.Status, Pos: it.Pos.Batch, PosRow: it.Pos.I, Store: it.Store.Batch, StoreRow: it.Store.I, Key: e.key(it)}
	list := explain.Cells(e.config, e.program, pair, time.Now())
	if e.code != "" {
		list = slices.DeleteFunc(list, func(x explain.Explanation) bool { return x.Code != e.code })
	}
	var plain []string
	for i := range list {
		if x := &list[i]; x.Plain() && e.code == "" {
			plain = append(plain, x.Code)
		} else {
			e.page.line("")
			e.page.explanation(x, 0)
		}
	}
	if len(plain) > 0 {
		e.page.line("")
		e.page.labelled("S", verdict.Synchronized, strings.Join(plain, ", "), 0)
	}
}

// heading writes which item it is, what became of it, and where it was found.
func (e *explanations) heading(items []*report.Item) {
	it := items[0]
	sku := it.SKU()
	if sku == "" {
		sku = "(no SKU)"
	} else if strings.TrimSpace(sku) != sku {
		sku = `"` + sku + `"`
	}
	e.page.heading(sku, it.Name())
	var rows [2]int
	for _, it := range items {
		for _, side := range verdict.Sides {
			if it.Row(side).Has() {
				rows[side]++
			}
		}
	}
	var where []string
	for _, side := range verdict.Sides {
		switch n := rows[side]; {
		case n > 0 && it.Status == verdict.Duplicate:
			where = append(where, count(n, "row")+" in "+e.source(side))
		case n > 0:
			where = append(where, "in "+e.source(side))
		}
	}
	e.page.text(0, 0, fmt.Sprintf("%s: %s; reconciliation %q", it.Status, strings.Join(where, " and "), e.reconciliation.Name))
	if key := e.key(it); key != "" && key != it.SKU() {
		e.page.text(0, 0, fmt.Sprintf("paired by the key %s", explain.ValueText(catalog.StringValue(key))))
	}
}

// source names a side for people: pos (amberpos.shop).
func (f *finder) source(side verdict.Side) string {
	source := f.result.Source(side)
	return fmt.Sprintf("%s (%s.%s)", side, source.Connector, source.Name)
}
