package expect_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/devkit/conformance/expect"
	"github.com/reconcilehq/reconcile/rules/source"
)

func load(t *testing.T, text, items string) (map[string]*expect.Expectation, string) {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "conformance.hcl")
	for name, text := range map[string]string{file: "source \"shop\" \"web\" {}\nsource \"other\" \"pos\" {}\n" + text, filepath.Join(dir, "items.jsonl"): items} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	config, diags := source.Load(file, source.Options{Bundled: []string{"shop", "other"}})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	of, diags := expect.Load(file, config, "shop")
	var said []string
	for _, d := range diags {
		said = append(said, d.Summary+": "+d.Detail)
	}
	return of, strings.Join(said, "\n")
}

// TestMistakes says what is wrong with expect blocks: one that is not understood would expect nothing.
func TestMistakes(t *testing.T) {
	for text, want := range map[string]string{
		`expect "wob" { count = 1 }`:                               `There is no source "wob" to expect something of. Did you mean "web"?`,
		`expect "web" { count = -1 }`:                              `"count" is a whole number`,
		`expect "web" { count = 1.5 }`:                             `"count" is a whole number`,
		`expect "web" { count = "1" }`:                             `"count"`,
		`expect "web" { cuont = 1 }`:                               `An argument named "cuont" is not expected`,
		`expct "web" { count = 1 }`:                                `Blocks of type "expct" are not expected`,
		`expect "web" { items = "none.jsonl" }`:                    "none.jsonl",
		`expect "web" { items = "items.jsonl" }`:                   "items.jsonl: line 2: ",
		`expect "web" { change = [] }`:                             `"change" is a program and its arguments`,
		"expect \"web\" {\n count = 1\n must_fail = \"401\"\n}":    `A source that must fail has no items, so "count" says nothing`,
		"expect \"web\" { count = 1 }\nexpect \"web\" { count=2 }": `There is an expect "web"`,
	} {
		if _, said := load(t, text, "{}\nnull\n"); !strings.Contains(said, want) {
			t.Errorf("%s: got %q, want %q", text, said, want)
		}
	}
}

func TestLoad(t *testing.T) {
	of, said := load(t, `
locals { n = 3 }
expect "web" {
  count     = local.n
  empty     = ["bin"]
  change    = ["./sell", "A-1"]
}
expect "pos" { count = 9 }
rule "N" { when = true }
`, "")
	if said != "" || len(of) != 1 || of["web"] == nil {
		t.Fatal(said, of)
	}
	if e := of["web"]; *e.Count != 3 || e.Empty[0] != "bin" || e.Change[1] != "A-1" || e.Fails() || e.Items != nil {
		t.Errorf("got %+v", e)
	}
}

// TestItems says which differences from a file of items are found.
func TestItems(t *testing.T) {
	schema := catalog.MustSchema(catalog.Field{Name: "sku", Type: catalog.String}, catalog.Field{Name: "price", Type: catalog.Number},
		catalog.Field{Name: "tracked", Type: catalog.Bool}, catalog.Field{Name: "tags", Type: catalog.List}, catalog.Field{Name: "options", Type: catalog.Map})
	price, _ := catalog.ParseDecimal("10.10")
	read := []map[string]catalog.Value{
		{"sku": catalog.StringValue("é"), "price": catalog.NumberValue(price), "tracked": catalog.BoolValue(true),
			"tags": catalog.ListValue([]string{"x"}), "options": catalog.MapValue([]catalog.Entry{{Key: "Size", Value: "L"}, {Key: "Colour", Value: "Red"}})},
		{"sku": catalog.StringValue(""), "price": catalog.NullValue(catalog.Number), "tracked": catalog.NullValue(catalog.Bool),
			"tags": catalog.NullValue(catalog.List), "options": catalog.NullValue(catalog.Map)},
	}
	for items, want := range map[string]string{
		"{\"sku\": \"e\u0301\", \"price\": 10.1, \"tracked\": true, \"tags\": [\"x\"], \"options\": {\"Size\": \"L\", \"Colour\": \"Red\"}}\n" +
			`{"sku": "", "price": null, "tracked": null, "tags": [], "options": {}}`: "",
		"{}\n{}":                             "",
		"{}":                                 "2 items came, and items.jsonl has 1",
		"{} {}\n\n{}":                        "items.jsonl, line 3: no item came for it: the file has 3, and 2 came",
		"{}\n{\"price\": 0}":                 "item 2, field \"price\": null came, and items.jsonl, line 2 has 0",
		"{\"price\": \"10.1\"} {}":           `items.jsonl, line 1, field "price": "10.1" is no number`,
		"{\"sku\": \"E\"} {}":                `item 1, field "sku": "é" came, and items.jsonl, line 1 has "E"`,
		"{\"prise\": 1} {}":                  `items.jsonl, line 1: Schema lists no field "prise". Did you mean "price"?`,
		"{\"options\": {\"Size\":1}} {}":     `{"Size":1} is no map(string)`,
		"{\"options\": {\"Size\":\"L\"}} {}": `field "options": {"Colour":"Red","Size":"L"} came`,
		"{\"tags\": [\"x\", \"y\"]} {}":      `field "tags": ["x"] came`,
		"{\"tracked\": false} {}":            `field "tracked": true came`,
	} {
		of, said := load(t, `expect "web" { items = "items.jsonl" }`, items)
		if said != "" {
			t.Fatal(said)
		}
		got := of["web"].Items.Differs(schema, len(read), func(field string, i int) catalog.Value { return read[i][field] })
		if want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%s: got %q, want %q", items, got, want)
		}
	}
}
