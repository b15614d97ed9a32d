package rules

import (
	"fmt"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/rules/block"
	"github.com/reconcilehq/reconcile/rules/grammar"
)

// History says which runs are kept.
type History struct {
	Runs int           // how many of each reconciliation
	Age  time.Duration // what is older goes, too; 0: however old it is
}

// DefaultHistory is what holds where a configuration has no history block.
var DefaultHistory = History{Runs: 100}

// More than these nobody can mean, and the days fit a time.
const (
	mostRuns = 1_000_000
	mostDays = 36_500
)

// history reads the history blocks, of which there is one at most.
func (l *loader) history(blocks hcl.Blocks) {
	l.config.History = DefaultHistory
	for i, b := range blocks {
		if i > 0 {
			l.Fail(b.DefRange, "Duplicate history", "There is a history block at %s already.", block.Place(blocks[0].DefRange))
			return
		}
		attrs := l.Attributes(b, grammar.History)
		if a, ok := attrs["runs"]; ok {
			l.config.History.Runs = l.count(a, mostRuns)
		}
		if a, ok := attrs["days"]; ok {
			l.config.History.Age = time.Duration(l.count(a, mostDays)) * 24 * time.Hour
		}
	}
}

// count evaluates an attribute that is a whole number from 1 on; 0 if it is wrong.
func (l *loader) count(a *hcl.Attribute, most int) int {
	v, ok := l.Constant(a.Expr, catalog.Number, fmt.Sprintf("%q", a.Name))
	if !ok {
		return 0
	}
	n, whole := v.Number().Whole()
	if !whole || n < 1 || n > most {
		l.Fail(a.Expr.Range(), "Invalid number", "%q is a whole number from 1 to %d.", a.Name, most)
		return 0
	}
	return n
}
