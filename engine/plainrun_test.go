package engine

import (
	"context"
	"fmt"
	"slices"

	"pgregory.net/rapid"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules"
)

// plainRun is the plainest way there is to what Run does: maps of lists, and the rules on one pair after the other.
func plainRun(job Job, keyOf func(sku string) string, pos, store *memorySource) (lines, unused []string, doubts []report.Doubt) {
	type item struct {
		batch *catalog.Batch
		row   int
		key   string

		place  int
		unread *catalog.Unreadable
	}
	var items [2][]item
	byKey := [2]map[string][]item{{}, {}}
	p := job.Program
	sources := [2]*memorySource{pos, store}
	for _, side := range verdict.Sides {
		schema := []*catalog.Schema{p.Pos, p.Store}[side]
		add := func(it item) {
			items[side] = append(items[side], it)
			byKey[side][it.key] = append(byKey[side][it.key], it)
		}
		place := 0
		_, _ = sources[side].Read(context.Background(), schema, unreadFunc(func(list []catalog.Unreadable) {
			for _, it := range list {
				if keyOf != nil {
					add(item{key: keyOf(it.SKU), unread: &it})
				}
			}
		}), func(b *catalog.Batch) error {
			keys := p.Keys(side, b)
			for i := range b.Len() {
				add(item{batch: b, row: i, key: keys.At(i), place: place})
				place++
			}
			return nil
		})
	}
	paired := false              // an item is on both sides
	parents := map[string]bool{} // keys of those that a matched item names
	for key, list := range byKey[0] {
		if across := byKey[1][key]; keyOf != nil && !catalog.Blank(key) && len(list) == 1 && len(across) == 1 && list[0].batch != nil && across[0].batch != nil {
			for _, it := range []item{list[0], across[0]} {
				parents[keyOf(it.batch.Value("parent_sku", it.row).Str())] = true
			}
		}
	}
	weight := report.Doubt{Rule: slices.IndexFunc(p.Rules, func(r rules.CompiledRule) bool { return r.Code == "D" })}
	e := p.NewEvaluator()
	for _, side := range verdict.Sides {
		for _, it := range items[side] {
			own, across := byKey[side][it.key], byKey[side.Other()][it.key]
			status := verdict.NoKey
			switch {
			case it.key == "":
			case len(own) > 1 || len(across) > 1:
				status = verdict.Duplicate
			case len(across) == 0 && it.unread != nil:
				status = verdict.Unreadable
			case len(across) == 0:
				status = side.Only()
			case side == verdict.Store:
				continue // listed with its partner
			case it.unread != nil || across[0].unread != nil:
				status = verdict.Unreadable
			default:
				status = verdict.Matched
			}
			if it.unread != nil || status == verdict.Unreadable {
				var both [2]*catalog.Unreadable
				both[side] = it.unread
				name := ""
				if it.batch != nil {
					name = it.batch.Value("name", it.row).Str()
				}
				if status == verdict.Unreadable && len(across) > 0 {
					if both[side.Other()] = across[0].unread; it.batch == nil && across[0].batch != nil {
						name = across[0].batch.Value("name", across[0].row).Str()
					}
				}
				lines = append(lines, unreadLine(status, name, both))
				continue
			}
			var cells []rules.Cell
			switch {
			case status == verdict.Matched:
				cells, _ = e.Evaluate(it.batch, it.row, across[0].batch, across[0].row, it.key)
			case p.About(status):
				cells, _ = e.EvaluateOne(status, side, it.batch, it.row, it.key)
			}
			line := fmt.Sprintf("%d/%d %s %s", side, it.place, status, it.batch.Value("name", it.row).Str())
			intended := -1
			if status == verdict.PosOnly || status == verdict.StoreOnly {
				intended = e.Intended(status, side, it.batch, it.row, it.key)
			}
			found := status != verdict.Matched && intended < 0
			switch {
			case intended >= 0:
				line += " meant by " + p.Intentional[intended].Name
				if cells == nil {
					cells, _ = e.EvaluateOne(status, side, it.batch, it.row, it.key)
				}
			case status == side.Only() && parents[it.key]:
				line += " parent"
			}
			for i, c := range cells {
				line += fmt.Sprintf(" %c%d%v", c.State, c.Intent, e.Explains(i))
				found = found || c.State == verdict.NotSynchronized || c.State == verdict.Intentional
			}
			if status == verdict.Matched {
				paired = true
				class := plainClass(p, cells)
				line += " " + class
				weighPlainly(&weight, cells[weight.Rule], across[0].batch.Value("price", across[0].row), it.batch.Value("qoh", it.row))
				found = found || job.Unchecked && class == "not_checked"
			}
			if intended >= 0 && plainClass(p, cells) == "not_checked" {
				found = found || job.Unchecked
			}
			if found || job.All {
				lines = append(lines, line)
			}
		}
	}
	for i, used := range e.Used() {
		if !used && paired {
			unused = append(unused, p.Intentional[i].Name)
		}
	}
	if weight.Against >= 2 && weight.Against > weight.For {
		doubts = append(doubts, weight)
	}
	return lines, unused, doubts
}

