package session

import (
	"bytes"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// keyText returns the reconciliation's key as the configuration writes it, on one line; true if it cannot be on one.
func (p *Prepared) keyText() (text string, ofLines bool) {
	at := p.Reconciliation.Key.Range()
	file := p.Config.Files[at.Filename]
	if file == nil || !at.CanSliceBytes(file.Bytes) {
		return "item.sku", false
	}
	text = oneLine(at.SliceBytes(file.Bytes))
	return text, text == ""
}

// oneLine returns an expression of a configuration on one line, without its comments. Texts in it are as they were. It is "" where
// a line break is part of a text.
func oneLine(expression []byte) string {
	tokens, diags := hclsyntax.LexExpression(expression, "", hcl.InitialPos)
	if diags.HasErrors() {
		return ""
	}
	var b strings.Builder
	end := 0 // of the last token that was written
	for _, t := range tokens {
		switch {
		case t.Type == hclsyntax.TokenComment || t.Type == hclsyntax.TokenNewline || t.Type == hclsyntax.TokenEOF:
			continue
		case t.Type == hclsyntax.TokenOHeredoc || bytes.ContainsAny(t.Bytes, "\r\n"):
			return ""
		case b.Len() > 0 && t.Range.Start.Byte > end:
			b.WriteByte(' ')
		}
		b.Write(t.Bytes)
		end = t.Range.End.Byte
	}
	return b.String()
}
