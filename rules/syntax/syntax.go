// Package syntax parses HCL that anybody may have written. HCL's parser, and what walks through its trees, call themselves for each
// bracket, so that a text that is too deep ends the program. All HCL is parsed here but what the program itself is made with.
package syntax

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// How deep and how long what is parsed can be. No shop's configuration is near these bounds. docs/limits.md lists them.
const (
	MaxDepth     = 200  // brackets, braces and templates within one another
	MaxOperators = 5000 // operators, indexes and templates in one expression
)

// Parse reads a file's blocks. What is too deep or too long is not parsed: its file is empty but for the text.
func Parse(name string, text []byte) (*hcl.File, hcl.Diagnostics) {
	tokens, _ := hclsyntax.LexConfig(text, name, hcl.InitialPos) // the parser says what is wrong with them
	if diags := check(tokens); diags.HasErrors() {
		return &hcl.File{Bytes: text, Body: &hclsyntax.Body{}}, diags
	}
	file, diags := hclsyntax.ParseConfig(text, name, hcl.InitialPos)
	return file, advise(diags, tokens, 1)
}

// ParseExpression reads an expression. What is too deep or too long is not parsed, and is nil.
func ParseExpression(name string, text []byte) (hclsyntax.Expression, hcl.Diagnostics) {
	tokens, _ := hclsyntax.LexExpression(text, name, hcl.InitialPos) // the parser says what is wrong with them
	if diags := check(tokens); diags.HasErrors() {
		return nil, diags
	}
	e, diags := hclsyntax.ParseExpression(text, name, hcl.InitialPos)
	return e, advise(diags, tokens, 0)
}

// check says where a text is deeper than MaxDepth, or an expression longer than MaxOperators.
func check(tokens hclsyntax.Tokens) hcl.Diagnostics {
	depth, inParentheses, operators := 0, 0, 0
	for _, t := range tokens {
		switch t.Type {
		case hclsyntax.TokenOParen, hclsyntax.TokenOBrack, hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl:
			depth++
			inParentheses++
			operators++
		case hclsyntax.TokenOBrace:
			depth++
		case hclsyntax.TokenCParen, hclsyntax.TokenCBrack, hclsyntax.TokenTemplateSeqEnd:
			depth = max(0, depth-1) // what is closed too often does not make room for more
			inParentheses = max(0, inParentheses-1)
		case hclsyntax.TokenCBrace:
			depth = max(0, depth-1)
		case hclsyntax.TokenNewline:
			if inParentheses == 0 {
				operators = 0 // the expression has ended
			}
		case hclsyntax.TokenAnd, hclsyntax.TokenOr, hclsyntax.TokenBang, hclsyntax.TokenPlus, hclsyntax.TokenMinus, hclsyntax.TokenStar, hclsyntax.TokenSlash,
			hclsyntax.TokenPercent, hclsyntax.TokenEqualOp, hclsyntax.TokenNotEqual, hclsyntax.TokenLessThan, hclsyntax.TokenLessThanEq,
			hclsyntax.TokenGreaterThan, hclsyntax.TokenGreaterThanEq, hclsyntax.TokenQuestion, hclsyntax.TokenDot:
			operators++
		}
		switch {
		case depth > MaxDepth:
			return hcl.Diagnostics{mistake(t.Range, "Too deep", "Here %d brackets, braces and templates stand within one another (max_depth). Name a part of it in a locals block.", depth)}
		case operators > MaxOperators:
			return hcl.Diagnostics{mistake(t.Range, "Expression is too long", "Up to here it has %d operators (max_operators). Name parts of it in a locals block, compare with a list by contains, or write several rules.", operators)}
		}
	}
	return nil
}

func mistake(at hcl.Range, summary, format string, args ...any) *hcl.Diagnostic {
	return &hcl.Diagnostic{Severity: hcl.DiagError, Summary: summary, Detail: fmt.Sprintf(format, args...), Subject: &at}
}
