package report

import (
	"iter"
	"slices"

	"github.com/reconcilehq/reconcile/engine/verdict"
)

// Options say what of a result is shown and how.
type Options struct {
	All bool // synchronized items too
	// Unchecked has items shown too that are not checked, each with what was unknown.
	Unchecked bool
	// Problems has only those items shown that somebody has to look at: not those of which all is synchronized, intentional or of
	// severity info, nor what is meant to be on one side or is a parent. All is not to be set with it.
	Problems bool
	// Rules are codes: only items with an N or I in one of them are shown, and with All those with any cell in it; empty: any item.
	// What is unknown to a rule counts where items are shown that are not checked.
	Rules []string
	// SKUs has only these items shown, by the SKU of their row on either side; empty: any. For what is said where that leaves none, the
	// result is to be Whole.
	SKUs    []string
	Details bool // below each item with an N: both values and the note

	// Why says more of an item's N in the column of a rule: what makes values differ where that is hard to see, and which
	// exceptions nearly apply. Details ask for it, if it is not nil.
	Why func(it *Item, rule int) []string

	// flags has texts name flags that show more. A file is read where there are none to give.
	flags bool

	MaxRows int // of items, in formats that have a limit (Format.Rows); 0: no limit

	Width int  // of the terminal, in cells; 0: no limit. For the table, as is Color
	Color bool // whether to write escape codes for colours

	BOM bool // of CSV: begin with a byte order mark, by which Excel knows that the text is UTF-8
	Raw bool // of CSV: texts as they are, even those that a spreadsheet would take for formulas
}

// tellsUnknown reports whether formats say of items what was unknown that have no room for it otherwise.
func (o Options) tellsUnknown() bool { return o.listsUnchecked() || o.All }

// listsUnchecked reports whether items that are not checked are asked for, and what was unknown of them.
func (o Options) listsUnchecked() bool { return o.Unchecked || o.Problems }

// Shown yields the items of r that the options leave, in order. After an error there are no more.
func (r *Result) Shown(o Options) iter.Seq2[*Item, error] {
	columns := r.columnsOf(o)
	return func(yield func(*Item, error) bool) {
		if r.Items == nil {
			return
		}
		for it, err := range r.Items {
			if (err != nil || o.shows(r, it, columns)) && !yield(it, err) {
				return
			}
		}
	}
}

func (o Options) shows(r *Result, it *Item, columns []int) bool {
	switch {
	case o.Problems && !r.problem(it):
		return false
	case !o.All && it.Quiet() && !(o.listsUnchecked() && it.unchecked()):
		return false
	}
	if len(o.SKUs) > 0 && !slices.ContainsFunc(o.SKUs, it.hasSKU) {
		return false
	}
	if len(o.Rules) == 0 {
		return true
	}
	return slices.ContainsFunc(columns, func(c int) bool {
		if it.Outcome == nil {
			return false
		}
		cell := it.Outcome.Cells[c]
		return cell == verdict.NotSynchronized || cell == verdict.Intentional && !o.Problems || cell != verdict.NotThere && o.All || o.listsUnchecked() && it.unchecked() && it.Outcome.IsUnknown(c)
	})
}
