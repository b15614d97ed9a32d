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
func (r *Result) NearText() string {
	keyed, rewritten := r.nearText(func(words string) string { return words }), r.excelText()
	return keyed + " "[:min(len(keyed), len(rewritten), 1)] + rewritten
}

func (r *Result) nearText(line func(words string) string) string {
	if r.Near == nil || len(r.Near.Groups) == 0 {
		return ""
	}
	return withLegend(r.nearPairs() + " " + r.nearKey(line))
}

// excelText says which items were not paired because a spreadsheet seems to have rewritten a code; "" where there are none.
func (r *Result) excelText() string {
	if r.Near == nil || r.Near.Excel.Pairs == 0 {
		return ""
	}
	n := r.Near.Excel.Pairs
	return withLegend(fmt.Sprintf("%s as if a spreadsheet had rewritten a code, such as %s. %s", r.nearCount(n)+plural(n, " looks", " look"),
		example(r.Near.Excel), ExcelRemedy))
}

// ExcelRemedy says what to do about codes that a spreadsheet has rewritten.
const ExcelRemedy = "No key brings back what it took: have the SKUs' column saved as text, and export again."

// mostExcelPairs is how many of the pairs that a spreadsheet has made are named.
const mostExcelPairs = 20

// excelTask names these pairs.
func (r *Result) excelTask() task {
	n := r.Near.Excel.Pairs
	var list []string
	for _, pair := range r.Near.ExcelPairs[:min(len(r.Near.ExcelPairs), mostExcelPairs)] {
		list = append(list, fmt.Sprintf(`"%s" and "%s"`, signs.Blanks(pair.Pos), signs.Blanks(pair.Store)))
	}
	if more := n - len(list); more > 0 {
		list = append(list, glue("and "+count(more)+" more"))
	}
	text := fmt.Sprintf("%s as if a spreadsheet had rewritten a code, in pos and in store: %s", r.nearCount(n)+plural(n, " looks", " look"), strings.Join(list, ", "))
	return task{label: "rewritten", text: withLegend(text), remedy: ExcelRemedy}
}

// nearTasks returns what there is to do about items that were not paired though their keys look alike.
func (r *Result) nearTasks() (tasks []task) {
	if text := r.nearText(glue); text != "" {
		tasks = append(tasks, task{label: "look alike", text: text})
	}
	if r.Near != nil && r.Near.Excel.Pairs > 0 {
		tasks = append(tasks, r.excelTask())
	}
	return tasks
}

// nearFirst says, of items that only one side has, which of them the other side seems to have, too, and so what is not to be done with
// them; "" if there are none.
func (r *Result) nearFirst(so string) string {
	tasks := r.nearTasks()
	if len(tasks) == 0 {
		return ""
	}
	labels := make([]string, len(tasks))
	for i, t := range tasks {
		labels[i] = glue(`"` + t.label + `"`)
	}
	return fmt.Sprintf(" But look first at the pairs under %s: each seems to be one item, %s.", strings.Join(labels, " and "), so)
}

// withLegend explains the signs in a text, if there are any.
func withLegend(text string) string {
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
	key := r.NearKey()
	if key == "" {
		return "No line that pairs " + plural(r.Near.Pairs(), "it", "them") + " is offered, as the reconciliation's key has a here-document or several lines in a text: write the key on one line, and run again."
	}
	return fmt.Sprintf("This line in the reconciliation's block pairs %s: %s%s – %s.", plural(r.Near.Pairs(), "it", "them"), line("key = "), clean(key), r.NearRisk())
}

// NearRisk says what else the key would do that would pair the near pairs.
func (r *Result) NearRisk() string {
	harm := strings.Join(r.nearHarm(), ", and ")
	switch {
	case harm != "" && r.Near.Checked:
		return "but " + harm + ": compare the duplicates and the items without a key before and after"
	case harm != "":
		return "but " + harm + ", and not all rows were looked at: compare the duplicates and the items without a key before and after"
	case !r.Near.Checked:
		return "whether it makes new duplicates or leaves items without a key was not looked at, as there are too many items: compare these before and after"
	}
	return "it makes no new duplicates"
}

// nearHarm says what the key may do to items that are paired now.
func (r *Result) nearHarm() (list []string) {
	if n := r.Near.Twice; n > 0 {
		list = append(list, fmt.Sprintf("it may make duplicates, which are not paired, of %s", rows(n)))
	}
	if n := r.Near.Lost; n > 0 {
		list = append(list, fmt.Sprintf("it may leave nothing of the %s of %s, %s not paired then", plural(n, "key", "keys"), rows(n), plural(n, "which is", "which are")))
	}
	return list
}

// NearKey is the key that would pair the near pairs, as the configuration writes it; "" if there is none, or none on one line.
func (r *Result) NearKey() string {
	if r.Near == nil || r.PresentKey() == "" {
		return ""
	}
	return r.Near.Key(r.PresentKey())
}

// PresentKey is the key that items were paired by, as the configuration writes it or could on one line; "" if it could not.
func (r *Result) PresentKey() string {
	if r.KeyText == "" && !r.KeyOfLines {
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
		dst = fmt.Appendf(dst, `"may_become_duplicates": %d, "may_lose_key": %d, "all_rows_looked_at": %t, `, r.Near.Twice, r.Near.Lost, r.Near.Checked)
	}
	dst = append(dst, `"groups": [`...)
	for i, g := range r.Near.Groups {
		dst = group(append(dst, ", "[:2*min(i, 1)]...), g)
	}
	if g := r.Near.Excel; g.Pairs > 0 {
		g.DiffersIn = []string{"what a spreadsheet makes of codes"}
		dst = group(append(dst, ", "[:2*min(len(r.Near.Groups), 1)]...), g)
	}
	if len(r.Near.ExcelPairs) > 0 {
		dst = append(dst, `], "rewritten": [`...)
		for i, pair := range r.Near.ExcelPairs {
			dst = appendQuoted(append(append(dst, ", "[:2*min(i, 1)]...), `{"pos": `...), pair.Pos)
			dst = append(appendQuoted(append(dst, `, "store": `...), pair.Store), '}')
		}
	}
	return append(dst, "]}"...)
}
