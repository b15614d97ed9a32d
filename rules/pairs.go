package rules

import (
	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// takeCells takes the cells of pair i by rule, and whether all rules about pairs read S with nothing explained. The slice is
// overwritten when the function has returned.
type takeCells = func(i int, cells []Cell, synchronized bool)

// EvaluatePairs evaluates the rules on pairs that lie side by side: row i of posBatch with row i of storeBatch, whose key
// is key(i). It calls each for every pair, in order. The cells are those that Evaluate would give.
//
// It goes through the columns: first every two that are compared at all, once for all rules, then the conditions on one
// side. What follows from that, which is most of it in catalogues that are much alike, is not evaluated.
func (e *Evaluator) EvaluatePairs(posBatch, storeBatch *catalog.Batch, key func(int) string, each takeCells) {
	n := posBatch.Len()
	if n == 0 {
		return
	}
	e.setRow(verdict.Pos, posBatch, 0)
	e.setRow(verdict.Store, storeBatch, 0)
	known := e.knownOf(posBatch, storeBatch, n)
	for i := range known {
		e.pair(e.outlooks.of(&known[i]), i, key, each)
	}
}

// EvaluateOpen is EvaluatePairs for pairs whose outlooks are known: outlooks has them by row. Columns that an outlook does not read may
// have anything in its rows.
func (e *Evaluator) EvaluateOpen(posBatch, storeBatch *catalog.Batch, outlooks []*Outlook, key func(int) string, each takeCells) {
	if len(outlooks) == 0 {
		return
	}
	e.setRow(verdict.Pos, posBatch, 0)
	e.setRow(verdict.Store, storeBatch, 0)
	for i, outlook := range outlooks {
		e.pair(outlook, i, key, each)
	}
}

// pair evaluates the rules on the pair in row i of the batches, and hands on its cells.
func (e *Evaluator) pair(outlook *Outlook, i int, key func(int) string, each takeCells) {
	if outlook.plain {
		each(i, e.plain, true)
		return
	}
	e.rows[verdict.Pos], e.rows[verdict.Store] = i, i
	synchronized := e.finish(outlook, i)
	e.weigh(outlook)
	if synchronized {
		each(i, e.plain, true)
		return
	}
	e.explain()
	e.setCells(key(i), [2]bool{true, true}, false)
	each(i, e.cells, false)
}

// finish evaluates what the outlook leaves open for row i of both sides, and reports whether all rules about pairs
// come to false.
func (e *Evaluator) finish(o *Outlook, i int) (synchronized bool) {
	copy(e.truths, o.truths)
	e.frame.SetRow(verdict.Pos, i)
	e.frame.SetRow(verdict.Store, i)
	for _, rule := range o.open {
		e.truths[rule] = e.truth(&e.program.Rules[rule])
	}
	for _, truth := range e.truths {
		if truth != verdict.False && truth != verdict.Absent {
			return false
		}
	}
	return true
}

// knownOf compares the columns and evaluates the tests.
func (e *Evaluator) knownOf(posBatch, storeBatch *catalog.Batch, n int) []verdict.Known {
	if cap(e.known) < n {
		e.known = make([]verdict.Known, n)
	}
	known := e.known[:n]
	clear(known)
	for t, twin := range e.program.Twins() {
		compareColumns(known, t, posBatch.Column(twin[verdict.Pos]), storeBatch.Column(twin[verdict.Store]))
	}
	for _, side := range verdict.Sides {
		for t, test := range e.program.tests[side] {
			for i := range known {
				e.frame.SetRow(side, i)
				known[i].SetTest(side, t, verdict.TruthOf(test.Bool(&e.frame)))
			}
		}
	}
	return known
}

// compareColumns notes for each row whether the two columns have the same value there, are both null, or have other values.
func compareColumns(known []verdict.Known, twin int, a, b catalog.Column) {
	bit := uint64(1) << twin
	switch a := a.(type) {
	case *catalog.Strings:
		b := b.(*catalog.Strings)
		for i := range known {
			set(&known[i], bit, a.At(i) == b.At(i))
		}
	case *catalog.Numbers:
		compareNumbers(known, bit, a, b.(*catalog.Numbers))
	case *catalog.Bools:
		b := b.(*catalog.Bools)
		for i := range known {
			x, xOK := a.At(i)
			y, yOK := b.At(i)
			switch {
			case !xOK && !yOK:
				known[i].Equal |= bit
				known[i].Null |= bit
			case xOK && yOK:
				set(&known[i], bit, x == y)
			}
		}
	case *catalog.Lists:
		b := b.(*catalog.Lists)
		for i := range known {
			set(&known[i], bit, catalog.EqualLists(a, i, b, i))
		}
	case *catalog.Maps:
		b := b.(*catalog.Maps)
		for i := range known {
			set(&known[i], bit, catalog.EqualMaps(a, i, b, i))
		}
	}
}

// set notes whether two values, neither of them null, are equal.
func set(k *verdict.Known, bit uint64, equal bool) {
	if equal {
		k.Equal |= bit
	} else {
		k.Differ |= bit
	}
}

// compareNumbers compares coefficients where both columns have one scale and nothing that does not fit it.
func compareNumbers(known []verdict.Known, bit uint64, a, b *catalog.Numbers) {
	coefA, scaleA, validA, wideA := a.Raw()
	coefB, scaleB, validB, wideB := b.Raw()
	if scaleA == scaleB && wideA == nil && wideB == nil && validA == nil && validB == nil {
		for i := range known {
			set(&known[i], bit, coefA[i] == coefB[i])
		}
		return
	}
	for i := range known {
		x, xOK := a.At(i)
		y, yOK := b.At(i)
		switch {
		case !xOK && !yOK:
			known[i].Equal |= bit
			known[i].Null |= bit
		case xOK && yOK:
			set(&known[i], bit, x.Equal(y))
		}
	}
}
