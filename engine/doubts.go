package engine

import (
	"github.com/reconcilehq/reconcile/engine/report"
	"github.com/reconcilehq/reconcile/rules"
)

// doubts returns the rules against which more pairs speak than for them.
func doubts(workers []*worker) (list []report.Doubt) {
	sums := append([]rules.Weight{}, workers[0].evaluator.Weights()...)
	for _, w := range workers[1:] {
		for i, weight := range w.evaluator.Weights() {
			sums[i].Add(weight)
		}
	}
	for _, sum := range sums {
		if sum.Doubtful() {
			list = append(list, report.Doubt{Rule: sum.Rule, For: sum.For, Against: sum.Against})
		}
	}
	return list
}
