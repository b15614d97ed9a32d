// Package ruletest reads tests of rules and runs them. A test gives an item as both sides have it, and says which cells the
// rules are to make of it. No source is needed.
package ruletest

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/verdict"
	"github.com/reconcilehq/reconcile/rules"
	"github.com/reconcilehq/reconcile/rules/block"
	"github.com/reconcilehq/reconcile/rules/grammar"
)

// Test is a test block: an item as both sides have it, and what the rules are to say of it.
type Test struct {
	Name           string
	Range          hcl.Range
	Reconciliation *rules.Reconciliation
	Expect         []Expected

	on     verdict.Status // which items its rules are about
	sides  [2][]given     // the values of fields, by side
	there  [2]bool        // whether the item is on the side
	key    *string        // nil: as the reconciliation derives it
	today  time.Time      // zero: the day on which it is run
	fields [2]hcl.Range   // where the sides are given
	torn   bool           // a field has another type in another test, which is reported

	program *rules.Program
	now     time.Time
}

// given is a field's value in a test.
type given struct {
	name  block.Word
	value catalog.Value // of type Invalid for null
	at    hcl.Range     // of the value
}

// Expected is one cell that a test expects.
type Expected struct {
	Code  string
	Cell  verdict.Cell
	Range hcl.Range
}

var fileSchema = &hcl.BodySchema{Blocks: block.Headers(grammar.Test)}

// Files returns the test files beside the configuration at path: every *.test.hcl in its folder.
func Files(path string) ([]string, error) {
	dir := path
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		dir = filepath.Dir(path)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("look for tests beside the configuration: %w", err)
	}
	var files []string
	for _, e := range entries {
		if name := e.Name(); !e.IsDir() && strings.HasSuffix(name, ".test.hcl") && !strings.HasPrefix(name, ".") {
			files = append(files, filepath.Join(dir, name))
		}
	}
	return files, nil
}

// Load reads test files. It adds them to the configuration's Files, so that diagnostics can be printed. As with rules.Load,
// syntax errors come first; without them it goes on after each mistake.
func Load(c *rules.Config, names []string) ([]*Test, hcl.Diagnostics) {
	l := &loader{Reader: c.Reader(), config: c}
	parsed := make([]*block.Files, len(names))
	for i, name := range names {
		var diags hcl.Diagnostics
		parsed[i], diags = block.ParseAll([]string{name})
		l.Diags = append(l.Diags, diags...)
		maps.Copy(c.Files, parsed[i].Parsed)
	}
	if l.Diags.HasErrors() {
		return nil, l.Diags
	}
	for _, file := range parsed {
		l.Each(l.ByType(file, fileSchema, true)["test"], block.Text(), l.test)
	}
	l.checkTypes()
	return l.tests, l.Diags
}

// loader is the state of reading the tests of a configuration.
type loader struct {
	*block.Reader
	config *rules.Config
	tests  []*Test
}

func (l *loader) test(b *hcl.Block) {
	attrs := l.Attributes(b, grammar.Test)
	t := &Test{Name: b.Labels[0], Range: b.DefRange}
	l.tests = append(l.tests, t)
	t.Reconciliation = l.reconciliation(b, attrs)
	for _, side := range verdict.Sides {
		if a, ok := attrs[side.String()]; ok {
			t.there[side], t.fields[side] = true, a.Range
			t.sides[side] = l.fields(a)
		}
	}
	if a, ok := attrs["key"]; ok {
		if v, ok := l.Constant(a.Expr, catalog.String, `"key"`); ok {
			key := v.Str()
			t.key = &key
		}
	}
	if a, ok := attrs["today"]; ok {
		if v, ok := l.Constant(a.Expr, catalog.String, `"today"`); ok {
			day, err := time.ParseInLocation(time.DateOnly, v.Str(), time.Local)
			if err != nil {
				l.Fail(a.Expr.Range(), "Invalid date", `%q is not a date: write the day on which the test takes place as "2027-03-31".`, v.Str())
			}
			t.today = day
		}
	}
	if a, ok := attrs["expect"]; ok {
		l.expect(t, a)
	}
}

// reconciliation returns the one that the test is about; nil after a diagnostic.
func (l *loader) reconciliation(b *hcl.Block, attrs hcl.Attributes) *rules.Reconciliation {
	at := b.DefRange
	if a, ok := attrs["reconciliation"]; ok {
		at = a.Expr.Range()
	}
	r, diags := l.config.Choose(l.Text(attrs, "reconciliation"))
	for _, diag := range diags {
		diag.Subject = &at
		if diag.Summary == "Which reconciliation?" {
			diag.Detail += ` In a test: reconciliation = "name".`
		}
	}
	l.Diags = append(l.Diags, diags...)
	return r
}

