package ruletest_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/rules"
	"github.com/reconcilehq/reconcile/rules/block"
	"github.com/reconcilehq/reconcile/rules/ruletest"
)

var testDay = time.Date(2026, 11, 23, 12, 0, 0, 0, time.Local)

// loadTests loads a configuration of two sources, a reconciliation and the given blocks, and its tests.
func loadTests(t *testing.T, blocks, tests string) (*rules.Config, []*ruletest.Test) {
	t.Helper()
	config, list, diags := tryTests(t, blocks, tests)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return config, list
}

func tryTests(t *testing.T, blocks, tests string) (*rules.Config, []*ruletest.Test, hcl.Diagnostics) {
	t.Helper()
	t.Chdir(t.TempDir()) // so that places are short
	const head = "source \"file\" \"a\" {}\nsource \"file\" \"b\" {}\nreconciliation \"r\" {\n  pos = source.file.a\n  store = source.file.b\n}\n"
	for name, text := range map[string]string{"rules.hcl": head + blocks, "rules.test.hcl": tests} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	config, diags := rules.Load("rules.hcl", rules.Options{Bundled: []string{"file"}})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	list, diags := ruletest.Load(config, []string{"rules.test.hcl"})
	return config, list, append(diags, ruletest.Compile(config, list, testDay)...)
}

const testedRules = `
rule "Q" { when = pos.qoh != store.qoh }
rule "M" { when = pos.margin < store.margin * 2 }
rule "NEW" {
  on   = "pos_only"
  when = pos.qoh > 0
}
rule "OLD" {
  on   = "store_only"
  when = store.visible
}
rule "TWICE" {
  on   = "duplicate"
  when = pos.qoh > 0
}
intentional "until spring" {
  rules   = ["Q"]
  where   = pos.brand == local.brand
  skus    = ["A-1"]
  expires = "2027-03-31"
  reason  = "."
}
locals { brand = "Fender" }
`

