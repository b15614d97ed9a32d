package expr

import (
	"slices"
	"strings"
	"testing"
)

func TestForeignFunctions(t *testing.T) {
	for name, advice := range foreign {
		if slices.ContainsFunc(functions, func(f Function) bool { return f.Name == name }) {
			t.Errorf("%s is a function of ours", name)
		}
		if name != strings.ToLower(name) || advice == "" || strings.HasSuffix(advice, ".") {
			t.Errorf("%s: %q", name, advice)
		}
	}
	if got := instead("Trim"); !strings.HasPrefix(got, " Here trimspace(text) ") || !strings.HasSuffix(got, ".") {
		t.Error(got)
	}
	if got := instead("lowr"); got != "" {
		t.Error(got)
	}
}

// TestAdviceCompiles holds what messages about functions of other languages tell to write against the language.
func TestAdviceCompiles(t *testing.T) {
	for _, text := range []string{
		`regexreplace("^x+|x+$", pos.name, "") == ""`, `regexreplace("^\\s+", pos.name, "") == ""`, `"${pos.name} ${pos.sku}" == store.name`, `join(" ", [pos.name, pos.sku]) == store.name`,
		`regex("^.{0,3}", pos.name) == "abc"`, `regex(".{0,3}$", pos.name) == "abc"`, `contains(keys(pos.options), "Size")`, `pos.options["Size"] == "M"`, `coalesce(pos.options["Size"], "M") == "M"`,
		`(pos.price > 100 ? "dear" : "cheap") == "dear"`, `!contains(pos.name, "x")`, `pos.variation[0] == "a"`, `trimspace(pos.name) == ""`, `pos.qoh % 2 == 0`, `pos.price >= 1 && pos.price <= 5`,
	} {
		if _, diags := Compile(parse(t, text), ruleScope()); diags.HasErrors() {
			t.Errorf("%s: %v", text, diags)
		}
	}
}
