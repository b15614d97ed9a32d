package rules

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/verdict"
)

// Test is a test block: an item as both sides have it, and what the rules are to say of it.
type Test struct {
	Name           string
	Range          hcl.Range
	Reconciliation *Reconciliation
	Expect         []Expected

	on     verdict.Status // which items its rules are about
	sides  [2][]given     // the values of fields, by side
	there  [2]bool        // whether the item is on the side
	key    *string        // nil: as the reconciliation derives it
	today  time.Time      // zero: the day on which it is run
	fields [2]hcl.Range   // where the sides are given
	torn   bool           // a field has another type in another test, which is reported

	program *Program
	now     time.Time
}

// given is a field's value in a test.
type given struct {
	name  word
	value catalog.Value // of type Invalid for null
	at    hcl.Range     // of the value
}

// Expected is one cell that a test expects.
type Expected struct {
	Code  string
	Cell  verdict.Cell
	Range hcl.Range
}

var testFileSchema = &hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: "test", LabelNames: []string{"name"}}}}

// TestFiles returns the test files beside the configuration at path: every *.test.hcl in its folder.
func TestFiles(path string) ([]string, error) {
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

// LoadTests reads test files. It adds them to the configuration's Files, so that diagnostics can be printed. As with
// Load, syntax errors come first; without them it goes on after each mistake.
func (c *Config) LoadTests(files []string) ([]*Test, hcl.Diagnostics) {
	parser := hclparse.NewParser()
	d := &testDecoder{decoder: &decoder{config: c, seen: map[string]hcl.Range{}}}
	var bodies []*hclsyntax.Body
	for _, name := range files {
		file, diags := parser.ParseHCLFile(name)
		d.diags = append(d.diags, diags...)
		if file != nil {
			c.Files[name] = file
			bodies = append(bodies, file.Body.(*hclsyntax.Body))
		}
	}
	if d.diags.HasErrors() {
		return nil, d.diags
	}
	for _, body := range bodies {
		content, diags := body.Content(testFileSchema)
		d.diags = append(d.diags, diags...)
		d.each(content.Blocks, d.decodeTest)
	}
	d.checkTypes()
	return d.tests, d.diags
}

// testDecoder is the state of reading the tests of a configuration.
type testDecoder struct {
	*decoder
	tests []*Test
}

func (d *testDecoder) decodeTest(b *hcl.Block) {
	attrs := d.content(b, []string{"expect"}, "pos", "store", "reconciliation", "key", "today")
	t := &Test{Name: b.Labels[0], Range: b.DefRange}
	d.tests = append(d.tests, t)
	t.Reconciliation = d.reconciliation(b, attrs)
	for _, side := range verdict.Sides {
		if a, ok := attrs[side.String()]; ok {
			t.there[side], t.fields[side] = true, a.Range
			t.sides[side] = d.fields(a)
		}
	}
	if a, ok := attrs["key"]; ok {
		if v, ok := d.constant(a.Expr, catalog.String, `"key"`); ok {
			key := v.Str()
			t.key = &key
		}
	}
	if a, ok := attrs["today"]; ok {
		if v, ok := d.constant(a.Expr, catalog.String, `"today"`); ok {
			day, err := time.ParseInLocation(time.DateOnly, v.Str(), time.Local)
			if err != nil {
				d.fail(a.Expr.Range(), "Invalid date", `%q is not a date: write the day on which the test takes place as "2027-03-31".`, v.Str())
			}
			t.today = day
		}
	}
	if a, ok := attrs["expect"]; ok {
		d.expect(t, a)
	}
}

// reconciliation returns the one that the test is about; nil after a diagnostic.
func (d *testDecoder) reconciliation(b *hcl.Block, attrs hcl.Attributes) *Reconciliation {
	at := b.DefRange
	if a, ok := attrs["reconciliation"]; ok {
		at = a.Expr.Range()
	}
	r, diags := d.config.Choose(d.text(attrs, "reconciliation"))
	for _, diag := range diags {
		diag.Subject = &at
		if diag.Summary == "Which reconciliation?" {
			diag.Detail += ` In a test: reconciliation = "name".`
		}
	}
	d.diags = append(d.diags, diags...)
	return r
}

// object returns the names and values of an attribute that is written as { name = value, ... }.
func (d *testDecoder) object(a *hcl.Attribute, example string, each func(name word, value hclsyntax.Expression)) {
	object, ok := a.Expr.(*hclsyntax.ObjectConsExpr)
	if !ok {
		d.fail(a.Expr.Range(), "Names and values expected", "Write %q as %s.", a.Name, example)
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
			v, ok := d.constant(key, catalog.String, fmt.Sprintf("A name in %q", a.Name))
			if !ok {
				continue
			}
			name = v.Str()
		}
		if first, twice := seen[name]; twice {
			d.fail(at, "Given twice", "%q is given at %s already.", name, place(first))
			continue
		}
		seen[name] = at
		each(word{name, at}, item.ValueExpr)
	}
}