// object returns the names and values of an attribute that is written as { name = value, ... }.
func (l *loader) object(a *hcl.Attribute, example string, each func(name block.Word, value hclsyntax.Expression)) {
	object, ok := a.Expr.(*hclsyntax.ObjectConsExpr)
	if !ok {
		l.Fail(a.Expr.Range(), "Names and values expected", "Write %q as %s.", a.Name, example)
		return
	}
	seen := map[string]hcl.Range{}
	for _, item := range object.Items {
		at := item.KeyExpr.Range()
		name := hcl.ExprAsKeyword(item.KeyExpr)
		if name == "" {
			key := item.KeyExpr
			if wrapped, ok := key.(*hclsyntax.ObjectConsKeyExpr); ok {
				key = wrapped.Wrapped
			}
			v, ok := l.Constant(key, catalog.String, fmt.Sprintf("A name in %q", a.Name))
			if !ok {
				continue
			}
			name = v.Str()
		}
		if first, twice := seen[name]; twice {
			l.Fail(at, "Given twice", "%q is given at %s already.", name, block.Place(first))
			continue
		}
		seen[name] = at
		each(block.Word{Text: name, At: at}, item.ValueExpr)
	}
}

// expect reads the cells that a test expects.
func (l *loader) expect(t *Test, a *hcl.Attribute) {
	var expected []*rules.Rule
	count := 0
	l.object(a, `{ Q = "S", QP = "N" }`, func(code block.Word, value hclsyntax.Expression) {
		count++
		v, ok := l.Constant(value, catalog.String, fmt.Sprintf("The cell of %s", code.Text))
		if ok && (len(v.Str()) != 1 || !strings.Contains("SNI-", v.Str())) {
			l.Fail(value.Range(), "Not a cell", `%q is no cell. A cell is "S" (synchronized), "N" (not synchronized), "I" (intentional) or "-" (not compared).`, v.Str())
			ok = false
		}
		if rule := l.expectedRule(t, code); rule != nil && ok {
			expected = append(expected, rule)
			t.Expect = append(t.Expect, Expected{code.Text, verdict.Cell(v.Str()[0]), code.At})
		}
	})
	if _, ok := a.Expr.(*hclsyntax.ObjectConsExpr); ok && count == 0 {
		l.Fail(a.Expr.Range(), "Nothing expected", `Name at least one rule and its cell, such as { Q = "S" }.`)
	}
	l.about(t, a, expected)
}

// expectedRule returns the rule of a code; nil after a diagnostic.
func (l *loader) expectedRule(t *Test, code block.Word) *rules.Rule {
	if t.Reconciliation == nil {
		return nil // which is reported already
	}
	var codes []string
	for _, r := range t.Reconciliation.Rules {
		if r.Code == code.Text {
			return r
		}
		codes = append(codes, r.Code)
	}
	switch {
	case l.config.RuleIsBroken(code.Text): // which is reported already
	case l.config.Rule(code.Text) != nil:
		l.Fail(code.At, "Rule is not evaluated", "Reconciliation %q does not list rule %q. It has: %s.", t.Reconciliation.Name, code.Text, strings.Join(codes, ", "))
	default:
		l.Fail(code.At, "Unknown rule", "There is no rule %q.%s Rules are: %s.", code.Text, catalog.DidYouMean(code.Text, codes), strings.Join(codes, ", "))
	}
	return nil
}

// about finds out which items the test's rules are about, and checks that just the sides are given which such items have.
func (l *loader) about(t *Test, a *hcl.Attribute, expected []*rules.Rule) {
	if len(expected) == 0 {
		return // which is a mistake, reported already
	}
	t.on = expected[0].On
	if i := slices.IndexFunc(expected, func(r *rules.Rule) bool { return r.On != t.on }); i >= 0 {
		l.Fail(t.Expect[i].Range, "Rules about different items", "Rule %q is about items that are %s, rule %q about those that are %s. No item is both: write two tests.",
			expected[0].Code, t.on, expected[i].Code, expected[i].On)
		return
	}
	switch {
	case t.on == verdict.PosOnly && t.there[verdict.Store]:
		l.Fail(t.fields[verdict.Store], "Side is absent", "Rule %q is about items that are %s: leave store out.", expected[0].Code, t.on)
	case t.on == verdict.StoreOnly && t.there[verdict.Pos]:
		l.Fail(t.fields[verdict.Pos], "Side is absent", "Rule %q is about items that are %s: leave pos out.", expected[0].Code, t.on)
	case t.on == verdict.Duplicate && t.there[verdict.Pos] == t.there[verdict.Store]:
		l.Fail(a.Range, "One side only", "Rule %q is about single rows of a duplicate: give either pos or store.", expected[0].Code)
	}
	switch t.on { // also where no field is given
	case verdict.Matched:
		t.there = [2]bool{true, true}
	case verdict.PosOnly:
		t.there[verdict.Pos] = true
	case verdict.StoreOnly:
		t.there[verdict.Store] = true
	}
}
