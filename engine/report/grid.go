package report

import (
	"slices"
	"strings"

	"github.com/reconcilehq/reconcile/engine/signs"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// grid is the table of items: SKU, name, a narrow column for each rule. What became of an unmatched item stands across
// the rules' columns, and an item's details across the whole table.
type grid struct {
	*page
	rows  []*Item
	below [][]detail // by row; nil without details

	sku, name int   // the widths of the texts
	rules     []int // the widths of the rules' columns, space around the letters included
}

// remarks say what became of an item that is not matched. Where there is no room only their first word stands.
var remarks = map[verdict.Status]string{
	verdict.PosOnly:    "pos_only: not linked online",
	verdict.StoreOnly:  "store_only: not in the POS",
	verdict.Duplicate:  "duplicate: key not unique",
	verdict.NoKey:      "no_key: nothing to pair by",
	verdict.Unreadable: "unreadable: not compared",
}

const noSKU = "(none)"

func newGrid(p *page, shown []*Item) *grid {
	g := &grid{page: p, rows: shown, sku: width("SKU"), name: width("Name")}
	unmatched := false
	for _, it := range shown {
		sku := skuText(it)
		if g.sku = max(g.sku, width(sku)); it.Status != verdict.Matched {
			p.mark(sku)
		}
		g.name = max(g.name, width(clean(it.Name())))
		unmatched = unmatched || it.Status != verdict.Matched || len(p.Rules) == 0
	}
	for i := range p.Rules {
		g.rules = append(g.rules, max(width(g.code(i))+2, 4))
	}
	g.addDetails()
	g.fit(unmatched)
	return g
}

// addDetails sets what stands below the items: all details where they are asked for, else what was unknown.
func (g *grid) addDetails() {
	below, some := make([][]detail, len(g.rows)), g.options.Details
	for i, it := range g.rows {
		if g.options.Details {
			below[i] = g.details(it)
		} else if g.options.tellsUnknown() {
			below[i] = g.unknownDetails(it)
		}
		some = some || below[i] != nil
	}
	if some {
		g.below = below
	}
}

func skuText(it *Item) string {
	if it.SKU() == "" {
		return noSKU
	}
	if it.Status != verdict.Matched {
		return signs.Blanks(it.SKU()) // white space may be why it is not
	}
	return clean(it.SKU())
}

func (g *grid) code(rule int) string { return clean(g.Rules[rule].Code) }

// The least widths to which columns shrink, names first; see fit.
const (
	leastName, leastSKU = 12, 8
	tinyName, tinySKU   = 4, 4
)

// frame is what a line has beside its columns' texts: the borders, and the space around SKU and name.
const frame = 2 + 2 + 2

func (g *grid) total() int { return frame + g.sku + g.name + sum(g.rules) }

// inner is the width of a text that stands across the whole table.
func (g *grid) inner() int { return g.total() - 4 }

// fit sets the widths so that the table is no wider than the page.
func (g *grid) fit(unmatched bool) {
	limit, status := g.options.Width, 0
	if unmatched {
		var long int
		long, status = remarksWidth()
		// Rather a shorter name than a status that only says "pos_only", but not a stump of a name.
		if limit == 0 || frame+g.sku+min(g.name, 24)+max(long, sum(g.rules)) <= limit {
			widen(&g.rules, long)
		} else {
			widen(&g.rules, status)
		}
	}
	if limit > 0 && g.total() > limit {
		g.shrink(limit, status)
	}
	if g.below != nil {
		g.stretch()
	}
}

// shrink takes from the names, then the SKUs, then the space around the letters, then from names and SKUs again until
// the table fits the limit; then it leaves columns out. Together the rules' columns stay as wide as a status.
func (g *grid) shrink(limit, status int) {
	take := func(from *int, least int) {
		*from -= max(min(g.total()-limit, *from-least), 0)
	}
	take(&g.name, leastName)
	take(&g.sku, leastSKU)
	if g.total() <= limit {
		return
	}
	for i := range min(len(g.rules), len(g.Rules)) {
		g.rules[i] = max(width(g.code(i))+1, 3)
	}
	if status > 0 {
		widen(&g.rules, status)
	}
	take(&g.name, tinyName)
	take(&g.sku, tinySKU)
	for len(g.rules) > 1 && g.total() > limit {
		g.rules = g.rules[:len(g.rules)-1]
	}
	if len(g.rules) == 1 { // even a single column can have too long a code, or be too narrow for a status
		g.rules[0] = max(min(g.rules[0], limit-frame-g.sku-g.name), min(status, limit-frame-g.sku-g.name))
	}
	g.name += max(limit-g.total(), 0) // the last column left out may have been wider than what was missing
}

// stretch widens the names' column so that details need not be wrapped more than running text is.
func (g *grid) stretch() {
	longest, indent := 0, 2+g.codeWidth()+2
	for _, list := range g.below {
		for _, d := range list {
			longest = max(longest, indent+width(d.text))
		}
	}
	if g.options.Width > 0 {
		longest = min(longest, g.options.Width-4)
	}
	g.name += max(min(longest, textWidth-4)-g.inner(), 0)
}

// hidden returns the codes of the columns that did not fit.
func (g *grid) hidden() []string {
	var codes []string
	for i := len(g.rules); i < len(g.Rules); i++ {
		codes = append(codes, g.code(i))
	}
	return codes
}

// remarksWidth returns the widths that the remarks take, and that their first words take, space around them included.
func remarksWidth() (long, short int) {
	for status, remark := range remarks {
		long = max(long, width(remark)+2)
		short = max(short, width(status.String())+2)
	}
	return long, short
}

// widen makes columns wider, all about alike, until together they have the width.
func widen(columns *[]int, need int) {
	if len(*columns) == 0 {
		*columns = []int{need} // Without rules there is still a status to show.
		return
	}
	for i := 0; sum(*columns) < need; i++ {
		narrowest := slices.Index(*columns, slices.Min(*columns))
		(*columns)[narrowest]++
	}
}

func sum(list []int) int {
	total := 0
	for _, n := range list {
		total += n
	}
	return total
}

// row returns an item's cells, and what stands across those of the rules.
func (g *grid) row(it *Item) ([]string, *across) {
	row := []string{cut(skuText(it), g.sku), cut(clean(it.Name()), g.name)}
	if row[0] == noSKU {
		row[0] = g.paint(dim, noSKU)
	}
	for i := range g.rules {
		text := ""
		if it.Outcome != nil && i < len(it.Outcome.Cells) {
			cell := it.Outcome.Cells[i]
			text = g.paint(cellColour(&g.Rules[i], cell), cell.String())
		}
		row = append(row, text)
	}
	if len(g.rules) == 0 || it.Status == verdict.Matched && len(g.Rules) > 0 {
		return row, nil
	}
	remark, room := remarks[it.Status], sum(g.rules)
	if said := g.said(it); said != "" {
		return row, &across{2, " " + g.paint(cyan, cut(it.Status.String()+": "+said, room-2))}
	}
	if long, _ := remarksWidth(); long > room || remark == "" {
		remark = cut(it.Status.String(), room-2)
	}
	return row, &across{2, " " + g.paint(cyan, remark)}
}

// said returns what is said of an item that is not matched: that it is a parent or meant to be, and of rules about such items their codes
// and cells, where they are N or I; of an unreadable one, on which side it could not be read.
func (g *grid) said(it *Item) string {
	if it.Status == verdict.Unreadable {
		return "in " + strings.Join(it.UnreadableSides(), " and ")
	}
	var parts []string
	switch {
	case it.Parent:
		parts = append(parts, "parent")
	case it.Intended() != nil:
		parts = append(parts, "meant to be")
	}
	if it.Outcome == nil {
		return strings.Join(parts, ", ")
	}
	for i, cell := range it.Outcome.Cells {
		if cell == verdict.NotSynchronized || cell == verdict.Intentional {
			parts = append(parts, clean(g.Rules[i].Code)+" "+cell.String())
		}
	}
	return strings.Join(parts, ", ")
}
