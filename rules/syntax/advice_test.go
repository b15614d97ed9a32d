package syntax

import (
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
)

func TestAdvice(t *testing.T) {
	t.Parallel()
	for condition, want := range map[string]string{
		`pos.price = store.price`:       "== compares",
		`pos.price === store.price`:     "Write ==",
		`pos.price =! store.price`:      "Write !=",
		`pos.price <> store.price`:      "Write !=",
		`pos.price ≠ store.price`:       "Write !=",
		`pos.price ≥ 5`:                 "Write >=",
		`pos.visible AND store.visible`: "a && b",
		`pos.visible or store.visible`:  "a || b",
		`not pos.visible`:               "!(a)",
		`pos.brand in ["a"]`:            "contains",
		`if pos.visible then true`:      "condition ? one : other",
		`pos.brand ~= "x"`:              "matches",
		`pos.price > 1,5`:               "a point starts the decimals",
		`(pos.price > 10%)`:             "10 of it are 0.1",
		`pos.price > $5`:                "without a currency",
		`pos.price > 5 €`:               "without a currency",
		`pos.price >`:                   "",
		`"a = b and c" "d"`:             "",
		`pos.and ]`:                     "",
	} {
		_, file := Parse("a.hcl", []byte("rule \"P\" {\n  when = "+condition+"\n  note = \"x\"\n}\n"))
		_, alone := ParseExpression("a.hcl", []byte(condition))
		for _, diags := range []hcl.Diagnostics{file, alone} {
			if !diags.HasErrors() {
				t.Errorf("%s: no mistake", condition)
				continue
			}
			if detail := diags[0].Detail; !strings.Contains(detail, want) || want == "" && strings.Contains(detail, "rite ") {
				t.Errorf("%s: %q lacks %q", condition, detail, want)
			}
		}
	}
	if _, diags := Parse("a.hcl", []byte("rule \"P\" { when = a = b }\n")); !strings.Contains(diags[0].Detail, "== compares") {
		t.Errorf("on one line: %v", diags)
	}
}
