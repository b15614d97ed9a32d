package screen

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// sinceColumn is the key of the column that says since when items are as they are.
const sinceColumn = "since"

// SinceIn returns since when an item of a filter is as it is: its oldest N, or, with a rule's filter, that cell's. It is the zero time and
// false if that is not known, or the item has no such N.
func (r *Run) SinceIn(show string, position int) (at time.Time, known bool) {
	if rule := r.ruleOf(show); rule >= 0 {
		return r.sinceOf(position, rule)
	}
	if r.Since != nil {
		at, known = r.Since(position)
	}
	if !known {
		at = time.Time{}
	}
	return at, known
}

// sinceOf is SinceIn for the N of a rule.
func (r *Run) sinceOf(position, rule int) (at time.Time, known bool) {
	if r.SinceOf != nil {
		at, known = r.SinceOf(position, rule)
	}
	if !known {
		at = time.Time{}
	}
	return at, known
}

// ruleOf returns the place of the rule whose filter that is; -1 if it is another filter.
func (r *Run) ruleOf(show string) int {
	code, is := strings.CutPrefix(show, rulePrefix)
	for i, rule := range r.About().Rules {
		if is && rule.Code == code {
			return i
		}
	}
	return -1
}

// sortSince sorts items by since when they are as they are, the oldest first. Those of which that is not known come last either way.
func (r *Run) sortSince(positions []int32, show string, descending bool) []int32 {
	type dated struct {
		position int32
		at       int64 // 0: not known
	}
	list := make([]dated, len(positions))
	for i, p := range positions {
		list[i] = dated{position: p}
		if at, known := r.SinceIn(show, int(p)); known {
			list[i].at = at.UnixMilli()
		}
	}
	slices.SortStableFunc(list, func(a, b dated) int {
		switch {
		case a.at == 0 || b.at == 0:
			return -cmp.Compare(min(a.at, 1), min(b.at, 1))
		case descending:
			return cmp.Compare(b.at, a.at)
		}
		return cmp.Compare(a.at, b.at)
	})
	sorted := make([]int32, len(list))
	for i, d := range list {
		sorted[i] = d.position
	}
	return sorted
}

// bySince reports whether a sort key is that of the column, and whether it is turned round.
func bySince(sort string) (is, descending bool) {
	column, descending := strings.CutPrefix(sort, "-")
	return column == sinceColumn, descending
}

// sorted returns items in the order that a query asks for.
func (r *Run) sorted(positions []int32, q Query) ([]int32, error) {
	if is, descending := bySince(q.Sort); is {
		return r.sortSince(positions, q.Show, descending), nil
	}
	if is, turned := byImpact(q.Sort); is {
		return positions, r.sortByImpact(positions, turned)
	}
	by, is := r.order(q.Sort)
	if !is {
		return positions, nil
	}
	return r.Sort(positions, by)
}

// ordered reports whether a query asks for another order than the report's.
func (r *Run) ordered(q Query) bool {
	since, _ := bySince(q.Sort)
	impact, _ := byImpact(q.Sort)
	_, other := r.order(q.Sort)
	return since || impact || other
}
