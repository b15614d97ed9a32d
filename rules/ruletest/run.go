package ruletest

import (
	"slices"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules"
	"github.com/reconcilehq/reconcile/rules/explain"
)

// Failure is a cell that is not what a test expects.
type Failure struct {
	Expected
	Explanation explain.Explanation // of the cell as it is
}

// Compile checks the rules that the tests are about against the tests' fields. now is the day of those tests that
// name none. No source is needed. The tests can be run if there is no error among the diagnostics.
func Compile(c *rules.Config, tests []*Test, now time.Time) hcl.Diagnostics {
	if slices.ContainsFunc(tests, func(t *Test) bool { return t.torn }) {
		return nil // whichever of the types were taken, rules could be blamed for it
	}
	var diags hcl.Diagnostics
	sides := schemas(tests)
	type what struct {
		reconciliation *rules.Reconciliation
		today          time.Time
	}
	programs := map[what]*rules.Program{}
	var used []*rules.Reconciliation
	for _, t := range tests {
		if t.Reconciliation == nil {
			continue // which is reported already
		}
		if !slices.Contains(used, t.Reconciliation) {
			used = append(used, t.Reconciliation)
			diags = append(diags, untyped(c, t.Reconciliation, sides)...)
		}
		diags = append(diags, unread(c, t)...)
		t.now = now
		if !t.today.IsZero() {
			t.now = t.today
		}
		p, done := programs[what{t.Reconciliation, t.today}]
		if !done {
			var more hcl.Diagnostics
			p, more = c.Compile(t.Reconciliation, sides[verdict.Pos], sides[verdict.Store], t.now)
			programs[what{t.Reconciliation, t.today}] = p
			diags = rules.Merge(diags, ownWords(more, diags, t))
		}
		t.program = p
	}
	return rules.Merge(diags, c.CheckRules(used))
}

// ownWords leaves out what was said of the same place in words that fit tests better, and warnings about a day that is
// only a test's.
func ownWords(diags, given hcl.Diagnostics, t *Test) hcl.Diagnostics {
	return slices.DeleteFunc(diags, func(d *hcl.Diagnostic) bool {
		if d.Severity == hcl.DiagWarning {
			return !t.today.IsZero()
		}
		return d.Subject != nil && slices.ContainsFunc(given, func(g *hcl.Diagnostic) bool { return g.Subject != nil && *g.Subject == *d.Subject })
	})
}

// Run evaluates the rules on a compiled test's item and returns the cells that are not as expected.
func Run(c *rules.Config, t *Test) []Failure {
	var failures []Failure
	explanations := Explain(c, t)
	for _, want := range t.Expect {
		for _, e := range explanations {
			if e.Code == want.Code && e.Cell.State != want.Cell {
				failures = append(failures, Failure{want, e})
			}
		}
	}
	return failures
}

// Explain says of all rules about items as the compiled test's how they came to their cells for its item.
func Explain(c *rules.Config, t *Test) []explain.Explanation {
	p := t.program
	pair := explain.Pair{On: t.on}
	if t.there[verdict.Store] {
		pair.Store = t.batch(verdict.Store, p.Store)
		pair.Key = p.Keys(verdict.Store, pair.Store).At(0)
	}
	if t.there[verdict.Pos] {
		pair.Pos = t.batch(verdict.Pos, p.Pos)
		pair.Key = p.Keys(verdict.Pos, pair.Pos).At(0)
	}
	if t.key != nil {
		pair.Key = *t.key
	}
	return explain.Cells(c, p, pair, t.now)
}

// batch returns one side of the test's item: fields that are not given are null, "" or empty.
func (t *Test) batch(side verdict.Side, schema *catalog.Schema) *catalog.Batch {
	b := catalog.NewBuilder(schema)
	for _, g := range t.sides[side] {
		at := schema.Index(g.name.Text)
		if at < 0 || g.value.Type() == catalog.Invalid {
			continue // nothing reads it, or it is null
		}
		if err := b.Set(at, g.value); err != nil {
			panic(err) // the types were checked
		}
	}
	b.End()
	return b.Batch()
}
