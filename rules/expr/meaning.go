package expr

import (
	"fmt"
	"strconv"
	"strings"
)

// kindNames are words for kinds that stand in meanings, which are kept: they do not change.
var kindNames = map[Kind]string{
	Logic: "logic", Unary: "unary", Comparison: "comparison", Arithmetic: "arithmetic", Conditional: "conditional", Call: "call",
	Index: "index", Template: "template", Collection: "collection",
}

// Meaning returns a text that stands for what the expression computes: it changes with that, and not with how it is written, where its
// fields stand, or what a local is called. The value of a secret is not in it. What is too unusual to be told by its parts is told by its
// place.
func (e *Expr) Meaning() string {
	if e == nil {
		return "nothing"
	}
	var b strings.Builder
	e.root.appendMeaning(&b)
	return b.String()
}

func (n *node) appendMeaning(b *strings.Builder) {
	n = n.bare()
	switch {
	case n.secret && n.constant:
		b.WriteString("secret")
	case n.lacked != nil:
		fmt.Fprintf(b, "lacks %s.%s", n.lacked.Side, n.lacked.Field)
	case n.constant:
		v, known := n.value(&Frame{})
		fmt.Fprintf(b, "%s %t %s", n.typ, known, strconv.Quote(v.Text()))
	case n.field != nil:
		fmt.Fprintf(b, "%s.%s", n.field.side, n.field.name)
	case len(n.operands) == 0:
		fmt.Fprintf(b, "at %s", n.rng)
	default:
		fmt.Fprintf(b, "%s %q(", kindNames[n.kind], n.op)
		for _, o := range n.operands {
			o.appendMeaning(b)
			b.WriteByte(';')
		}
		b.WriteByte(')')
	}
}
