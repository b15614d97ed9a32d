package session

import (
	"slices"
	"time"

	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules"
	"github.com/reconcilehq/reconcile/rules/explain"
)

// Why returns what says more of the N of an item of the result, for report.Options: what makes values differ where that is hard to see, the
// condition with the values put in where they are equal, and the intentional blocks that nearly apply. It is for one goroutine.
func (p *Prepared) Why(result *report.Result) func(it *report.Item, rule int) []string {
	keys := keyColumns{}
	var of *report.Item
	var list []explain.Explanation
	now, currencies := time.Now(), currenciesOf(result)
	return func(it *report.Item, rule int) []string {
		if it != of {
			pair := explain.Pair{On: it.Status, Pos: it.Pos.Batch, PosRow: it.Pos.I, Store: it.Store.Batch, StoreRow: it.Store.I,
				Key: keys.of(p.Program, it), Currencies: currencies}
			of, list = it, explain.Cells(p.Config, p.Program, pair, now)
		}
		at := slices.IndexFunc(list, func(e explain.Explanation) bool { return e.Code == p.Program.Rules[rule].Code })
		if at < 0 {
			return nil
		}
		var condition []string
		if looksEqual(it, &p.Program.Rules[rule]) && list[at].Filled != "" {
			condition = []string{list[at].Filled}
		}
		return slices.Concat(list[at].Differences, condition, list[at].NearExcuses)
	}
}

// looksEqual reports whether the two sides have equal values of each field that a rule reads of both, and there is one: it is
// not to be seen then why they are not synchronized.
func looksEqual(it *report.Item, rule *rules.CompiledRule) bool {
	if !it.Pos.Has() || !it.Store.Has() {
		return false
	}
	some := false
	for _, pos := range rule.Fields {
		for _, store := range rule.Fields {
			if pos.Side != verdict.Pos || store.Side != verdict.Store || pos.Field != store.Field {
				continue
			}
			if it.Pos.Value(pos.Field).Text() != it.Store.Value(pos.Field).Text() {
				return false
			}
			some = true
		}
	}
	return some
}
