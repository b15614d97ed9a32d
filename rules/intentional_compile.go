package rules

import (
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules/block"
	"github.com/reconcilehq/reconcile/rules/expr"
)

// warnDays is how long before an intentional block expires a warning says so.
const warnDays = 14

// CompiledIntentional is an intentional block, or a line of its file, that concerns this reconciliation and has not
// expired.
type CompiledIntentional struct {
	*Intentional
	covers   []bool // by rule; nil if it is about items of one side
	statuses [len(verdict.Statuses)]bool
	where    *expr.Expr // nil: every item
	sides    [2]bool    // which sides where reads
	accepted []pinned
	gone     bool // it is pinned to a field that is not there any more
}

// pinned is an accepted value, with the place of its field in what is read.
type pinned struct {
	side   verdict.Side
	column int
	text   string
}

// Fields returns the fields that its where reads.
func (in *CompiledIntentional) Fields() []expr.Ref {
	if in.where == nil {
		return nil
	}
	return in.where.Fields()
}

// BuiltIn reports whether it stands in no block: it is what the websync settings say.
func (in *Intentional) BuiltIn() bool { return in.builtIn }

// intentional adds an intentional block to the program, if it concerns one of its rules and has not expired. There may
// be ten thousands of them, lines of files, so what many have in common is made once.
func (co *compiler) intentional(p *Program, in *Intentional, places map[string]int) {
	covers := co.coverage(in.Rules, places)
	if covers == nil && len(in.Statuses) == 0 || !in.Concerns(co.reconciliation) {
		return
	}
	c := CompiledIntentional{Intentional: in, covers: covers}
	for _, status := range in.Statuses {
		c.statuses[status] = true
	}
	if in.Where != nil {
		if c.where = co.where(in); c.where != nil {
			c.sides = sidesOf(c.where)
			co.checkSide(in, &c)
		}
	}
	if !co.last {
		co.usePins(in)
		return
	}
	co.pin(&c)
	if in.OutOfTime(co.now) != "" {
		return
	}
	at := int32(len(p.Intentional))
	p.Intentional = append(p.Intentional, c)
	for _, status := range in.Statuses {
		p.intends[status] = true
	}
	if len(in.SKUs) == 0 {
		p.general = append(p.general, at)
		return
	}
	for _, key := range p.KeysNamed(in) {
		if key == "" {
			continue // no item has it
		}
		if first, taken := p.byKey[key]; !taken {
			p.byKey[key] = at
		} else if first != at {
			p.more[key] = append(p.more[key], at)
		}
	}
}

// coverage returns which of the program's rules the codes are; nil if none is.
func (co *compiler) coverage(codes []string, places map[string]int) []bool {
	id := strings.Join(codes, "\n")
	if covers, known := co.covers[id]; known {
		return covers
	}
	var covers []bool
	for _, code := range codes {
		if i, ok := places[code]; ok {
			if covers == nil {
				covers = make([]bool, len(places))
			}
			covers[i] = true
		}
	}
	co.covers[id] = covers
	return covers
}

// where compiles a block's condition, once for all lines of its file.
func (co *compiler) where(in *Intentional) *expr.Expr {
	if compiled, ok := co.wheres[in.Range]; ok {
		return compiled
	}
	compiled := co.condition(in.Where, co.scope(), `The "where" of an intentional block`)
	co.wheres[in.Range] = compiled
	return compiled
}

// usePins marks the fields of accepted values as read.
func (co *compiler) usePins(in *Intentional) {
	for _, a := range in.Accepted {
		if schema := co.schemas[a.Side]; schema != nil && !co.used[a.Side][a.Field] && schema.Index(a.Field) >= 0 {
			co.used[a.Side][a.Field] = true
		}
	}
}

// pin finds the fields that accepted values are of.
func (co *compiler) pin(c *CompiledIntentional) {
	if len(c.Accepted) == 0 {
		return
	}
	if cap(co.pins)-len(co.pins) < len(c.Accepted) {
		co.pins = make([]pinned, 0, max(1024, len(c.Accepted)))
	}
	from := len(co.pins)
	for _, a := range c.Accepted {
		column := co.schemas[a.Side].Index(a.Field)
		if column < 0 {
			c.gone = true
			return
		}
		co.pins = append(co.pins, pinned{a.Side, column, a.written(co.schemas[a.Side].Field(column).Type)})
	}
	c.accepted = co.pins[from:len(co.pins):len(co.pins)]
}

// InOtherCurrencies returns the places in Intentional of what is pinned to prices in other currencies than those that the sources have now,
// by field. Their numbers may be the same, and the amounts are not.
func (p *Program) InOtherCurrencies(now [2]map[string]catalog.Currency) map[int]bool {
	var places map[int]bool
	for at := range p.Intentional {
		for _, a := range p.Intentional[at].Accepted {
			if _, fits := a.Currency.Meet(now[a.Side][a.Field]); !fits {
				if places == nil {
					places = map[int]bool{}
				}
				places[at] = true
			}
		}
	}
	return places
}

// warnOfDates warns of blocks that have expired, and of those that will soon; of a file's lines with one warning each.
func (co *compiler) warnOfDates(places map[string]int) {
	type group struct {
		first *Intentional
		lines []string
	}
	var expired, soon []*group
	add := func(groups []*group, in *Intentional) []*group {
		for _, g := range groups {
			if g.first.Range == in.Range {
				g.lines = append(g.lines, in.Place())
				return groups
			}
		}
		return append(groups, &group{in, []string{in.Place()}})
	}
	for _, in := range co.config.Intentional {
		switch {
		case in.Expires.IsZero() || co.now.IsZero() || !in.Concerns(co.reconciliation):
		case co.coverage(in.Rules, places) == nil && len(in.Statuses) == 0:
		case in.Expired(co.now):
			expired = add(expired, in)
		case in.ExpiresWithin(warnDays, co.now):
			soon = add(soon, in)
		}
	}
	for _, g := range expired {
		co.warn(g.first.Range, "Intentional block has expired", "%s Give it a later date, or remove it.", describeDates(g.first, g.lines, "held until", "is past",
			"What it made intentional ("+strings.Join(g.first.About(), ", ")+") is reported again."))
	}
	for _, g := range soon {
		co.warn(g.first.Range, "Intentional block expires soon", "%s", describeDates(g.first, g.lines, "holds until", "is near", "After that, what it makes intentional is reported again."))
	}
}

// describeDates says which block a date is about, or which lines of its file. block is what a block does ("held until"), date
// what is the matter with the date of lines ("is past"), then what follows.
func describeDates(in *Intentional, lines []string, block, date, then string) string {
	if in.File == "" {
		return fmt.Sprintf("%q %s %s. %s", in.Name, block, in.Expires.Format(time.DateOnly), then)
	}
	return fmt.Sprintf("%q: the date in %s %s. %s", in.Name, some(lines), date, then)
}

// some lists the first few of many.
func some(list []string) string {
	const few = 5
	if len(list) <= few {
		return strings.Join(list, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(list[:few], ", "), len(list)-few)
}

func (co *compiler) warn(at hcl.Range, summary, format string, args ...any) {
	co.diags = append(co.diags, block.Warning(at, summary, format, args...))
}
