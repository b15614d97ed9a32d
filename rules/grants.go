package rules

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/rules/expr"
)

// warnDays is how long before an intentional block expires a warning says so.
const warnDays = 14

// CompiledIntentional is an intentional block, or a line of its file, that concerns this reconciliation and has not
// expired.
type CompiledIntentional struct {
	*Intentional
	covers   []bool     // by rule
	where    *expr.Expr // nil: every item
	sides    [2]bool    // which sides where reads
	accepted []pinned
	gone     bool // it is pinned to a field that is not there any more
}

// pinned is an accepted value, with the place of its field in what is read.
type pinned struct {
	side, column int
	text         string
}

// BuiltIn reports whether it stands in no block: it is websync's.
func (in *Intentional) BuiltIn() bool { return in.builtIn }

// intentional adds an intentional block to the program, if it concerns one of its rules and has not expired.
func (co *compiler) intentional(p *Program, in *Intentional, places map[string]int) {
	c := CompiledIntentional{Intentional: in, covers: make([]bool, len(places))}
	concerned := false
	for _, code := range in.Rules {
		if i, ok := places[code]; ok {
			c.covers[i], concerned = true, true
		}
	}
	if !concerned {
		return
	}
	if in.where != nil {
		if c.where = co.where(in); c.where != nil {
			c.sides = sidesOf(c.where)
		}
	}
	co.pin(&c)
	if in.Expired(co.now) {
		return
	}
	at := int32(len(p.Intentional))
	p.Intentional = append(p.Intentional, c)
	if len(in.SKUs) == 0 {
		p.general = append(p.general, at)
		return
	}
	if p.byKey == nil {
		p.byKey = map[string][]int32{}
	}
	for _, sku := range in.SKUs {
		p.byKey[sku] = append(p.byKey[sku], at)
	}
}

// where compiles a block's condition, once for all lines of its file.
func (co *compiler) where(in *Intentional) *expr.Expr {
	if compiled, ok := co.wheres[in.Range]; ok {
		return compiled
	}
	compiled := co.condition(in.where, co.scope(), `The "where" of an intentional block`)
	co.wheres[in.Range] = compiled
	return compiled
}

// pin finds the fields that accepted values are of, and has them read.
func (co *compiler) pin(c *CompiledIntentional) {
	for _, a := range c.Accepted {
		side := slices.Index([]string{"pos", "store"}, a.Side)
		schema := co.schemas[side]
		if schema == nil {
			continue
		}
		column := schema.Index(a.Field)
		if column < 0 {
			c.gone = true
			return
		}
		co.used[side][a.Field] = true
		c.accepted = append(c.accepted, pinned{side, column, a.Text})
	}
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
		concerned := slices.ContainsFunc(in.Rules, func(code string) bool { _, ok := places[code]; return ok })
		switch {
		case !concerned || in.Expires.IsZero() || co.now.IsZero():
		case in.Expired(co.now):
			expired = add(expired, in)
		case in.ExpiresWithin(warnDays, co.now):
			soon = add(soon, in)
		}
	}
	for _, g := range expired {
		co.warn(g.first.Range, "Intentional block has expired", "%s Give it a later date, or remove it.", describeDates(g.first, g.lines, "held until",
			"The discrepancies in "+strings.Join(g.first.Rules, ", ")+" are reported as N again."))
	}
	for _, g := range soon {
		co.warn(g.first.Range, "Intentional block expires soon", "%s", describeDates(g.first, g.lines, "holds until", "After that its discrepancies are reported as N again."))
	}
}

// describeDates says which block, or which lines of its file, a date is about.
func describeDates(in *Intentional, lines []string, holds, then string) string {
	if in.File == "" {
		return fmt.Sprintf("%q %s %s. %s", in.Name, holds, in.Expires.Format(time.DateOnly), then)
	}
	return fmt.Sprintf("%q: the date in %s %s. %s", in.Name, some(lines), map[string]string{"held until": "is past", "holds until": "is near"}[holds], then)
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
	co.diags = append(co.diags, &hcl.Diagnostic{Severity: hcl.DiagWarning, Summary: summary, Detail: fmt.Sprintf(format, args...), Subject: &at})
}
