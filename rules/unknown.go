package rules

import (
	"strings"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules/expr"
)

// Unknowns returns why a rule's cell of a pair is unknown: the fields that were null and made its condition null, each once, and
// operations that had no result. It is nil where the cell is not unknown. It is for explanations, as expr.Trace is.
func (e *Evaluator) Unknowns(rule int, posBatch *catalog.Batch, posRow int, storeBatch *catalog.Batch, storeRow int) []verdict.Unknown {
	e.setRow(verdict.Pos, posBatch, posRow)
	e.setRow(verdict.Store, storeBatch, storeRow)
	return e.unknowns(&e.program.Rules[rule])
}

// UnknownsOne is like Unknowns for an item that is not matched, which has a row on one side only. It is nil, too, where
// the rule reads the other.
func (e *Evaluator) UnknownsOne(rule int, side verdict.Side, batch *catalog.Batch, row int) []verdict.Unknown {
	r := &e.program.Rules[rule]
	if lacks([2]bool{side == verdict.Pos, side == verdict.Store}, r.sides) {
		return nil
	}
	e.setRow(side, batch, row)
	return e.unknowns(r)
}

// unknowns returns why the rule is unknown on the rows that the frame is on.
func (e *Evaluator) unknowns(r *CompiledRule) []verdict.Unknown {
	deciding := r.when
	if r.applies != nil {
		switch applies, known := r.applies.Bool(&e.frame); {
		case !known:
			deciding = r.applies
		case !applies:
			return nil
		}
	}
	var list []verdict.Unknown
	for _, cause := range deciding.Trace(&e.frame).Causes() {
		if cause.Ref != nil {
			list = append(list, verdict.Unknown{Side: cause.Ref.Side, Field: cause.Ref.Field})
		} else {
			list = append(list, verdict.Unknown{Reason: noResult(cause)})
		}
	}
	return list
}

// noResult says why an operation had no result.
func noResult(t *expr.Trace) string {
	of := func(parts ...*expr.Trace) string {
		var names []string
		for _, p := range parts {
			for _, ref := range p.Refs() {
				names = append(names, ref.Side.String()+"."+ref.Field)
			}
		}
		return strings.Join(names, ", ")
	}
	switch {
	case t.Kind == expr.Arithmetic:
		if divisor := of(t.Parts[1]); divisor != "" {
			return "division by zero: " + divisor
		}
		return "division by zero"
	case t.Kind == expr.Literal:
		return "the rule says null itself"
	case t.Kind == expr.LocalValue:
		return "a local value is null"
	case t.Kind == expr.Call && t.Function.NoResult != "" && of(t.Parts[0]) != "":
		return of(t.Parts[0]) + " " + t.Function.NoResult
	}
	if t.Op != "" && of(t.Parts...) != "" {
		return t.Op + " has no result for " + of(t.Parts...)
	}
	return "the condition has no result"
}
