// Package worklist makes of a plan the list of what people have to do: which value of which item is to be corrected, and on which side. Nothing
// writes to a point of sale, so what is to be corrected there is in no other file.
package worklist

import (
	"io"
	"slices"
	"strings"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/change"
	"github.com/reconcilehq/reconcile/engine/plan"
	"github.com/reconcilehq/reconcile/engine/verdict"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/rowfile"
)

// line is one field of one item that somebody has to look after.
type line struct {
	sku, name, id, rule string
	where               string // on which side
	field               string // "": it is not about one
	now                 [2]catalog.Value
	proposed            rowfile.Cell
	note                string
}

// Where something is to be done.
const (
	inPos    = "POS"
	inStore  = "store"
	inEither = "POS or store" // the rule cannot know which of both is wrong
)

// columns of the file.
var columns = []rowfile.Column{{Name: "sku", Wide: 18}, {Name: "name", Wide: 30}, {Name: "id", Wide: 12}, {Name: "rule", Wide: 8}, {Name: "where", Wide: 13}, {Name: "field", Wide: 14},
	{Name: "pos", Wide: 20}, {Name: "store", Wide: 20}, {Name: "proposed", Wide: 20}, {Name: "note", Wide: 60}}

// Has reports whether there is something for people in a plan.
func Has(p *plan.Plan) bool { return len(p.Tasks) > 0 || p.ByHand && len(p.Changes) > 0 }

// Write writes the worklist of a plan in a format of rowfile. bom is for CSV. It returns how many lines there are.
func Write(w io.Writer, p *plan.Plan, format string, bom bool) (lines int, err error) {
	t := rowfile.Table{Title: "Worklist", Columns: columns, BOM: bom}
	t.Rows = func(take func([]rowfile.Cell) error) error {
		for _, l := range linesOf(p) {
			if err := take(l.cells()); err != nil {
				return err
			}
			lines++
		}
		return nil
	}
	err = t.Write(w, format)
	return lines, err
}

// linesOf returns what people have to do, in the order of the plan's steps.
func linesOf(p *plan.Plan) (list []line) {
	for i := range p.Tasks {
		list = append(list, ofTask(&p.Tasks[i])...)
	}
	if !p.ByHand {
		return list
	}
	seen := map[string]plan.Seen{}
	for _, s := range p.Seen {
		seen[s.SKU] = s
	}
	for i := range p.Changes {
		c := &p.Changes[i]
		l := line{sku: c.SKU, name: c.Name, id: c.ID, rule: strings.Join(c.Rules, ", "), where: inStore, field: c.Field, proposed: cellOf(c.Will), note: "The store's connector only reads: set it in the store."}
		l.now[verdict.Store] = c.Expected
		if v, err := change.ParseValue(c.Type, seen[c.SKU].Pos[c.Field]); err == nil { // else it has none of that name and type
			l.now[verdict.Pos] = v
		}
		list = append(list, l)
	}
	return list
}

// ofTask returns a line for each field that a task is about.
func ofTask(t *plan.Task) (list []line) {
	about := line{sku: t.SKU, name: t.Name, id: t.ID, rule: t.Rule, note: t.Note}
	var fields []string
	for _, h := range t.Held {
		ordered := t.Step == plan.ImportOrders && h.Side != verdict.Pos // what the orders change is in the point of sale
		if !ordered && !slices.Contains(fields, h.Field) {
			fields = append(fields, h.Field)
		}
	}
	for _, field := range fields {
		l, sides := about, 0
		l.field = field
		for _, h := range t.Held {
			if h.Field == field {
				l.now[h.Side], l.where = h.Value, [...]string{verdict.Pos: inPos, verdict.Store: inStore}[h.Side]
				sides++
			}
		}
		switch {
		case t.Step == plan.ImportOrders:
			l.where = inPos
		case sides > 1:
			l.where = inEither
		}
		if field == t.Field {
			l.proposed = rowfile.Cell{Text: t.Value, Number: l.now[verdict.Store].Type() == catalog.Number}
		}
		list = append(list, l)
	}
	if len(list) == 0 {
		about.where = inEither
		if t.Step == plan.ImportOrders {
			about.where = inPos
		}
		list = append(list, about)
	}
	return list
}

func (l line) cells() []rowfile.Cell {
	text := func(s string) rowfile.Cell { return rowfile.Cell{Text: s} }
	return []rowfile.Cell{text(l.sku), text(l.name), text(l.id), text(l.rule), text(l.where), text(l.field),
		cellOf(l.now[verdict.Pos]), cellOf(l.now[verdict.Store]), l.proposed, text(l.note)}
}

// cellOf returns a value as it is read again: an unknown one is empty.
func cellOf(v catalog.Value) rowfile.Cell {
	return rowfile.Cell{Text: v.Text(), Number: v.Type() == catalog.Number && !v.IsNull()}
}
