package doctor

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/rules/expr"
	"github.com/reconcilehq/reconcile/rules/grammar"
)

// striker takes out of configurations all that somebody has chosen. What stays is the language: its own words, signs and
// line ends. A text, a number or a name that is not of the language becomes a name of ours, the same for the same, so that
// one still sees what belongs together. What is not understood is taken out, too: a token may stand in any wrong place.
type striker struct {
	known map[string]bool
	names map[string]string
}

// languageWords returns what the configuration's blocks, their attributes and what expressions refer to are called.
func languageWords() []string {
	words := []string{"item", "local", "true", "false", "null"}
	for _, b := range grammar.Blocks() {
		words = append(append(words, b.Type), b.Attributes()...)
	}
	return words
}

// newStriker returns a striker that leaves the language's words, and the names of connectors and their settings.
func newStriker(words []string) *striker {
	s := &striker{known: map[string]bool{}, names: map[string]string{}}
	for _, f := range expr.Functions() {
		s.known[f.Name] = true
	}
	for _, f := range catalog.KnownFields() {
		s.known[f.Name] = true
	}
	for _, word := range slices.Concat(languageWords(), words) {
		s.known[word] = true
	}
	return s
}

// name returns what stands for a text.
func (s *striker) name(text string) string {
	name, ok := s.names[text]
	if !ok {
		name = fmt.Sprintf("_%d", len(s.names)+1)
		s.names[text] = name
	}
	return name
}

// kept are the tokens that stand as they are: they are signs of the language, and hold nothing.
var kept = map[hclsyntax.TokenType]bool{
	hclsyntax.TokenOBrace: true, hclsyntax.TokenCBrace: true, hclsyntax.TokenOBrack: true, hclsyntax.TokenCBrack: true,
	hclsyntax.TokenOParen: true, hclsyntax.TokenCParen: true, hclsyntax.TokenOQuote: true, hclsyntax.TokenCQuote: true,
	hclsyntax.TokenStar: true, hclsyntax.TokenSlash: true, hclsyntax.TokenPlus: true, hclsyntax.TokenMinus: true,
	hclsyntax.TokenPercent: true, hclsyntax.TokenEqual: true, hclsyntax.TokenEqualOp: true, hclsyntax.TokenNotEqual: true,
	hclsyntax.TokenLessThan: true, hclsyntax.TokenLessThanEq: true, hclsyntax.TokenGreaterThan: true, hclsyntax.TokenGreaterThanEq: true,
	hclsyntax.TokenAnd: true, hclsyntax.TokenOr: true, hclsyntax.TokenBang: true, hclsyntax.TokenDot: true, hclsyntax.TokenComma: true,
	hclsyntax.TokenEllipsis: true, hclsyntax.TokenFatArrow: true, hclsyntax.TokenQuestion: true, hclsyntax.TokenColon: true,
	hclsyntax.TokenTemplateInterp: true, hclsyntax.TokenTemplateControl: true, hclsyntax.TokenTemplateSeqEnd: true,
	hclsyntax.TokenNewline: true,
}

// configuration returns a configuration's text without what somebody has chosen.
func (s *striker) configuration(text []byte) string {
	tokens, _ := hclsyntax.LexConfig(text, "", hcl.InitialPos) // what is no token is taken out
	var b strings.Builder
	at, block := 0, ""
	for _, t := range tokens {
		if from := t.Range.Start.Byte; from > at && from <= len(text) {
			b.WriteString(strings.Map(blank, string(text[at:from])))
		}
		at = max(at, t.Range.End.Byte)
		word := string(t.Bytes)
		switch {
		case kept[t.Type]:
			b.WriteString(word)
		case t.Type == hclsyntax.TokenIdent && s.known[word]:
			b.WriteString(word)
		case t.Type == hclsyntax.TokenQuotedLit && s.known[word] && (block == "source" || block == "plugin"):
			b.WriteString(word)
		case t.Type == hclsyntax.TokenIdent, t.Type == hclsyntax.TokenQuotedLit, t.Type == hclsyntax.TokenStringLit:
			b.WriteString(s.name(strings.TrimSpace(word)))
			if t.Type == hclsyntax.TokenStringLit && strings.HasSuffix(word, "\n") {
				b.WriteByte('\n')
			}
		case t.Type == hclsyntax.TokenNumberLit:
			b.WriteString("0")
		case t.Type == hclsyntax.TokenComment:
			b.WriteString("#\n")
		case t.Type == hclsyntax.TokenOHeredoc:
			b.WriteString("<<_\n")
		case t.Type == hclsyntax.TokenCHeredoc:
			b.WriteString("_")
		case t.Type != hclsyntax.TokenEOF:
			b.WriteString("?")
		}
		switch t.Type { // which block's labels stand here
		case hclsyntax.TokenIdent:
			block = word
		case hclsyntax.TokenOQuote, hclsyntax.TokenCQuote:
		default:
			block = ""
		}
	}
	return b.String()
}

// blank leaves white space.
func blank(r rune) rune {
	if r == ' ' || r == '\t' || r == '\n' {
		return r
	}
	return -1
}

// files returns the configuration's files, numbered, in the order of their names.
func (s *striker) files(files map[string]*hcl.File) (texts []string) {
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if file := files[name]; file != nil {
			texts = append(texts, s.configuration(file.Bytes))
		}
	}
	return texts
}
