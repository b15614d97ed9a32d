package words

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// Literal writes a value as the configuration's language does, so that its type shows: "10" is a text, 10 a number.
func Literal(v catalog.Value) string {
	switch {
	case v.IsNull() || v.Type() == catalog.Invalid:
		return "null (unknown)"
	case v.Type() == catalog.String:
		return quoted(v.Str())
	case v.Type() == catalog.List:
		var items []string
		for _, item := range v.List() {
			items = append(items, quoted(item))
		}
		return "[" + strings.Join(items, ", ") + "]"
	case v.Type() == catalog.Map:
		var entries []string
		for _, e := range v.Entries() {
			key := e.Key
			if !hclsyntax.ValidIdentifier(key) {
				key = quoted(key)
			}
			entries = append(entries, key+" = "+quoted(e.Value))
		}
		if len(entries) == 0 {
			return "{}"
		}
		return "{ " + strings.Join(entries, ", ") + " }"
	}
	return v.Text()
}

// quoted writes a text in quotes, with escapes for what would act on the terminal or not show.
func quoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case (r == '$' || r == '%') && strings.HasPrefix(s[i+1:], "{"):
			b.WriteRune(r)
			b.WriteRune(r) // it starts no template
		case r == ' ' || unicode.IsGraphic(r) && !unicode.Is(unicode.Zs, r):
			b.WriteRune(r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// OneLine returns a text as it may be written to a terminal: without what acts on it.
func OneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsGraphic(r) {
			return r
		}
		return '\ufffd'
	}, s)
}