// expect reads the cells that a test expects.
func (d *testDecoder) expect(t *Test, a *hcl.Attribute) {
	var rules []*Rule
	count := 0
	d.object(a, `{ Q = "S", QP = "N" }`, func(code word, value hclsyntax.Expression) {
		count++
		v, ok := d.constant(value, catalog.String, fmt.Sprintf("The cell of %s", code.text))
		if ok && (len(v.Str()) != 1 || !strings.Contains("SNI-", v.Str())) {
			d.fail(value.Range(), "Not a cell", `%q is no cell. A cell is "S" (synchronized), "N" (not synchronized), "I" (intentional) or "-" (does not apply).`, v.Str())
			ok = false
		}
		if rule := d.expectedRule(t, code); rule != nil && ok {
			rules = append(rules, rule)
			t.Expect = append(t.Expect, Expected{code.text, verdict.Cell(v.Str()[0]), code.at})
		}
	})
	if _, ok := a.Expr.(*hclsyntax.ObjectConsExpr); ok && count == 0 {
		d.fail(a.Expr.Range(), "Nothing expected", `Name at least one rule and its cell, such as { Q = "S" }.`)
	}
	d.about(t, a, rules)
}

// expectedRule returns the rule of a code; nil after a diagnostic.
func (d *testDecoder) expectedRule(t *Test, code word) *Rule {
	if t.Reconciliation == nil {
		return nil // which is reported already
	}
	var codes []string
	for _, r := range t.Reconciliation.Rules {
		if r.Code == code.text {
			return r
		}
		codes = append(codes, r.Code)
	}
	switch {
	case d.config.broken["rule "+code.text]: // which is reported already
	case d.config.Rule(code.text) != nil:
		d.fail(code.at, "Rule is not evaluated", "Reconciliation %q does not list rule %q. It has: %s.", t.Reconciliation.Name, code.text, strings.Join(codes, ", "))
	default:
		d.fail(code.at, "Unknown rule", "There is no rule %q.%s Rules are: %s.", code.text, suggest(code.text, codes), strings.Join(codes, ", "))
	}
	return nil
}

// about finds out which items the test's rules are about, and checks that just the sides are given which such items have.
func (d *testDecoder) about(t *Test, a *hcl.Attribute, rules []*Rule) {
	if len(rules) == 0 {
		return // which is a mistake, reported already
	}
	t.on = rules[0].On
	if i := slices.IndexFunc(rules, func(r *Rule) bool { return r.On != t.on }); i >= 0 {
		d.fail(t.Expect[i].Range, "Rules about different items", "Rule %q is about items that are %s, rule %q about those that are %s. No item is both: write two tests.",
			rules[0].Code, t.on, rules[i].Code, rules[i].On)
		return
	}
	switch {
	case t.on == verdict.PosOnly && t.there[verdict.Store]:
		d.fail(t.fields[verdict.Store], "Side is absent", "Rule %q is about items that are %s: leave store out.", rules[0].Code, t.on)
	case t.on == verdict.StoreOnly && t.there[verdict.Pos]:
		d.fail(t.fields[verdict.Pos], "Side is absent", "Rule %q is about items that are %s: leave pos out.", rules[0].Code, t.on)
	case t.on == verdict.Duplicate && t.there[verdict.Pos] == t.there[verdict.Store]:
		d.fail(a.Range, "One side only", "Rule %q is about single rows of a duplicate: give either pos or store.", rules[0].Code)
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
