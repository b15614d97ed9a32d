package expr

import (
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// FuzzCompile checks that whatever parses can be compiled with and without schemas and, without errors, be evaluated.
func FuzzCompile(f *testing.F) {
	for _, src := range []string{
		`pos.options["Size"].a[0].1 == null ? [for v in pos.variation : v] : { (a) = b }`, `pos[*].x`, `"%{ if true }${x}%{ endif }"`, `f(x...)`, `null[null]`, `local.brands[-1]`,
		`{ null = "a", true = "b", 1 = "c" }`, `coalesce(null, {}, [])`, `1 / 0 % 0 == null`, `"${null}"`, `regex("(", 1)`, `a::b()`, `pos.variation[1e99]`, `round(1e900, 1e9)`, `-true`, "<<E\nx\nE\n", `[]()`,
	} {
		f.Add(src)
	}
	for _, r := range eightRules {
		f.Add(r.when)
	}
	f.Fuzz(func(t *testing.T, src string) {
		syntax, diags := hclsyntax.ParseExpression([]byte(src), "test.hcl", hcl.InitialPos)
		if diags.HasErrors() || len(src) > 500 {
			return
		}
		blind := ruleScope()
		blind.Sides[0].Schema, blind.Sides[1].Schema = nil, nil
		applies := ruleScope()
		applies.MayLack = true
		for _, scope := range []*Scope{ruleScope(), applies, blind, {}, {Getenv: func(name string) (string, bool) { return name, name != "" }}} {
			scope.Sharing = NewSharing()
			e, diags := Compile(syntax, scope)
			for _, d := range diags {
				if d.Subject == nil || d.Detail == "" {
					t.Fatalf("%s: %v", src, d)
				}
			}
			frame := testFrame(t)
			v := e.Value(frame)
			e.Bool(frame)
			e.Str(frame)
			e.Number(frame)
			if constant, ok := e.Constant(); ok && !constant.Equal(v) {
				t.Fatalf("%s: is %s, but as a constant %s", src, v.Text(), constant.Text())
			}
			if len(frame.scratch) > 0 {
				t.Fatalf("%s: scratch space is still in use", src)
			}
		}
	})
}
