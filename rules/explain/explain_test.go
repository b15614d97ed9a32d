package explain_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/rules"
	"github.com/reconcilehq/reconcile/rules/explain"
	"github.com/reconcilehq/reconcile/rules/ruletest"
)

var testDay = time.Date(2026, 11, 23, 12, 0, 0, 0, time.Local)

// explained loads a configuration with the given blocks, and explains the rules for the item of the given test body.
func explained(t *testing.T, blocks, item string) map[string]explain.Explanation {
	t.Helper()
	t.Chdir(t.TempDir()) // so that places are short
	const head = "source \"file\" \"a\" {}\nsource \"file\" \"b\" {}\nreconciliation \"r\" {\n  pos = source.file.a\n  store = source.file.b\n}\n"
	test := "test \"item\" {\n" + item + "\n  key = \"A-1\"\n  expect = { R = \"S\" }\n}\n"
	for name, text := range map[string]string{"rules.hcl": head + blocks, "rules.test.hcl": test} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	config, diags := rules.Load("rules.hcl", rules.Options{Bundled: []string{"file"}})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	tests, diags := ruletest.Load(config, []string{"rules.test.hcl"})
	if diags = append(diags, ruletest.Compile(config, tests, testDay)...); diags.HasErrors() {
		t.Fatal(diags)
	}
	list := map[string]explain.Explanation{}
	for _, e := range ruletest.Explain(config, tests[0]) {
		list[e.Code] = e
	}
	return list
}

func rule(when string) string { return "rule \"R\" {\n  when = " + when + "\n}\n" }

