package rules

import (
	"slices"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules/expr"
)

// Evaluator evaluates a Program on pairs of items. It is for one goroutine.
type Evaluator struct {
	program *Program
	frame   expr.Frame
	batches [2]*catalog.Batch
	rows    [2]int

	truths    []verdict.Truth
	explained []bool
	cells     []Cell
	used      []bool // by place in Program.Intentional: whether it made a cell intentional
	ignored   []bool // by that place: see Ignore; nil if there are none

	weights  []Weight // of the rules with doubts
	outlooks outlookCache
	known    []verdict.Known
	plain    []Cell // of a pair with nothing to say
}

// Cell is what the rules say of one column of a pair.
type Cell struct {
	State     verdict.Cell
	Intent    int  // the place in Program.Intentional of what made it intentional; -1 if nothing did
	Explained bool // the condition is true, but another rule explains it: the cell reads S
	Unknown   bool // the rule read a null: the cell reads '-'
}

// NewEvaluator returns an evaluator of the program.
func (p *Program) NewEvaluator() *Evaluator {
	n := len(p.Rules)
	e := &Evaluator{program: p, truths: make([]verdict.Truth, n), explained: make([]bool, n), cells: make([]Cell, n),
		used: make([]bool, len(p.Intentional)), outlooks: outlookCache{program: p}}
	for i := range p.Rules {
		e.truths[i] = verdict.False
		if p.Rules[i].On != verdict.Matched {
			e.truths[i] = verdict.Absent
		}
	}
	for _, rule := range p.outlook.doubts {
		e.weights = append(e.weights, Weight{Rule: rule})
	}
	e.setCells("", [2]bool{true, true}, true)
	e.plain = slices.Clone(e.cells)
	return e
}

// Used returns, by place in Program.Intentional, which of them made a cell intentional so far. It is overwritten by
// later evaluations.
func (e *Evaluator) Used() []bool { return e.used }

// Ignore has the evaluator do as if these intentional blocks were not there, by place in Program.Intentional.
func (e *Evaluator) Ignore(places map[int]bool) {
	if e.ignored = nil; len(places) == 0 {
		return
	}
	e.ignored = make([]bool, len(e.program.Intentional))
	for at := range places {
		e.ignored[at] = true
	}
}

// Evaluate returns the cells of a pair, by rule, and whether all rules about pairs read S with nothing explained. key
// is the item's key. The slice is overwritten by the next call.
//
// The order is: conditions, then explanations (a true rule explains, whether or not it is intentional itself), then
// intentional blocks, of which the first that matches wins.
func (e *Evaluator) Evaluate(posBatch *catalog.Batch, posRow int, storeBatch *catalog.Batch, storeRow int, key string) (cells []Cell, synchronized bool) {
	e.setRow(verdict.Pos, posBatch, posRow)
	e.setRow(verdict.Store, storeBatch, storeRow)
	return e.cellsOf(verdict.Matched, [2]bool{true, true}, key)
}

// EvaluateOne returns the cells of an item that is not matched, by the rules about such items. They see one side; all else is
// as with Evaluate.
func (e *Evaluator) EvaluateOne(on verdict.Status, side verdict.Side, batch *catalog.Batch, row int, key string) (cells []Cell, synchronized bool) {
	e.setRow(side, batch, row)
	return e.cellsOf(on, [2]bool{side == verdict.Pos, side == verdict.Store}, key)
}

func (e *Evaluator) cellsOf(on verdict.Status, there [2]bool, key string) (cells []Cell, synchronized bool) {
	synchronized = true
	for i := range e.program.Rules {
		rule := &e.program.Rules[i]
		var truth verdict.Truth
		switch {
		case rule.On != on:
			truth = verdict.Absent
		case lacks(there, rule.sides):
			truth = verdict.Null // a rule about duplicates that reads the other side
		default:
			truth = e.truth(rule)
		}
		e.truths[i] = truth
		synchronized = synchronized && (truth == verdict.False || truth == verdict.Absent)
	}
	if !synchronized {
		e.explain()
	}
	e.setCells(key, there, synchronized)
	return e.cells, synchronized
}

