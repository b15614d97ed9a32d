// Package explain says how the rules came to the cells of an item, in sentences for somebody who keeps a shop.
package explain

import (
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules"
	"github.com/reconcilehq/reconcile/rules/expr"
)

// Pair is what rules are evaluated on: a row of each side and the key that the two have in common, or one row that is
// not matched.
type Pair struct {
	On               verdict.Status
	Pos, Store       *catalog.Batch // with the schemas Program.Pos and Program.Store; nil where there is no row
	PosRow, StoreRow int
	Key              string

	Currencies [2]map[string]catalog.Currency // of the sides' amounts, by field, as far as they are known
}

// Explanation says how a rule came to its cell for a pair, in the words of somebody who keeps a shop. Its texts hold
// values as they were read: whoever prints them takes care of control characters.
type Explanation struct {
	Code, Title, Note string
	Severity          verdict.Severity
	Cell              rules.Cell

	Applies   string    // the condition that says which items the rule is about, where it decided; "" otherwise
	Condition string    // as the configuration writes it, on one line
	Place     hcl.Range // of the condition
	Values    string    // the condition with the values put in; "" where the reasons say as much
	Filled    string    // the same, always

	// Reasons are sentences: which part of the condition decided and by which values.
	Reasons []string

	Explains    []string // the codes of the rules whose N this rule took away
	ExplainedBy []string // the codes of the rules that took away this one's N

	Intent *rules.Intentional // what excused the discrepancy; nil if nothing did
	// Differences are those of the reasons that say what makes two values differ where that is hard to see.
	Differences []string
	// NearExcuses are those of the excuses that are about blocks which name the item, held once, or accepted other values.
	NearExcuses []string
	// Excuses are sentences: why the intentional block applies, or why one that could have applied does not.
	Excuses []string
}

// Plain reports whether there is nothing to say but that the values are synchronized.
func (e *Explanation) Plain() bool {
	return e.Cell.State == verdict.Synchronized && !e.Cell.Explained && len(e.Explains) == 0
}

// Cells says of each rule that is about such items how it came to its cell for the pair. now decides which
// intentional blocks have expired, and is the one that the program was compiled with.
func Cells(c *rules.Config, p *rules.Program, pair Pair, now time.Time) []Explanation {
	x := newExplainer(c, p, pair, now)
	evaluator := p.NewEvaluator()
	evaluator.Ignore(p.InOtherCurrencies(pair.Currencies))
	cells, synchronized := x.evaluate(evaluator)
	list := make([]Explanation, len(p.Rules))
	for i := range p.Rules {
		if cells[i].State != verdict.NotThere {
			list[i] = x.rule(&p.Rules[i], cells[i])
		}
	}
	for i := range p.Rules {
		if synchronized {
			break // the evaluator does not look who explains whom where there is nothing to explain
		}
		for _, other := range evaluator.Explains(i) {
			list[i].Explains = append(list[i].Explains, p.Rules[other].Code)
			list[other].ExplainedBy = append(list[other].ExplainedBy, p.Rules[i].Code)
		}
	}
	return slices.DeleteFunc(list, func(e Explanation) bool { return e.Cell.State == verdict.NotThere })
}

// explainer explains the rules for one pair.
type explainer struct {
	config  *rules.Config
	program *rules.Program
	pair    Pair
	now     time.Time
	scope   *expr.Scope
	frame   expr.Frame
	wording wording
}

// newExplainer returns an explainer whose traces are of the pair.
func newExplainer(c *rules.Config, p *rules.Program, pair Pair, now time.Time) *explainer {
	x := &explainer{config: c, program: p, pair: pair, now: now, scope: c.Scope(p.Pos, p.Store), wording: wording{c.Files}}
	if pair.Pos != nil {
		x.frame.SetBatch(verdict.Pos, pair.Pos)
		x.frame.SetRow(verdict.Pos, pair.PosRow)
	}
	if pair.Store != nil {
		x.frame.SetBatch(verdict.Store, pair.Store)
		x.frame.SetRow(verdict.Store, pair.StoreRow)
	}
	return x
}

// evaluate returns the pair's cells.
func (x *explainer) evaluate(e *rules.Evaluator) (cells []rules.Cell, synchronized bool) {
	p := &x.pair
	switch {
	case p.On == verdict.Matched:
		return e.Evaluate(p.Pos, p.PosRow, p.Store, p.StoreRow, p.Key)
	case p.Pos != nil:
		return e.EvaluateOne(p.On, verdict.Pos, p.Pos, p.PosRow, p.Key)
	}
	return e.EvaluateOne(p.On, verdict.Store, p.Store, p.StoreRow, p.Key)
}

// trace evaluates a condition step by step; nil if it reads a side that is not there.
func (x *explainer) trace(e hclsyntax.Expression, mayLack bool) *expr.Trace {
	for _, name := range e.Variables() {
		if root := name.RootName(); root == "pos" && x.pair.Pos == nil || root == "store" && x.pair.Store == nil {
			return nil
		}
	}
	scope := *x.scope
	scope.MayLack = mayLack
	compiled, _ := expr.Compile(e, &scope) // it was compiled before, without a mistake
	return compiled.Trace(&x.frame)
}

func (x *explainer) rule(r *rules.CompiledRule, cell rules.Cell) Explanation {
	e := Explanation{Code: r.Code, Title: r.Title, Note: r.Note, Severity: r.Severity, Cell: cell, Place: r.Condition()}
	t := x.trace(r.Rule.When, false)
	if t == nil {
		e.Condition = x.wording.sourceAt(r.Condition())
		e.Reasons = []string{"It reads the other side, where this row is not."}
		return e
	}
	if x.notAbout(r, &e) {
		return e
	}
	e.Condition, e.Values, e.Reasons = x.wording.written(t), x.wording.filled(t), x.wording.reasons(t)
	e.Filled = e.Values
	e.Differences = x.wording.differences(t)
	if t.Ref != nil || strings.HasPrefix(e.Reasons[0], e.Values+" is ") {
		e.Values = "" // the reason has them
	}
	switch cell.State {
	case verdict.Intentional:
		e.Intent = x.program.Intentional[cell.Intent].Intentional
		e.Excuses = x.applies(e.Intent)
	case verdict.NotSynchronized:
		e.Excuses, e.NearExcuses = x.nearlyExcused(r.Code)
	}
	return e
}

// notAbout fills in why the rule is not about the item, or nobody knows whether it is; false if it is about it.
func (x *explainer) notAbout(r *rules.CompiledRule, e *Explanation) bool {
	if r.Applies == nil {
		return false
	}
	t := x.trace(r.Applies, true)
	if t == nil || !t.Null && t.Value.Bool() {
		return false
	}
	e.Condition, e.Applies = x.wording.sourceAt(r.Condition()), x.wording.written(t)
	if t.Null {
		e.Reasons = []string{"Nobody knows whether the rule is about this item: " + x.wording.unknown(t, "it was not checked")}
	} else {
		e.Reasons = append([]string{"The rule is not about this item."}, x.wording.reasons(t)...)
	}
	return true
}
