package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// worklist is what there is to do, as every format for people says it. All texts are clean; words that belong together are
// joined by glue.
type worklist struct {
	tasks []task
	// Rules that ask for nothing: by their codes, with what else became of their items.
	clear     []string
	unchecked []string // of these no item could be checked
}

// task is one entry of the worklist: a rule with an N, or a status that keeps items from being compared.
type task struct {
	label  string // the rule's code, or the status
	rule   *Rule  // nil: a status
	text   string // what it is about, and how many items
	remedy string // what to do about it; "" if nothing
}

// worklist returns a task for each rule with an N, and one for each status that keeps items from being compared.
func (r *Result) worklist(o Options) worklist {
	var w worklist
	r.ruleTasks(&w)
	r.uncheckedTask(&w, o)
	r.statusTasks(&w)
	// What nobody needs to look at stands last.
	slices.SortStableFunc(w.tasks, func(a, b task) int { return cmp.Compare(a.urgency(), b.urgency()) })
	return w
}

// urgency is 1 of a rule that only informs, else 0.
func (t task) urgency() int {
	if t.rule != nil && t.rule.Severity == verdict.Info {
		return 1
	}
	return 0
}

// findings reports whether there is anything to do at all.
func (r *Result) findings() bool {
	for i := range r.Rules {
		if r.Summary.cells(i, verdict.NotSynchronized) > 0 {
			return true
		}
	}
	return r.Summary.Unmatched() > 0 || r.Skipped() > 0 || r.Summary.notChecked() > 0
}

// ruleTasks adds the rules with an N, and the names of those without.
func (r *Result) ruleTasks(w *worklist) {
	for i := range r.Rules {
		rule, n := &r.Rules[i], r.Summary.cells(i, verdict.NotSynchronized)
		code, also := clean(rule.Code), r.also(i)
		if also != "" {
			also = " (" + also + ")"
		}
		switch {
		case n > 0:
			if rule.Severity != verdict.Error {
				also += " – " + rule.Severity.String()
			}
			w.tasks = append(w.tasks, task{code, rule, prose(rule.Title) + " – " + glue(items(n)) + also, r.noteOf(rule)})
		case r.Summary.unknown(i) > 0 && r.decided(i) == 0:
			w.unchecked = append(w.unchecked, code)
		case r.Summary.unknown(i) > 0 && rule.Severity == verdict.Error: // the task for those that are not checked has it
		case r.compared():
			w.clear = append(w.clear, code+also)
		}
	}
}

// noteOf returns what to do about a rule's items. Those of one side only look as if they were missing where the other one has none.
func (r *Result) noteOf(rule *Rule) string {
	if (rule.On == verdict.PosOnly || rule.On == verdict.StoreOnly) && r.empty() {
		return r.mayBeThere()
	}
	return prose(rule.Note)
}

// uncheckedTask adds the items that are not checked.
func (r *Result) uncheckedTask(w *worklist, o Options) {
	n := r.Summary.notChecked()
	if n == 0 {
		return
	}
	var rules []string
	for i := range r.Rules {
		if unknown := r.Summary.Unchecked[i]; unknown > 0 && r.Rules[i].Severity == verdict.Error && r.Rules[i].On != verdict.Duplicate {
			rules = append(rules, glue(clean(r.Rules[i].Code)+" of "+count(unknown)))
		}
	}
	w.tasks = append(w.tasks, task{
		label: verdict.Unchecked.String(),
		text: glue(items(n)) + " " + plural(n, "is", "are") + " not checked: a value was unknown, so nobody knows whether " +
			plural(n, "it is", "they are") + " synchronized (" + strings.Join(rules, ", ") + ")",
		remedy: findUnknown(o) + " Where a rule is not about such items, a line in it says so, for example: " + r.exampleApplies(),
	})
}

// findUnknown says where to see what was unknown, and what to do about it.
func findUnknown(o Options) string {
	switch {
	case o.tellsUnknown():
		return "The items say which field of which side it was: fill it in there."
	case o.flags:
		return "See --unchecked for which field of which side it was, and fill it in there."
	}
	return "Fill it in on the side that lacks it."
}

// exampleApplies returns a line for a rule that is not about items of which a value is unknown. The field is one that a rule reads
// of which items are not checked.
func (r *Result) exampleApplies() string {
	for i := range r.Rules {
		if r.Summary.Unchecked[i] == 0 || r.Rules[i].Severity != verdict.Error {
			continue
		}
		for _, f := range r.Rules[i].Fields {
			if known, ok := catalog.KnownField(f.Field); ok && (known.Type == catalog.Number || known.Type == catalog.Bool) {
				return "applies = " + f.Side.String() + "." + f.Field + " != null"
			}
		}
	}
	return "applies = pos.price != null"
}

