package rules

import (
	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/rules/expr"
)

// Truth is what a rule's condition comes to for a pair.
type Truth uint8

// The truths. Unknown is a condition that read a null.
const (
	False Truth = iota
	True
	Unknown
)

// Evaluator evaluates a Program on pairs of items. It is for one goroutine.
type Evaluator struct {
	program *Program
	frame   expr.Frame
	batches [2]*catalog.Batch

	truths    []Truth
	explained []bool
	cells     []Cell
}

// Cell is what the rules say of one column of a pair.
type Cell struct {
	State     byte // 'S', 'N', 'I' or '-'
	Intent    int  // the place in Program.Intentional of what made it intentional; -1 if nothing did
	Explained bool // the condition is true, but another rule explains it: the cell reads S
}

// NewEvaluator returns an evaluator of the program.
func (p *Program) NewEvaluator() *Evaluator {
	n := len(p.Rules)
	return &Evaluator{program: p, truths: make([]Truth, n), explained: make([]bool, n), cells: make([]Cell, n)}
}

// Evaluate returns the cells of a pair, by rule, and whether all of them read S with nothing explained. key is the
// item's key. The slice is overwritten by the next call.
//
// The order is: conditions, then explanations (a true rule explains, whether or not it is intentional itself), then
// intentional blocks, of which the first that matches wins.
func (e *Evaluator) Evaluate(posBatch *catalog.Batch, posRow int, storeBatch *catalog.Batch, storeRow int, key string) (cells []Cell, synchronized bool) {
	e.place(pos, posBatch, posRow)
	e.place(store, storeBatch, storeRow)
	synchronized = true
	for i := range e.program.Rules {
		truth := False
		if v, known := e.program.Rules[i].when.Bool(&e.frame); !known {
			truth = Unknown
		} else if v {
			truth = True
		}
		e.truths[i] = truth
		synchronized = synchronized && truth == False
	}
	if synchronized {
		for i := range e.cells {
			e.cells[i] = Cell{State: 'S', Intent: -1}
		}
		return e.cells, true
	}
	e.explain()
	e.settle(key)
	return e.cells, false
}

func (e *Evaluator) place(side int, b *catalog.Batch, row int) {
	if e.batches[side] != b {
		e.batches[side] = b
		e.frame.SetBatch(side, b)
	}
	e.frame.SetRow(side, row)
}

func (e *Evaluator) explain() {
	clear(e.explained)
	for i, rule := range e.program.Rules {
		if e.truths[i] == True {
			for _, explained := range rule.explains {
				e.explained[explained] = true
			}
		}
	}
}

func (e *Evaluator) settle(key string) {
	for i, truth := range e.truths {
		cell := Cell{State: 'S', Intent: -1}
		switch {
		case truth == Unknown:
			cell.State = '-'
		case truth == True && e.explained[i]:
			cell.Explained = true
		case truth == True:
			cell.State = 'N'
			if cell.Intent = e.intent(i, key); cell.Intent >= 0 {
				cell.State = 'I'
			}
		}
		e.cells[i] = cell
	}
}

// intent returns the first intentional block that covers the rule for this pair; -1 if there is none.
func (e *Evaluator) intent(rule int, key string) int {
	for i := range e.program.Intentional {
		in := &e.program.Intentional[i]
		if !in.covers[rule] || in.skus != nil && !in.skus[key] {
			continue
		}
		if in.where != nil {
			if v, known := in.where.Bool(&e.frame); !known || !v {
				continue // an unknown does not match
			}
		}
		return i
	}
	return -1
}

// Explains returns the rules whose cell of the last evaluation the rule explained: those that were true and read S for
// it. They are places in Program.Rules.
func (e *Evaluator) Explains(rule int) []int {
	if e.truths[rule] != True {
		return nil
	}
	var explained []int
	for _, other := range e.program.Rules[rule].explains {
		if e.truths[other] == True {
			explained = append(explained, other)
		}
	}
	return explained
}

// Keys returns the keys of a batch's items on a side: "" where there is none.
func (p *Program) Keys(side int, b *catalog.Batch) *catalog.Strings {
	key := p.keys[side]
	if key == nil {
		return b.Column(b.Schema().Index("sku")).(*catalog.Strings)
	}
	var frame expr.Frame
	frame.SetBatch(0, b)
	schema := catalog.MustSchema(catalog.Field{Name: "key", Type: catalog.String})
	builder := catalog.NewBuilder(schema)
	for i := range b.Len() {
		frame.SetRow(0, i)
		if s, known := key.Str(&frame); known {
			builder.SetString(0, s)
		}
		builder.End()
	}
	return builder.Batch().Column(0).(*catalog.Strings)
}
