package expr

import (
	"fmt"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

func TestPointless(t *testing.T) {
	for src, want := range map[string]string{
		`pos.price != pos.price`:                                     "never",
		`pos.price >= pos.price`:                                     "always",
		`(lower(pos.name)) == lower(pos.name)`:                       "always",
		`pos.options["Size"] != pos.options.Size`:                    "never",
		`"${pos.name} x" != "${pos.name} x"`:                         "never",
		`pos.variation != pos.variation && pos.visible`:              "never",
		`pos.price != store.price`:                                   "",
		`pos.options["Size"] != pos.options["Color"]`:                "",
		`pos.price - store.price != store.price - pos.price`:         "",
		`lower(pos.name) == "Bell"`:                                  "never",
		`"BELL" != lower(pos.name)`:                                  "always",
		`lower(pos.name) == "bell"`:                                  "",
		`lower(pos.name) == local.currency`:                          "never",
		`trimspace(pos.name) == " Bell"`:                             "never",
		`upper(trimspace(pos.name)) == "BELL "`:                      "",
		`abs(pos.price) == -1`:                                       "never",
		`floor(pos.price) != 1.5`:                                    "always",
		`round(pos.price) == 1.5`:                                    "never",
		`round(pos.price, 1) == 1.5`:                                 "",
		`sort(pos.variation) == ["b", "a"]`:                          "never",
		`distinct(pos.variation) == ["a", "a"]`:                      "never",
		`startswith(upper(pos.name), "Be")`:                          "never",
		`endswith(pos.name, upper(pos.sku))`:                         "",
		`contains(lower(pos.name), "Bell")`:                          "never",
		`contains(lower(pos.name), "")`:                              "",
		`contains("Bell", lower(pos.name))`:                          "",
		`contains(["Fender", "Gibson"], lower(pos.brand))`:           "never",
		`contains(["Fender", "gibson"], lower(pos.brand))`:           "",
		`contains(local.brands, pos.brand)`:                          "",
		`pos.brand == "Fender" && pos.brand == "Gibson"`:             "never",
		`pos.brand == "Fender" || pos.brand == "Gibson"`:             "",
		`pos.brand != "Fender" || pos.brand != "Gibson"`:             "always",
		`pos.brand != "Fender" && pos.brand != "Gibson"`:             "",
		`pos.brand == "Fender" && store.brand == "Gibson"`:           "",
		`5 < pos.price && (pos.visible && pos.price < 3)`:            "never",
		`pos.price - store.price > 5 && pos.price - store.price < 3`: "never",
		`pos.price < 3 || pos.price > local.limit - 4`:               "always",
		`pos.price < 1 || pos.price > 2`:                             "",
		`pos.price == null || pos.price != 0`:                        "",
		`pos.name != "" || pos.brand == "" || pos.name != "Bell"`:    "always",
		`1 == 1`: "",
		`pos.brand == "Fender" && pos.price > 1 || pos.brand != "Fen"`: "",
	} {
		_, diags := Compile(parse(t, src), ruleScope())
		got := ""
		for _, d := range diags {
			got += map[string]string{"Condition can never be true": "never", "Condition is always true": "always"}[d.Summary]
		}
		if got != want {
			t.Errorf("%s: %q, want %q: %v", src, got, want, diags)
		}
	}
}

// TestChainsAgainstValues tries all pairs of comparisons with all values that can make a difference: there is a warning exactly where
// the chain comes to the same for all of them.
func TestChainsAgainstValues(t *testing.T) {
	schema := catalog.MustSchema(catalog.Field{Name: "n", Type: catalog.Number}, catalog.Field{Name: "s", Type: catalog.String})
	var rows []map[string]catalog.Value
	for _, n := range []string{"0.5", "1", "1.5", "2", "2.5"} {
		rows = append(rows, map[string]catalog.Value{"n": number(t, n), "s": catalog.StringValue(n)})
	}
	batch := batchOf(t, schema, rows...)
	scope := &Scope{Sides: []Side{{"item", schema}}}
	compare := func(src string) {
		e, diags := Compile(parse(t, src), scope)
		if diags.HasErrors() {
			t.Fatalf("%s: %v", src, diags)
		}
		met := map[bool]bool{}
		f := &Frame{}
		f.SetBatch(0, batch)
		for i := range rows {
			f.SetRow(0, i)
			v, _ := e.Bool(f)
			met[v] = true
		}
		if diff := cmp.Diff(len(met) == 1, len(diags) > 0); diff != "" {
			t.Errorf("%s: (-always the same +warned of)\n%s", src, diff)
		}
	}
	for op := range relations {
		for other := range relations {
			for _, logic := range []string{"&&", "||"} {
				for _, limit := range []string{"1", "2"} {
					for _, than := range []string{"1", "2"} {
						compare(fmt.Sprintf("item.n %s %s %s %s %s item.n", op, limit, logic, than, other))
						if op[0] != '<' && op[0] != '>' && other[0] != '<' && other[0] != '>' {
							compare(fmt.Sprintf("item.s %s %q %s item.s %s %q", op, limit, logic, other, than))
						}
					}
				}
			}
		}
	}
}

// TestIdempotent holds the functions that are said to be idempotent against what they make of their own results.
func TestIdempotent(t *testing.T) {
	var values []catalog.Value
	for r := rune(0); r <= utf8.MaxRune; r += 256 {
		var some []rune
		for i := range rune(256) {
			some = append(some, r+i)
			if r < 0x3100 { // where blanks are
				values = append(values, catalog.StringValue(" a"+string(r+i)))
			}
		}
		values = append(values, catalog.StringValue(string(some)))
	}
	values = append(values, catalog.StringValue("\xff"), catalog.ListValue([]string{"b", "a", "b"}), number(t, "-1.5"), number(t, "0.49"))
	for i := range functions {
		fn := &functions[i]
		if !fn.Facts.has(Idempotent) {
			continue
		}
		tried := 0
		for _, v := range values {
			if v.Type() != fn.Parameters[0].Types[0] {
				continue
			}
			once, known := fn.build(nil, []*node{fromValue(v, hcl.Range{})}, hcl.Range{}).value(&Frame{})
			twice, too := fn.build(nil, []*node{fromValue(once, hcl.Range{})}, hcl.Range{}).value(&Frame{})
			if tried++; !known || !too || !once.Equal(twice) {
				t.Fatalf("%s of %q is %q, and of that %q", fn.Name, v.Text(), once.Text(), twice.Text())
			}
		}
		if tried == 0 {
			t.Errorf("%s was not tried", fn.Name)
		}
	}
}