// truth evaluates a rule on the rows that the frame is on.
func (e *Evaluator) truth(rule *CompiledRule) verdict.Truth {
	if rule.applies != nil {
		switch v, known := rule.applies.Bool(&e.frame); {
		case !known:
			return verdict.Null
		case !v:
			return verdict.Exempt
		}
	}
	return verdict.TruthOf(rule.when.Bool(&e.frame))
}

// lacks reports whether a side that is read is not there.
func lacks(there, reads [2]bool) bool {
	return reads[verdict.Pos] && !there[verdict.Pos] || reads[verdict.Store] && !there[verdict.Store]
}

func (e *Evaluator) setRow(side verdict.Side, b *catalog.Batch, row int) {
	if e.batches[side] != b {
		e.batches[side] = b
		e.frame.SetBatch(side, b)
	}
	e.rows[side] = row
	e.frame.SetRow(side, row)
}

func (e *Evaluator) explain() {
	clear(e.explained)
	for i, rule := range e.program.Rules {
		if e.truths[i] == verdict.True {
			for _, explained := range rule.explains {
				e.explained[explained] = true
			}
		}
	}
}

// setCells makes the cells of what the conditions came to.
func (e *Evaluator) setCells(key string, there [2]bool, synchronized bool) {
	for i, truth := range e.truths {
		cell := Cell{State: verdict.Synchronized, Intent: -1}
		switch {
		case truth == verdict.Absent:
			cell.State = verdict.NotThere
		case synchronized:
		case truth == verdict.Null:
			cell.State, cell.Unknown = verdict.NotApplicable, true
		case truth == verdict.Exempt:
			cell.State = verdict.NotApplicable
		case truth == verdict.True && e.explained[i]:
			cell.Explained = true
		case truth == verdict.True:
			cell.State = verdict.NotSynchronized
			if cell.Intent = e.intent(cause{rule: i}, key, there); cell.Intent >= 0 {
				cell.State = verdict.Intentional
				e.used[cell.Intent] = true
			}
		}
		e.cells[i] = cell
	}
}

// intent returns the first intentional block that covers what is found of this item; -1 if there is none. Those that name
// SKUs are looked up, since there may be ten thousands of them.
func (e *Evaluator) intent(what cause, key string, there [2]bool) int {
	general := e.program.general
	var named [1]int32
	names := named[:0]
	if first, ok := e.program.byKey[key]; ok {
		names = append(names, first)
	}
	for len(general)+len(names) > 0 {
		var at int32
		if len(names) == 0 || len(general) > 0 && general[0] < names[0] {
			at, general = general[0], general[1:]
		} else {
			at = names[0]
			if names = names[1:]; len(e.program.more) > 0 && at == named[0] {
				names = e.program.more[key]
			}
		}
		if (e.ignored == nil || !e.ignored[at]) && e.grants(&e.program.Intentional[at], what, there) {
			return int(at)
		}
	}
	return -1
}

func (e *Evaluator) grants(in *CompiledIntentional, what cause, there [2]bool) bool {
	if !in.about(what) || in.gone {
		return false
	}
	if in.where != nil {
		if lacks(there, in.sides) {
			return false
		}
		if v, known := in.where.Bool(&e.frame); !known || !v {
			return false // an unknown does not match
		}
	}
	for _, a := range in.accepted {
		// A field of a side that is not there was accepted as "".
		text := ""
		if there[a.side] {
			text = e.batches[a.side].Column(a.column).Value(e.rows[a.side]).Text()
		}
		if text != a.text {
			return false
		}
	}
	return true
}

// Explains returns the rules whose cell of the last evaluation the rule explained: those that were true and read S for
// it. They are places in Program.Rules.
func (e *Evaluator) Explains(rule int) []int {
	if e.truths[rule] != verdict.True {
		return nil
	}
	var explained []int
	for _, other := range e.program.Rules[rule].explains {
		if e.truths[other] == verdict.True {
			explained = append(explained, other)
		}
	}
	return explained
}
