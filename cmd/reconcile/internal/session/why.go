package session

import (
	"slices"
	"time"

	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/rules/explain"
)

// Why returns what says more of the N of an item, for report.Options: what makes values differ where that is hard to see, and the
// intentional blocks that nearly apply. It is for one goroutine.
func (p *Prepared) Why() func(it *report.Item, rule int) []string {
	keys := keyColumns{}
	var of *report.Item
	var list []explain.Explanation
	now := time.Now()
	return func(it *report.Item, rule int) []string {
		if it != of {
			pair := explain.Pair{On: it.Status, Pos: it.Pos.Batch, PosRow: it.Pos.I, Store: it.Store.Batch, StoreRow: it.Store.I,
				Key: keys.of(p.Program, it)}
			of, list = it, explain.Cells(p.Config, p.Program, pair, now)
		}
		at := slices.IndexFunc(list, func(e explain.Explanation) bool { return e.Code == p.Program.Rules[rule].Code })
		if at < 0 {
			return nil
		}
		return slices.Concat(list[at].Differences, list[at].NearExcuses)
	}
}
