package syntax

import (
	"strings"
	"testing"
)

// tooDeep are texts of the kinds at which, with a few more brackets, the parser or what lays a text out would call itself until the program ends.
var tooDeep = map[string]string{
	"parentheses":          "a = " + strings.Repeat("(", 20_000) + "1" + strings.Repeat(")", 20_000) + "\n",
	"lists":                "a = " + strings.Repeat("[", 20_000),
	"templates":            "a = " + strings.Repeat("\"${", 20_000),
	"blocks":               strings.Repeat("a {\n", 20_000) + strings.Repeat("}\n", 20_000),
	"parentheses too many": strings.Repeat(")\n", 20_000) + "a = " + strings.Repeat("(", 20_000),
	"braces too many":      strings.Repeat("}\n", 20_000) + strings.Repeat("a {\n", 20_000),
}

// TestTooDeep has texts that would end the program end in a mistake at its place.
func TestTooDeep(t *testing.T) {
	t.Parallel()
	for why, text := range tooDeep {
		if _, diags := Parse("a.hcl", []byte(text)); !diags.HasErrors() || diags[0].Subject == nil || !strings.Contains(diags[0].Detail, "max_depth") {
			t.Errorf("%s: it says %v", why, diags)
		}
		expression, is := strings.CutPrefix(text, "a = ")
		if _, diags := ParseExpression("a.hcl", []byte(expression)); is && (!diags.HasErrors() || !strings.Contains(diags[0].Detail, "max_depth")) {
			t.Errorf("%s, as an expression: it says %v", why, diags)
		}
	}
	if _, diags := Parse("a.hcl", []byte("a = "+strings.Repeat("(", MaxDepth)+"1"+strings.Repeat(")", MaxDepth)+"\n")); diags.HasErrors() {
		t.Errorf("what is deep enough for anybody: %v", diags)
	}
}