func TestReasons(t *testing.T) {
	for _, c := range []struct{ why, when, pos, store, values, reasons string }{
		{"a comparison needs its values only", `pos.qoh != store.qoh`, `qoh = 5`, `qoh = 4`, "", "5 != 4 is true."},
		{"numbers are short", `pos.price == store.price`, `price = 10.50`, `price = 10.5`, "", "10.5 == 10.5 is true."},
		{"the first false part of &&", `pos.qoh != store.qoh && store.pending > 0 && pos.qoh - store.pending == store.qoh`, `qoh = 5`, `qoh = 4, pending = 0`,
			"5 != 4 && 0 > 0 && 5 - 0 == 4", "The second part decides: 0 > 0 is false."},
		{"the last part", `pos.qoh != store.qoh && store.pending > 0 && pos.qoh - store.pending == store.qoh`, `qoh = 5`, `qoh = 3, pending = 1`,
			"5 != 3 && 1 > 0 && 5 - 1 == 3", "The last part decides: 5 - 1 == 3 is false: 4 and 3."},
		{"all parts of a true &&", `pos.qoh > 1 && pos.qoh < 9`, `qoh = 5`, ``, "5 > 1 && 5 < 9", "Both parts are true."},
		{"all parts of a false ||", `pos.qoh < 1 || pos.qoh > 9 || pos.qoh == 7`, `qoh = 5`, ``, "5 < 1 || 5 > 9 || 5 == 7", "All 3 parts are false."},
		{"the first true part of ||", `pos.qoh < 1 || (pos.qoh > 3 && pos.visible)`, `qoh = 5, visible = true`, ``,
			"5 < 1 || (5 > 3 && true)", "The second part decides: 5 > 3 && true is true."},
		{"a nested part that one part of decided", `(pos.qoh > 9 && pos.visible) || pos.qoh < 1 `, `qoh = 5, visible = true`, ``,
			"(5 > 9 && true) || 5 < 1", "Both parts are false."},
		{"an unknown field, and its side", `pos.qoh != store.qoh`, `qoh = 5`, ``, "5 != unknown", "store.qoh is unknown, so there is nothing to compare."},
		{"several unknown fields", `pos.qoh + pos.weight > store.qoh`, ``, ``, "unknown + unknown > unknown", "pos.qoh, pos.weight and store.qoh are unknown, so there is nothing to compare."},
		{"a division by zero", `pos.price / pos.qoh > 1`, `price = 4, qoh = 0`, ``, "4 / 0 > 1", "4 / 0 is a division by zero, so there is nothing to compare."},
		{"a text that is no number", `tonumber(pos.bin) > 1`, `bin = "C3"`, ``, `tonumber("C3") > 1`, `"C3" is no number (tonumber(pos.bin)), so there is nothing to compare.`},
		{"a test for null", `store.pending == null`, ``, ``, "", "unknown == null is true: store.pending is unknown."},
		{"a test for null of what is known", `null == store.pending`, ``, `pending = 2`, "", "null == 2 is false: store.pending is 2."},
		{"a bool field", `pos.visible`, `visible = true`, ``, "", "pos.visible is true."},
		{"not", `!contains(pos.name, "x")`, `name = "Box"`, ``, "", `!contains("Box", "x") is false.`},
		{"a choice", `pos.tracked ? pos.qoh > 3 : false`, `tracked = true, qoh = 2`, ``, "true ? 2 > 3 : false", "pos.tracked is true, so what counts is that 2 > 3 is false."},
		{"what calls come to", `lower(pos.brand) != lower(store.brand)`, `brand = "LUMO"`, `brand = "Lumo"`, "", `lower("LUMO") != lower("Lumo") is false: both are "lumo".`},
		{"maps as Name:Value, and what only one has", `pos.options != store.options`, `options = { Size = "M", Color = "Red" }`, `options = { Size = "M" }`, "",
			`{Color:Red, Size:M} != {Size:M} is true. Only pos.options has "Color:Red".`},
		{"lists in another order", `pos.variation != store.variation`, `variation = ["a", "b"]`, `variation = ["b", "a"]`, "",
			`["a", "b"] != ["b", "a"] is true. They hold the same in another order, or another number of times.`},
		{"an empty list", `pos.variation != store.variation`, `variation = ["a", "b"]`, ``, "", `["a", "b"] != [] is true.`},
		{"a local name", `pos.brand == local.brand`, `brand = "Lumo"`, ``, "", `"Lumo" == "Fender" is false.`},
		{"a condition on many lines", "(\n    pos.qoh > 1 # comment\n    && pos.qoh < 3\n  )", `qoh = 2`, ``, "(2 > 1 && 2 < 3)", "Both parts are true."},
		{"texts that differ by case", `pos.name != store.name`, `name = "Bell"`, `name = "bell"`, "", `"Bell" != "bell" is true. They differ only in upper and lower case.`},
		{"by white space", `pos.name != store.name`, `name = "Big  Bell"`, `name = "Big Bell "`, "", `"Big  Bell" != "Big Bell " is true. They differ only in white space.`},
		{"by what is appended", `pos.name != store.name`, `name = "Bell"`, `name = "Bell A-1"`, "", `"Bell" != "Bell A-1" is true. store.name is pos.name with " A-1" appended.`},
		{"by what is put before", `pos.name != "New Bell"`, `name = "Bell"`, ``, "", `"Bell" != "New Bell" is true. "New Bell" is pos.name with "New " put before it.`},
		{"by a character that looks alike", `pos.name != store.name`, `name = "Strings 10–46"`, `name = "Strings 10-46"`, "",
			`"Strings 10–46" != "Strings 10-46" is true. They differ only in the middle: "–" (U+2013) and "-" (U+002D).`},
		{"by what is left out", `pos.name != store.name`, `name = "Guitar String, 10"`, `name = "Guitar Strings, 10"`, "",
			`"Guitar String, 10" != "Guitar Strings, 10" is true. They differ only in the middle: the second has "s" more there.`},
		{"altogether", `pos.name != store.name`, `name = "Bell"`, `name = "Horn"`, "", `"Bell" != "Horn" is true.`},
	} {
		t.Run(c.why, func(t *testing.T) {
			e := explained(t, rule(c.when)+"locals { brand = \"Fender\" }\n", "pos = { "+c.pos+" }\nstore = { "+c.store+" }")["R"]
			if diff := cmp.Diff([]string{c.values, c.reasons}, []string{e.Values, strings.Join(e.Reasons, " ")}); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLongTexts(t *testing.T) {
	long := strings.Repeat("é", 100)
	e := explained(t, rule(`pos.name != store.name`), `pos = { name = "`+long+`x`+long+`" }`+"\n"+`store = { name = "`+long+`y`+long+`" }`)["R"]
	half := strings.Repeat("é", 40)
	short := `"` + half + "…" + half[2:] + `"`
	want := short + " != " + short + ` is true. They differ only in the middle: "x" and "y".`
	if diff := cmp.Diff(want, strings.Join(e.Reasons, " ")); diff != "" {
		t.Error(diff)
	}
}

func TestCondition(t *testing.T) {
	for when, want := range map[string]string{
		"pos.qoh   !=  store.qoh":                                      "pos.qoh != store.qoh",
		"(\n  pos.qoh > 1 # few\n  && store.name == \"a  b\"\n  )":     `(pos.qoh > 1 && store.name == "a  b")`,
		`store.name == "${pos.name} ${pos.sku}"`:                       `store.name == "${pos.name} ${pos.sku}"`,
		`pos.options["Size"] == lower( store.options.Size )`:           `pos.options["Size"] == lower(store.options.Size)`,
		`!(pos.visible ? -pos.qoh < 3 : contains([pos.name], "Bell"))`: `!(pos.visible ? -pos.qoh < 3 : contains([pos.name], "Bell"))`,
	} {
		if e := explained(t, rule(when), "")["R"]; e.Condition != want {
			t.Errorf("got  %s\nwant %s", e.Condition, want)
		}
	}
}

func TestExplains(t *testing.T) {
	list := explained(t, rule(`pos.qoh != store.qoh`)+`
rule "X" {
  explains = ["R"]
  when     = pos.qoh < 0
}
rule "Y" {
  explains = ["R", "X"]
  when     = pos.qoh < -1
}
`, "pos = { qoh = -2 }\nstore = { qoh = 0 }")
	if diff := cmp.Diff([][]string{{"X", "Y"}, {"Y"}, {"R", "X"}}, [][]string{list["R"].ExplainedBy, list["X"].ExplainedBy, list["Y"].Explains}); diff != "" {
		t.Error(diff)
	}
	for code, e := range list {
		if e.Plain() {
			t.Errorf("%s: an explanation is not plain", code)
		}
	}
}

func TestExcuses(t *testing.T) {
	const block = "intentional \"meant\" {\n  rules  = [\"R\"]\n  reason = \"Because.\"\n  %\n}\n"
	for _, c := range []struct{ why, attributes, want string }{
		{"every item", ``, "meant: "},
		{"its where is true", `where = pos.brand == "Fender"`, `meant: It covers this item: "Fender" == "Fender" is true.`},
		{"it names the item", `skus = ["A-0", "A-1"]`, `meant: It names this item: "A-1".`},
		{"it names other items", `skus = ["A-0"]`, `N: `},
		{"its where is false", `where = pos.brand == "Lumo"`, `N: Not intentional by "meant" (rules.hcl:10): "Fender" == "Lumo" is false.`},
		{"its where is unknown", `where = pos.cost_price > 3`, `N: Not intentional by "meant" (rules.hcl:10): pos.cost_price is unknown, so there is nothing to compare.`},
		{"it has expired", `expires = "2026-11-22"`, `N: Not intentional by "meant" (rules.hcl:10): it held until 2026-11-22.`},
		{"it still holds", `expires = "2026-11-23"`, `meant: `},
		{"a value has changed since", `pin = true
  accepted = { "pos.price" = "10", "store.price" = "11" }`, `N: Not intentional by "meant" (rules.hcl:10): store.price was accepted as 11, but is 12.5 now.`},
		{"the values are the accepted ones", `pin = true
  accepted = { "pos.price" = "10", "store.price" = "12.5" }`, `meant: The values are still those that were accepted.`},
	} {
		t.Run(c.why, func(t *testing.T) {
			e := explained(t, rule(`pos.price != store.price`)+strings.Replace(block, "%", c.attributes, 1),
				`pos = { brand = "Fender", price = 10 }`+"\n"+`store = { price = 12.5 }`)["R"]
			got := string(rune(e.Cell.State))
			if e.Intent != nil {
				got = e.Intent.Name
			}
			if diff := cmp.Diff(c.want, got+": "+strings.Join(e.Excuses, " ")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestExplainOneSide explains rules about items that are on one side.
func TestExplainOneSide(t *testing.T) {
	list := explained(t, `
rule "R" {
  on   = "pos_only"
  when = pos.qoh > 0
}
rule "M" { when = pos.qoh != store.qoh }
intentional "both" {
  rules  = ["R"]
  where  = store.brand == "x"
  reason = "."
}
`, `pos = { qoh = 3 }`)
	if len(list) != 1 {
		t.Fatalf("rules about other items are explained: %v", list)
	}
	want := []string{"3 > 0 is true.", `Not intentional by "both" (rules.hcl:13): its "where" reads the other side.`}
	if diff := cmp.Diff(want, append(list["R"].Reasons, list["R"].Excuses...)); diff != "" {
		t.Error(diff)
	}
}

func TestValueText(t *testing.T) {
	for want, v := range map[string]catalog.Value{
		"unknown": catalog.NullValue(catalog.Number), `""`: catalog.StringValue(""), "[]": catalog.ListValue(nil), "{}": catalog.MapValue(nil), "true": catalog.BoolValue(true),
	} {
		if got := explain.ValueText(v); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
