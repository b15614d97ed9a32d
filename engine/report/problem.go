package report

import (
	"strings"

	"github.com/reconcilehq/reconcile/engine/verdict"
)

// problem reports whether somebody has to look at the item: it is matched and not synchronized or not checked; or it is not matched,
// and neither meant to be so nor a parent; or a rule that matters has an N for it, or could not be evaluated.
func (r *Result) problem(it *Item) bool {
	switch {
	case it.Status != verdict.Matched:
		return it.Intended() == nil && !it.Parent || r.differs(it) || it.unchecked()
	case it.Outcome == nil:
		return false
	}
	return it.Outcome.Class == verdict.Differs || it.Outcome.Class == verdict.Unchecked
}

// differs reports whether a rule of severity error or warning has an N for the item.
func (r *Result) differs(it *Item) bool {
	if it.Outcome == nil {
		return false
	}
	for i, cell := range it.Outcome.Cells {
		if cell == verdict.NotSynchronized && r.Rules[i].Severity != verdict.Info {
			return true
		}
	}
	return false
}

// What is said of an item that is not matched, in the place of its class.
const (
	notPaired = "not paired"
	isParent  = "parent"
	meantToBe = "meant to be"
)

// class says what all rules together say of the item, in words.
func (r *Result) class(it *Item) string {
	switch {
	case it.Status == verdict.Matched && it.Outcome == nil:
		return ""
	case it.Status == verdict.Matched:
		return strings.ReplaceAll(it.Outcome.Class.String(), "_", " ")
	case it.Status == verdict.Unreadable:
		return it.Status.String()
	case !it.Parent && it.Intended() == nil:
		return notPaired
	case r.differs(it):
		return strings.ReplaceAll(verdict.Differs.String(), "_", " ")
	case it.unchecked():
		return strings.ReplaceAll(verdict.Unchecked.String(), "_", " ")
	case it.Parent:
		return isParent
	}
	return meantToBe
}

// rest counts the items that were not shown because of Options.MaxRows.
type rest struct {
	items   int
	differs int // of them, those that are not synchronized
}

func (c *rest) add(it *Item) {
	c.items++
	if it.Status == verdict.Matched && it.Outcome != nil && it.Outcome.Class == verdict.Differs {
		c.differs++
	}
}

// more says what is not shown: "… and 300 more, 12 of them not synchronized".
func (c rest) more() string {
	return "… and " + count(c.items) + " more, " + count(c.differs) + " of them not synchronized"
}

// tellProblems says, where a list is cut, what leaves room in it; "" where that was asked for.
func (o Options) tellProblems(flag string) string {
	if o.Problems {
		return ""
	}
	return flag + " shows only what is not in order, "
}
