package expr

import (
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// template is a string that is put together from parts. Numbers are written in their shortest form.
type template []part

// part is literal text, or, where that is empty, a string, number or bool.
type part struct {
	literal string
	value   *node
}

func (c *compiler) compileTemplate(e *hclsyntax.TemplateExpr) *node {
	if len(e.Parts) == 1 {
		if literal, ok := e.Parts[0].(*hclsyntax.LiteralValueExpr); ok {
			n := c.literal(literal)
			n.rng = e.SrcRange
			return n
		}
	}
	parts := make([]*node, len(e.Parts))
	ok := true
	for i, p := range e.Parts {
		parts[i] = c.compile(p)
		ok = c.templatePart(parts[i]) && ok
	}
	if !ok {
		return unknown(e.SrcRange)
	}
	for _, p := range parts {
		if p.opaque {
			return unevaluated(catalog.String, e.SrcRange)
		}
	}
	t := make(template, 0, len(parts))
	for _, p := range parts {
		t = t.with(p)
	}
	n := textNode(t.build)
	n.template = t
	return n.as(Template, "", NullOnlyOfNull).from(e.SrcRange, parts...)
}

// templatePart reports whether n can stand in a template.
func (c *compiler) templatePart(n *node) bool {
	switch {
	case n.null:
		c.errorf(n.rng, "Null in a template", `null cannot be put into a text. Write "" for no text.`)
	case n.typ == catalog.List:
		c.errorf(n.rng, "List in a template", "A list cannot be put into a text as it is. Use join, or an index such as [0].")
	case n.typ == catalog.Map:
		c.errorf(n.rng, "Map in a template", `A map cannot be put into a text as it is. Name the key that is meant, for example ["Size"].`)
	default:
		return true
	}
	return false
}

// with appends a part; constant ones are rendered at once and melt into one literal.
func (t template) with(n *node) template {
	if !n.constant {
		return append(t, part{value: n})
	}
	text, known := template{{value: n}}.build(&Frame{})
	switch {
	case !known:
		return append(t, part{value: n})
	case text == "":
		return t
	case len(t) > 0 && t[len(t)-1].value == nil:
		bounded(len(t[len(t)-1].literal)+len(text), "the text that is put together")
		t[len(t)-1].literal += text
		return t
	}
	return append(t, part{literal: text})
}

// build puts the string together.
func (t template) build(f *Frame) (string, bool) {
	start := len(f.scratch)
	for _, p := range t {
		if p.value == nil {
			bounded(len(f.scratch)+len(p.literal), "the text that is put together")
			f.scratch = append(f.scratch, p.literal...)
			continue
		}
		if !p.append(f) {
			f.scratch = f.scratch[:start]
			return "", false
		}
	}
	text := string(f.scratch[start:])
	f.scratch = f.scratch[:start]
	return text, true
}

// append appends the part's text to the scratch space, unless the value is null.
func (p part) append(f *Frame) bool {
	switch p.value.typ {
	case catalog.String:
		s, known := p.value.text(f) // first: it may use the scratch space itself
		bounded(len(f.scratch)+len(s), "the text that is put together")
		f.scratch = append(f.scratch, s...)
		return known
	case catalog.Number:
		d, known := p.value.number(f)
		if known {
			f.scratch = d.Append(f.scratch)
		}
		return known
	default:
		truth, known := p.value.truth(f)
		f.scratch = appendBool(f.scratch, truth)
		return known
	}
}

func appendBool(b []byte, truth bool) []byte {
	if truth {
		return append(b, "true"...)
	}
	return append(b, "false"...)
}

// matches reports whether the string that build would put together is s, without doing so. After the first difference
// only the parts that can be null matter.
func (t template) matches(f *Frame, s string) (equal, known bool) {
	equal = true
	for _, p := range t {
		switch {
		case p.value == nil:
			if equal {
				s, equal = strings.CutPrefix(s, p.literal)
			}
		case !equal && !p.value.nullable:
		case p.value.typ == catalog.String:
			text, known := p.value.text(f)
			if !known {
				return false, false
			}
			if equal {
				s, equal = strings.CutPrefix(s, text)
			}
		default:
			start := len(f.scratch)
			known := p.append(f)
			text := f.scratch[start:]
			f.scratch = f.scratch[:start]
			if !known {
				return false, false
			}
			if equal = equal && len(s) >= len(text) && s[:len(text)] == string(text); equal {
				s = s[len(text):]
			}
		}
	}
	return equal && s == "", true
}
