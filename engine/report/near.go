package report

import (
	"fmt"
	"strings"

	"github.com/reconcilehq/reconcile/engine/near"
	"github.com/reconcilehq/reconcile/engine/signs"
)

// mostGroups is how many kinds of near pairs are told one by one.
const mostGroups = 5

// NearText says which items were not paired though their keys look alike, and the key that would pair them. It is "" where there are
// none. SKUs in it are clean.
func (r *Result) NearText() string { return r.nearText(func(words string) string { return words }) }

func (r *Result) nearText(line func(words string) string) string {
	if r.Near == nil {
		return ""
	}
	var parts []string
	if len(r.Near.Groups) > 0 {
		parts = append(parts, r.nearPairs(), r.nearKey(line))
	}
	if n := r.Near.Excel.Pairs; n > 0 {
		parts = append(parts, fmt.Sprintf("%s as if a spreadsheet had rewritten a code, such as %s. No key brings back what it took: "+
			"have the SKUs' column saved as text, and export again.", r.nearCount(n)+plural(n, " looks", " look"), example(r.Near.Excel)))
	}
	text := strings.Join(parts, " ")
	if legend := signs.LegendOf(text); legend != "" {
		text += " (" + legend + ")"
	}
	return text
}

func (r *Result) nearCount(n int) string {
	least := ""
	if r.Near.AtLeast {
		least = "at least "
	}
	return least + count(n) + plural(n, " pair of items", " pairs of items")
}

func (r *Result) nearPairs() string {
	groups := r.Near.Groups
	n := r.Near.Pairs()
	if len(groups) == 1 {
		return fmt.Sprintf("%s %s only in %s, such as %s.", r.nearCount(n), plural(n, "differs", "differ"), enumerate(groups[0].DiffersIn), example(groups[0]))
	}
	var list []string
	for _, g := range groups[:min(len(groups), mostGroups)] {
		list = append(list, fmt.Sprintf("%s in %s (%s)", count(g.Pairs), enumerate(g.DiffersIn), example(g)))
	}
	if more := len(groups) - mostGroups; more > 0 {
		rest := 0
		for _, g := range groups[mostGroups:] {
			rest += g.Pairs
		}
		list = append(list, fmt.Sprintf("%s in several of these", count(rest)))
	}
	return fmt.Sprintf("%s differ only in how their SKUs are written: %s.", r.nearCount(n), strings.Join(list, ", "))
}

func example(g near.Group) string {
	return fmt.Sprintf(`"%s" in pos and "%s" in store`, signs.Blanks(g.Pos), signs.Blanks(g.Store))
}

// nearKey names the key that would pair them, and what else it would do. Where its line is broken, that is behind a comma, and a
// configuration can have it so.
func (r *Result) nearKey(line func(words string) string) string {
	text := fmt.Sprintf("This line in the reconciliation's block pairs %s: %s%s –", plural(r.Near.Pairs(), "it", "them"), line("key = "), clean(r.NearKey()))
	switch n := r.Near.Twice; {
	case n > 0:
		text += fmt.Sprintf(" but it may give %s a key that another row of its side has, so that neither is paired: compare the duplicates before and after.", rows(n))
	case !r.Near.Checked:
		text += " whether it makes new duplicates was not looked at, as there are too many items: compare the duplicates before and after."
	default:
		text += " it makes no new duplicates."
	}
	return text
}

// NearKey is the key that would pair the near pairs, as the configuration writes it; "" if there is none.
func (r *Result) NearKey() string {
	if r.Near == nil {
		return ""
	}
	return r.Near.Key(r.PresentKey())
}

// PresentKey is the key that items were paired by, as the configuration writes it or could.
func (r *Result) PresentKey() string {
	if r.KeyText == "" {
		return "item.sku"
	}
	return r.KeyText
}

func enumerate(list []string) string {
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	return strings.Join(list[:len(list)-1], ", ") + " and " + list[len(list)-1]
}

// appendNear appends the near pairs as JSON.
func appendNear(dst []byte, r *Result) []byte {
	group := func(dst []byte, g near.Group) []byte {
		dst = append(dst, `{"differ_in": [`...)
		for i, what := range g.DiffersIn {
			dst = appendQuoted(append(dst, ", "[:2*min(i, 1)]...), what)
		}
		dst = fmt.Appendf(dst, `], "pairs": %d, "pos": `, g.Pairs)
		dst = append(appendQuoted(dst, g.Pos), `, "store": `...)
		return append(appendQuoted(dst, g.Store), '}')
	}
	dst = append(dst, '{')
	if key := r.NearKey(); key != "" {
		dst = append(appendQuoted(append(dst, `"key": `...), key), ", "...)
	}
	dst = append(dst, `"groups": [`...)
	for i, g := range r.Near.Groups {
		dst = group(append(dst, ", "[:2*min(i, 1)]...), g)
	}
	if g := r.Near.Excel; g.Pairs > 0 {
		g.DiffersIn = []string{"what a spreadsheet makes of codes"}
		dst = group(append(dst, ", "[:2*min(len(r.Near.Groups), 1)]...), g)
	}
	return append(dst, "]}"...)
}