// TestRuleTests runs single tests, whose names say why they exist, and names the cells that are not as expected.
func TestRuleTests(t *testing.T) {
	for why, c := range map[string]struct{ body, want string }{
		"as expected":                             {`pos = { qoh = 1 }` + "\n" + `store = { qoh = 1.0 }` + "\n" + `expect = { Q = "S" }`, ""},
		"not as expected":                         {`pos = { qoh = 1 }` + "\n" + `store = { qoh = 2 }` + "\n" + `expect = { Q = "S" }`, "Q N rules.test.hcl:4"},
		"what is not given is null":               {`expect = { Q = "S" }`, "Q - rules.test.hcl:2"},
		"so is what is null":                      {`pos = { qoh = null }` + "\n" + `store = { qoh = 2 }` + "\n" + `expect = { Q = "-" }`, ""},
		"numbers are exact":                       {`pos = { qoh = 0.1 + 0.2 }` + "\n" + `store = { qoh = 0.3 }` + "\n" + `expect = { "Q" = "S" }`, ""},
		"a field of one's own":                    {`pos = { margin = 1 }` + "\n" + `store = { margin = 2 }` + "\n" + `expect = { M = "S" }`, "M N rules.test.hcl:4"},
		"intentional by key":                      {`pos = { qoh = 1, brand = local.brand }` + "\n" + `store = { qoh = 2 }` + "\n" + `key = "A-1"` + "\n" + `expect = { Q = "I" }`, ""},
		"the key is the pos side's SKU":           {`pos = { qoh = 1, brand = "Fender", sku = "A-1" }` + "\n" + `store = { qoh = 2 }` + "\n" + `expect = { Q = "I" }`, ""},
		"another key":                             {`pos = { qoh = 1, brand = "Fender", sku = "A-2" }` + "\n" + `store = { qoh = 2 }` + "\n" + `expect = { Q = "I" }`, "Q N rules.test.hcl:4"},
		"on the last day":                         {`pos = { qoh = 1, brand = "Fender", sku = "A-1" }` + "\n" + `store = { qoh = 2 }` + "\n" + `today = "2027-03-31"` + "\n" + `expect = { Q = "I" }`, ""},
		"on the day after":                        {`pos = { qoh = 1, brand = "Fender", sku = "A-1" }` + "\n" + `store = { qoh = 2 }` + "\n" + `today = "2027-04-01"` + "\n" + `expect = { Q = "I" }`, "Q N rules.test.hcl:5"},
		"an item that only the pos has":           {`pos = { qoh = 1 }` + "\n" + `expect = { NEW = "S" }`, "NEW N rules.test.hcl:3"},
		"an item that only the pos has, no field": {`expect = { NEW = "-" }`, ""},
		"an item that only the store has":         {`store = { visible = true }` + "\n" + `expect = { OLD = "N" }`, ""},
		"a duplicate's row":                       {`pos = { qoh = 1 }` + "\n" + `expect = { TWICE = "N" }`, ""},
		"a duplicate's row on the other side":     {`store = { qoh = 1 }` + "\n" + `expect = { TWICE = "-" }`, ""},
	} {
		t.Run(why, func(t *testing.T) {
			typed := "\ntest \"tells margin's type\" {\n  pos = { margin = 1 }\n  expect = { M = \"-\" }\n}\n"
			config, tests := loadTests(t, testedRules, "test \"item\" {\n"+c.body+"\n}\n"+typed)
			var got []string
			for _, f := range ruletest.Run(config, tests[0]) {
				got = append(got, fmt.Sprintf("%s %c %s", f.Code, f.Explanation.Cell.State, block.Place(f.Range)))
			}
			if diff := cmp.Diff(c.want, strings.Join(got, "; ")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestRuleTestMistakes has a test's body, and the line, summary and a part of the detail of what is wrong with it.
func TestRuleTestMistakes(t *testing.T) {
	const expect = "\nexpect = { Q = \"S\" }"
	for _, c := range []struct{ body, want, detail string }{
		{`pos = { qoh = "5" }` + expect, "2 Wrong type", "without quotes: 5"},
		{`pos = { qoh = [] }` + expect, "2 Wrong type", `The field "qoh" must be a number`},
		{`pos = { qoh = store.qoh }` + expect, "2 Unknown name", "local.NAME"},
		{`pos = { qoh = 1, qoh = 2 }` + expect, "2 Given twice", "rules.test.hcl:2"},
		{`pos = { marign = 1 }` + expect, "2 Unknown field", `Did you mean "margin"?`},
		{`pos = { "a-b" = 1 }` + expect, "2 Not a field's name", "digits and underscores"},
		{`pos = { margin = "x" }` + expect, "7 Different types", "pos.margin is a string at rules.test.hcl:2, but a number here"},
		{`pos = local.brand` + expect, "2 Names and values expected", "{ qoh = 5"},
		{`expect = { R = "S" }`, "2 Unknown rule", `Rules are: Q, M,`},
		{`expect = { QQ = "S" }`, "2 Unknown rule", `Did you mean "Q"?`},
		{`expect = { Q = "s" }`, "2 Not a cell", `"-" (not compared)`},
		{`expect = { Q = S }`, "2 Unknown name", `"S"`},
		{`expect = { Q = 1 }`, "2 Wrong type", `Write it in quotes`},
		{`expect = {}`, "2 Nothing expected", `at least one rule`},
		{`pos = {}`, "1 Missing required argument", "expect"},
		{`key = 5` + expect, "2 Wrong type", `"5"`},
		{`today = "spring"` + expect, "2 Invalid date", "2027-03-31"},
		{`reconciliation = "s"` + expect, "2 Unknown reconciliation", "There are: r."},
		{`expect = { Q = "S", NEW = "S" }`, "2 Rules about different items", "write two tests"},
		{`store = {}` + "\n" + `expect = { NEW = "S" }`, "2 Side is absent", "leave store out"},
		{`pos = {}` + "\n" + `expect = { OLD = "S" }`, "2 Side is absent", "leave pos out"},
		{`expect = { TWICE = "S" }`, "2 One side only", "either pos or store"},
		{`when = true` + expect, "2 Unsupported argument", "when"},
	} {
		t.Run(c.body, func(t *testing.T) {
			typed := "\ntest \"tells margin's type\" {\n  pos = { margin = 1 }\n  expect = { M = \"-\" }\n}\n"
			_, _, diags := tryTests(t, testedRules, "test \"item\" {\n"+c.body+"\n}\n"+typed)
			var got []string
			for _, d := range diags {
				if d.Subject == nil || d.Subject.Filename != "rules.test.hcl" || !strings.Contains(d.Detail, c.detail) {
					t.Errorf("%v", d)
				}
				got = append(got, fmt.Sprintf("%d %s", d.Subject.Start.Line, d.Summary))
			}
			if diff := cmp.Diff(c.want, strings.Join(slices.Compact(got), "; ")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestUntypedField is about a rule that reads a field of which nothing tells the type.
func TestUntypedField(t *testing.T) {
	_, _, diags := tryTests(t, testedRules+"rule \"T\" { when = pos.brnd == \"x\" }\n", "test \"item\" {\n  pos = { margin = null }\n  expect = { Q = \"-\" }\n}\n")
	var got []string
	for _, d := range diags {
		got = append(got, fmt.Sprintf("%s %s: %s", block.Place(*d.Subject), d.Summary, d.Detail))
	}
	want := []string{
		`rules.hcl:9 Type of the field is not known: "margin" is none of the fields that every connector knows, and no test gives it a value, which would tell its type. Otherwise give it one in a test, such as pos = { margin = 1 }.`,
		`rules.hcl:9 Type of the field is not known: "margin" is none of the fields that every connector knows, and no test gives it a value, which would tell its type. Otherwise give it one in a test, such as store = { margin = 1 }.`,
		`rules.hcl:30 Type of the field is not known: "brnd" is none of the fields that every connector knows, and no test gives it a value, which would tell its type. Did you mean "brand"? Otherwise give it one in a test, such as pos = { brnd = 1 }.`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestFiles(t *testing.T) {
	t.Chdir(t.TempDir())
	if _, err := ruletest.Files("nowhere/reconcile.hcl"); err == nil {
		t.Error("tests are found in a folder that is not there")
	}
}

// TestShippedRules holds the tests beside the shipped configuration: they pass, and there is one for each rule each way.
func TestShippedRules(t *testing.T) {
	root := filepath.Join("..", "..")
	config, diags := rules.Load(filepath.Join(root, "reconcile.hcl"), rules.Options{Bundled: []string{"amberpos", "bigcommerce"}})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	files, err := ruletest.Files(filepath.Join(root, "reconcile.hcl"))
	if err != nil {
		t.Fatal(err)
	}
	tests, diags := ruletest.Load(config, files)
	if diags = append(diags, ruletest.Compile(config, tests, testDay)...); diags.HasErrors() {
		t.Fatal(diags)
	}
	seen := map[string]bool{}
	for _, test := range tests {
		for _, want := range test.Expect {
			seen[want.Code+string(rune(want.Cell))] = true
		}
		for _, f := range ruletest.Run(config, test) {
			t.Errorf("%s: %s is %c: %s", test.Name, f.Code, f.Explanation.Cell.State, strings.Join(f.Explanation.Reasons, " "))
		}
	}
	for _, r := range config.Reconciliations[0].Rules {
		if !seen[r.Code+"S"] || !seen[r.Code+"N"] {
			t.Errorf("rule %s has no test for S, or none for N", r.Code)
		}
	}
}
