package starter

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// rule is what there is to know of a rule before it is decided whether it can be used.
type rule struct {
	code       string
	pos, store []string // the fields that its condition reads
	explains   []string // the rules that it is there to explain; they stand above it
	start, end int      // the bytes of the text that are its lines
}

// rulesOf returns the rules that are on in a text, in its order.
func rulesOf(text string) ([]rule, error) {
	file, diags := hclsyntax.ParseConfig([]byte(text), "rules.hcl", hcl.InitialPos)
	if diags.HasErrors() {
		return nil, fmt.Errorf("parse the rules: %w", diags)
	}
	var rules []rule
	for _, b := range file.Body.(*hclsyntax.Body).Blocks {
		when := b.Body.Attributes["when"]
		if b.Type != "rule" || when == nil {
			continue
		}
		r := rule{code: b.Labels[0], start: b.TypeRange.Start.Byte, end: b.CloseBraceRange.End.Byte + len("\n")}
		for _, t := range when.Expr.Variables() {
			if len(t) < 2 {
				continue
			}
			step, ok := t[1].(hcl.TraverseAttr)
			switch {
			case ok && t.RootName() == "pos" && !slices.Contains(r.pos, step.Name):
				r.pos = append(r.pos, step.Name)
			case ok && t.RootName() == "store" && !slices.Contains(r.store, step.Name):
				r.store = append(r.store, step.Name)
			}
		}
		if a := b.Body.Attributes["explains"]; a != nil {
			codes, diags := a.Expr.Value(nil)
			if diags.HasErrors() {
				return nil, fmt.Errorf("read the rules: %w", diags)
			}
			for _, code := range codes.AsValueSlice() {
				r.explains = append(r.explains, code.AsString())
			}
		}
		rules = append(rules, r)
	}
	return rules, nil
}