func linesOf(t *rapid.T, p *rules.Program, r *report.Result) (lines []string) {
	places := map[string]int{}
	for i, in := range p.Intentional {
		places[in.Name] = i
	}
	list, err := r.List()
	if err != nil {
		t.Fatal(err)
	}
	for _, it := range list {
		if it.Unreadable != [2]*report.Unreadable{} {
			var unread [2]*catalog.Unreadable
			for side, u := range it.Unreadable {
				if u != nil {
					unread[side] = &catalog.Unreadable{SKU: u.SKU, Reason: u.Reason}
				}
			}
			lines = append(lines, unreadLine(it.Status, it.Name(), unread))
			continue
		}
		side, row := it.Side(), it.Row(it.Side())
		if it.Status == verdict.Matched && !it.Store.Has() {
			t.Fatalf("%v has no store row", it)
		}
		line := fmt.Sprintf("%d/%d %s %s", side, row.Place, it.Status, row.Value("name").Str())
		switch {
		case it.Intended() != nil:
			line += " meant by " + it.Intended().Name
		case it.Parent:
			line += " parent"
		}
		if it.Outcome != nil {
			for i, c := range it.Outcome.Cells {
				intent := -1
				if in := it.Outcome.Intents[i]; in != nil {
					intent = places[in.Name]
				}
				var explains []int
				if it.Outcome.Explains != nil {
					explains = it.Outcome.Explains[i]
				}
				line += fmt.Sprintf(" %c%d%v", byte(c), intent, explains)
			}
			if it.Status == verdict.Matched {
				line += " " + it.Outcome.Class.String()
			}
		}
		lines = append(lines, line)
	}
	return lines
}

// weighPlainly counts a pair for or against the rule D, of which the doubt is that the price in the store is the quantity here.
func weighPlainly(weight *report.Doubt, cell rules.Cell, price, qoh catalog.Value) {
	if cell.State == verdict.NotSynchronized || cell.State == verdict.Intentional {
		weight.For++
	}
	isAbout := cell.State != verdict.NotApplicable || cell.Unknown
	if isAbout && !price.IsNull() && !qoh.IsNull() && price.Equal(qoh) {
		weight.Against++
	}
}

// plainClass says what the documentation says.
func plainClass(p *rules.Program, cells []rules.Cell) string {
	any := func(of func(rules.Cell, verdict.Severity) bool) bool {
		for i, c := range cells {
			if of(c, p.Rules[i].Severity) {
				return true
			}
		}
		return false
	}
	switch {
	case any(func(c rules.Cell, s verdict.Severity) bool {
		return c.State == 'N' && (s == verdict.Error || s == verdict.Warning)
	}):
		return "not_synchronized"
	case any(func(c rules.Cell, s verdict.Severity) bool { return c.Unknown && s == verdict.Error }):
		return "not_checked"
	case any(func(c rules.Cell, _ verdict.Severity) bool { return c.State == 'I' }):
		return "intentional"
	}
	return "synchronized"
}