// statusTasks adds the statuses of items that are not matched, and rows that were skipped.
func (r *Result) statusTasks(w *worklist) {
	for _, status := range verdict.Statuses[1:] {
		if n := r.Summary.Open(status); n > 0 {
			what, remedy := r.advice(status)
			w.tasks = append(w.tasks, task{label: status.String(), text: glue(items(n)) + " " + what, remedy: remedy})
		}
	}
	w.tasks = append(w.tasks, r.nearTasks()...)
	for _, side := range verdict.Sides {
		if n := int(r.Source(side).Skipped); n > 0 {
			w.tasks = append(w.tasks, task{
				label: "skipped",
				text: glue(rows(n)) + " of " + r.side(side) + " that could not be read: nobody knows which " +
					plural(n, "item it is", "items they are"),
				remedy: "Mend " + plural(n, "it", "them") + " in the source; a warning of the run says where.",
			})
		}
	}
}

// also says what became of a rule's items beside S and N: explained, intentional, unknown, or none of its business.
func (r *Result) also(rule int) string {
	var parts []string
	if rule < len(r.Summary.Explained) {
		by := r.Summary.Explained[rule]
		for _, explaining := range slices.Sorted(maps.Keys(by)) {
			parts = append(parts, glue(count(by[explaining])+" more explained by "+clean(r.Rules[explaining].Code)))
		}
	}
	if n := r.Summary.cells(rule, verdict.Intentional); n > 0 {
		parts = append(parts, glue(count(n)+" intentional"))
	}
	unknown := r.Summary.unknown(rule)
	if unknown > 0 {
		parts = append(parts, glue(count(unknown)+" unknown"))
	}
	if n := r.Summary.cells(rule, verdict.NotApplicable) - unknown; n > 0 {
		parts = append(parts, glue("not about "+count(n)))
	}
	return strings.Join(parts, ", ")
}

// advice returns, for a status other than matched, what it says of the items and what to do about them.
func (r *Result) advice(status verdict.Status) (what, remedy string) {
	pos, store := r.side(verdict.Pos), r.side(verdict.Store)
	switch status {
	case verdict.Unreadable:
		return "that could not be read" + r.unreadable(),
			"They are not missing: their rows are there, and have something in them that is not understood. Mend them in the " +
				"source; a warning of the run names them, and so does --details. Until then nobody knows whether they are synchronized."
	case verdict.PosOnly:
		if r.Store.none() {
			return "only in " + pos + ", not linked online", r.mayBeThere()
		}
		return "only in " + pos + ", not linked online",
			"If such an item should be sold online, upload it, or link it to the product that " + store +
				" has for it. Otherwise leave it as it is." + r.nearFirst("and uploading it would make a second one") + r.beware(verdict.Store)
	case verdict.StoreOnly:
		if r.Pos.none() {
			return "only in " + store + ", unknown to " + pos, r.mayBeThere()
		}
		return "only in " + store + ", unknown to " + pos,
			"Enter the item in " + pos + ", or link the product to the item it belongs to. If it is no longer sold, " +
				"hide or delete it online." + r.nearFirst("which is neither to be entered nor deleted") + r.beware(verdict.Pos)
	case verdict.Duplicate:
		return "whose key occurs more than once on a side" + r.where(status),
			"They are not paired: nobody can tell which one is meant. Make the SKUs unique in the source that repeats " +
				"them, or remove the items that are one too many."
	}
	return "without a key" + r.where(status),
		"An item without a SKU is never paired. Give each of them one."
}

// mayBeThere says what to do about items that only one side has where the other has none at all.
func (r *Result) mayBeThere() string {
	text, _ := r.NothingCompared()
	return text + " First " + See + ". Nothing is to be uploaded, entered, hidden or deleted before."
}

// beware says, of items that only one side has, that the other side's source may have them, too. It is "" where that has all its
// rows read.
func (r *Result) beware(side verdict.Side) string {
	if r.Source(side).Skipped == 0 {
		return ""
	}
	return " But first: " + r.MaybeSkipped(side)
}

// MaybeSkipped says that an item which the side seems not to have may be in one of the rows that were skipped there.
func (r *Result) MaybeSkipped(side verdict.Side) string {
	source := r.Source(side)
	n := int(source.Skipped)
	return fmt.Sprintf("%s of %s (%s) %s skipped because %s could not be read, and the item may be among them.",
		rows(n), side, clean(source.Name), plural(n, "was", "were"), plural(n, "it", "they"))
}

// unreadable says on which side how many items could not be read.
func (r *Result) unreadable() string {
	var parts []string
	for _, side := range verdict.Sides {
		if n := r.Summary.Unreadable[side]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s in %s", count(n), r.side(side)))
		}
	}
	return ": " + strings.Join(parts, ", ")
}

// where says on which side how many items of an unmatched status are.
func (r *Result) where(status verdict.Status) string {
	var parts []string
	for side, n := range r.Summary.Rows[status] {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%s in %s", count(n), r.side(verdict.Side(side))))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return ": " + strings.Join(parts, ", ")
}
