package expr

import (
	"slices"
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

func TestFunctions(t *testing.T) {
	cases := map[string][][2]string{
		"lower":      {{`lower(pos.brand)`, "'fender'"}, {`lower("ÄB")`, "'äb'"}, {`lower(pos.brand) == lower(store.brand)`, "true"}, {`lower(pos.brand) != "fender"`, "false"}, {`"fender" == lower(pos.name)`, "false"}},
		"upper":      {{`upper(store.brand)`, "'FENDER'"}, {`upper(pos.name) == upper(store.name)`, "false"}, {`upper("ß") == "SS"`, "false"}, {`lower(pos.brand) == upper(pos.brand)`, "false"}},
		"trimspace":  {{`trimspace(" a b\t\n")`, "'a b'"}, {`upper(trimspace(pos.sku))`, "'A-1'"}},
		"trimprefix": {{`trimprefix(store.name, "Bell ")`, "'A-1'"}, {`trimprefix("ab", "b")`, "'ab'"}},
		"trimsuffix": {{`trimsuffix(store.name, pos.sku)`, "'Bell '"}, {`trimsuffix("ab", "a")`, "'ab'"}},
		"startswith": {{`startswith(store.name, pos.name)`, "true"}, {`startswith("Bell", store.name)`, "false"}},
		"endswith":   {{`endswith(store.name, " ${pos.sku}")`, "true"}, {`endswith(pos.sku, "A")`, "false"}},
		"contains": {
			{`contains(pos.variation, "Size=M|L")`, "true"}, {`contains(pos.variation, "Size")`, "false"}, {`contains(["a"], "a")`, "true"},
			{`contains(store.name, "ll A")`, "true"}, {`contains(pos.name, "x")`, "false"}, {`contains(keys(pos.options), "Size")`, "true"}, {`contains(pos.upc, "${pos.sale_price}!")`, "null"},
		},
		"replace":      {{`replace("a.b.c", ".", "")`, "'abc'"}, {`replace(pos.sku, "-", "/")`, "'A/1'"}},
		"regex":        {{`regex("[0-9]+", "ab12cd34")`, "'12'"}, {`regex("([a-z]+)-([0-9]+)", "x ab-12")`, "'ab'"}, {`regex("z", pos.name)`, "''"}, {`regex("a(b)?", "a")`, "''"}},
		"matches":      {{`matches("^[A-Z]-\\d$", pos.sku)`, "true"}, {`matches("z", pos.sku)`, "false"}, {`matches("^${local.currency}", "CAD 1")`, "true"}},
		"regexreplace": {{`regexreplace("[^0-9]", pos.sku, "")`, "'1'"}, {`regexreplace("(A)-(1)", pos.sku, "$2-$1")`, "'1-A'"}},
		"join":         {{`join("; ", pos.variation)`, "'Color=Red|Blue; Size=M|L'"}, {`join(",", [])`, "''"}},
		"split":        {{`split("-", pos.sku)`, "[A|1]"}, {`split(",", pos.upc)`, "[]"}, {`split("|", "a||b")`, "[a||b]"}},
		"sort":         {{`sort(store.variation)`, `[Color=Red\|Blue|Size=M\|L]`}, {`sort(["b", "B", "a"])`, "[B|a|b]"}},
		"distinct":     {{`distinct(["b", "a", "b"])`, "[b|a]"}, {`distinct([])`, "[]"}},
		"keys":         {{`keys(pos.options)`, "[Color|Size]"}},
		"values":       {{`values(pos.options)`, "[Red|M]"}},
		"length": {
			{`length(pos.name)`, "4"}, {`length("é")`, "1"}, {`length("👩‍👩‍👧")`, "1"}, {`length("a\r\nb")`, "3"}, {`length("")`, "0"},
			{`length(pos.variation)`, "2"}, {`length(pos.options)`, "2"}, {`length(pos.options) == null`, "false"},
		},
		"tostring": {{`tostring(pos.price)`, "'10.5'"}, {`tostring(pos.visible)`, "'true'"}, {`tostring(pos.tracked)`, "null"}, {`tostring("a")`, "'a'"}, {`tostring(pos.qoh) == "5"`, "true"}},
		"tonumber": {{`tonumber("10.50")`, "10.5"}, {`tonumber(pos.name)`, "null"}, {`tonumber(pos.upc) == null`, "true"}},
		"abs":      {{`abs(store.qoh - pos.qoh)`, "2"}, {`abs(pos.price)`, "10.5"}, {`abs(pos.sale_price)`, "null"}},
		"min":      {{`min(pos.qoh, store.qoh, 4)`, "3"}, {`min(pos.qoh)`, "5"}, {`min(1, pos.sale_price)`, "null"}},
		"max":      {{`max(pos.qoh, store.qoh, 4)`, "5"}, {`max(-1, -2)`, "-1"}, {`max(pos.qoh - 9, 0)`, "0"}},
		"round": {
			{`round(2.5)`, "3"}, {`round(-2.5)`, "-3"}, {`round(pos.price)`, "11"}, {`round(1.005, 2)`, "1.01"}, {`round(1250, -2)`, "1300"},
			{`round(1.5, 0.5)`, "null"}, {`round(1.5, 0.5) == null`, "true"}, {`round(1.5, pos.sale_price)`, "null"}, {`round(1.5, 999999999)`, "1.5"}, {`round(1.5, -999999999)`, "0"},
		},
		"floor": {{`floor(pos.price)`, "10"}, {`floor(-1.5)`, "-2"}},
		"ceil":  {{`ceil(pos.price)`, "11"}, {`ceil(-1.5)`, "-1"}},
		"coalesce": {
			{`coalesce(pos.sale_price, pos.price)`, "10.5"}, {`coalesce(pos.sale_price)`, "null"}, {`coalesce(pos.upc, pos.sku)`, "'A-1'"}, {`coalesce(pos.upc, "")`, "''"},
			{`coalesce(pos.tracked, false)`, "false"}, {`coalesce("${pos.sale_price}x", "none")`, "'none'"}, {`coalesce([], pos.variation)[1]`, "'Size=M|L'"},
			{`coalesce({}, pos.options).Size`, "'M'"}, {`coalesce(pos.sale_price, 0) == null`, "false"}, {`coalesce(1 / 0, 2)`, "2"},
		},
		"env": nil, "secret": nil, // TestEnvironment, TestSecret
	}
	for _, fn := range Functions() {
		t.Run(fn.Name, func(t *testing.T) {
			tests, ok := cases[fn.Name]
			if !ok {
				t.Fatal("the function has no test")
			}
			f := testFrame(t)
			for _, c := range tests {
				if got := result(compile(t, c[0]), f); got != c[1] {
					t.Errorf("%s: got %s, want %s", c[0], got, c[1])
				}
			}
		})
	}
}

func TestFunctionTable(t *testing.T) {
	var names []string
	for _, fn := range Functions() {
		names = append(names, fn.Name)
		if fn.Doc == "" || !strings.HasSuffix(fn.Doc, ".") || strings.Contains(fn.Doc, "\n") {
			t.Errorf("%s: the doc is one sentence on one line: %q", fn.Name, fn.Doc)
		}
		for i, p := range fn.Parameters {
			if len(p.Types) == 0 || p.Repeated && i != len(fn.Parameters)-1 {
				t.Errorf("%s: parameter %s is not usable", fn.Name, p.Name)
			}
		}
	}
	if slices.Sort(names); len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Errorf("a function is there twice: %v", names)
	}
	for name, want := range map[string]string{
		"round": "round(n number, [digits number]) number", "max": "max(n number...) number",
		"coalesce": "coalesce(value...)", "contains": "contains(in list(string)|string, what string) bool",
	} {
		i := slices.IndexFunc(Functions(), func(fn Function) bool { return fn.Name == name })
		if got := Functions()[i].Signature(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestEnvironment(t *testing.T) {
	scope := &Scope{
		Locals: map[string]Local{"name": {Value: catalog.StringValue("TOKEN")}, "missing": {Value: catalog.StringValue("s3cret")}, "broken": {Broken: true}},
		Getenv: func(name string) (string, bool) {
			v, ok := map[string]string{"TOKEN": "s3cret", "EMPTY": ""}[name]
			return v, ok
		},
	}
	for src, want := range map[string]string{
		`env("TOKEN")`: "s3cret", `env(local.name)`: "s3cret", `env("NONE", "else")`: "else", `env("TOKEN", "else")`: "s3cret",
		`env("EMPTY", "else")`: "", `"Bearer ${env("TOKEN")}"`: "Bearer s3cret",
	} {
		e, diags := Compile(parse(t, src), scope)
		v, ok := e.Constant()
		if diags.HasErrors() || !ok || v.Str() != want {
			t.Errorf("%s: got %q, %t, %v", src, v.Str(), ok, diags)
		}
	}
	for src, want := range map[string]string{
		`upper(env("NOPE"))`:        `1:7-1:18 Environment variable is not set: Set NOPE before the program starts, for example with "export NOPE=..." in a shell, or give a default: env("NOPE", "...").`,
		`env(local.missing)`:        `1:1-1:19 Environment variable is not set: Set the variable that is named here before the program starts, or give a default as second argument.`,
		`env(local.broken)`:         ``,
		`1 + env("TOKEN")`:          `1:5-1:17 Wrong type: An operand of + must be a number; this is a string. Use tonumber to read a number from a text.`,
		`matches(env("TOKEN"), "")`: ``,
	} {
		_, diags := Compile(parse(t, src), scope)
		if got := strings.Join(written(diags), "\n"); got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", src, got, want)
		}
		if strings.Contains(strings.Join(written(diags), ""), "s3cret") {
			t.Errorf("%s: the diagnostic shows a secret", src)
		}
	}
}
