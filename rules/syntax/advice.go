package syntax

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// words are what other languages write for operators, and what is written here.
var words = map[string]string{
	"and":  "There is no word and: write a && b.",
	"or":   "There is no word or: write a || b.",
	"not":  "There is no word not: write !(a), or != in place of ==.",
	"in":   `There is no word in: write contains(["a", "b"], text).`,
	"is":   "There is no word is: write a == b.",
	"like": "There is no word like: use contains, startswith or matches.",
	"if":   "There is no word if: write condition ? one : other.",
}

// signs are the same for what is no letter.
var signs = map[string]string{"≠": "Write != in place of ≠.", "≤": "Write <= in place of ≤.", "≥": "Write >= in place of ≥.", "×": "Write * in place of ×.", "÷": "Write / in place of ÷."}

// advise adds to the first mistake of a line what people mean who write it so: HCL's parser says only where it stops. equals is how
// many signs = the text may still have on a line: one in a file, none in an expression.
func advise(diags hcl.Diagnostics, tokens hclsyntax.Tokens, equals int) hcl.Diagnostics {
	told := map[int]bool{}
	for _, d := range diags {
		if d.Severity != hcl.DiagError || d.Subject == nil || told[d.Subject.Start.Line] {
			continue
		}
		line := d.Subject.Start.Line
		told[line] = true
		if advice := meant(onLine(tokens, line), equals); advice != "" {
			d.Detail = strings.TrimSpace(d.Detail) + " " + advice
		}
	}
	return diags
}

// onLine returns the tokens that begin on a line.
func onLine(tokens hclsyntax.Tokens, line int) (list hclsyntax.Tokens) {
	for _, t := range tokens {
		if t.Range.Start.Line == line {
			list = append(list, t)
		}
	}
	return list
}

// meant says what the first thing on a line is to be that stands in no configuration; "" if there is none.
func meant(line hclsyntax.Tokens, equals int) string {
	left := equals
	for i, t := range line {
		var before, after hclsyntax.Token
		if i > 0 {
			before = line[i-1]
		}
		if i+1 < len(line) {
			after = line[i+1]
		}
		switch t.Type {
		case hclsyntax.TokenOBrace, hclsyntax.TokenCBrace, hclsyntax.TokenComma, hclsyntax.TokenNewline:
			left = equals
		}
		switch text := string(t.Bytes); {
		case t.Type == hclsyntax.TokenEqualOp && after.Type == hclsyntax.TokenEqual:
			return "Write == in place of ===."
		case t.Type == hclsyntax.TokenEqual && after.Type == hclsyntax.TokenBang && left < 1:
			return "Write != in place of =!."
		case t.Type == hclsyntax.TokenEqual:
			if left--; left < 0 {
				return "A single = sets a value; == compares."
			}
		case t.Type == hclsyntax.TokenLessThan && after.Type == hclsyntax.TokenGreaterThan:
			return "Write != in place of <>."
		case t.Type == hclsyntax.TokenBitwiseNot:
			return "To look for a pattern, use matches(pattern, text)."
		case t.Type == hclsyntax.TokenIdent && before.Type != hclsyntax.TokenDot && after.Type != hclsyntax.TokenEqual && words[strings.ToLower(text)] != "":
			return words[strings.ToLower(text)]
		case t.Type == hclsyntax.TokenComma && before.Type == hclsyntax.TokenNumberLit && after.Type == hclsyntax.TokenNumberLit && before.Range.End.Byte+1 == after.Range.Start.Byte:
			return "In a number a point starts the decimals, and nothing parts thousands: 1234.5."
		case t.Type == hclsyntax.TokenPercent && before.Type == hclsyntax.TokenNumberLit && !value(after.Type):
			return "There is no sign for a share of a hundred: 10 of it are 0.1."
		case t.Type == hclsyntax.TokenInvalid || t.Type == hclsyntax.TokenBadUTF8:
			if signs[text] != "" {
				return signs[text]
			}
			if sign, _ := utf8.DecodeRuneInString(text); unicode.Is(unicode.Sc, sign) {
				return "Write amounts as plain numbers, without a currency."
			}
		}
	}
	return ""
}

// value reports whether a value can begin with the token.
func value(t hclsyntax.TokenType) bool {
	switch t {
	case hclsyntax.TokenIdent, hclsyntax.TokenNumberLit, hclsyntax.TokenOParen, hclsyntax.TokenMinus:
		return true
	}
	return false
}
