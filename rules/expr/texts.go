package expr

import (
	"slices"
	"strings"

	"github.com/apparentlymart/go-textseg/v15/textseg"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

func text1(do func(string) string) func([]*node) *node {
	return func(args []*node) *node { return textNode(map1(args[0].text, do)) }
}

func text2(do func(s, affix string) string) func([]*node) *node {
	return func(args []*node) *node { return textNode(map2(args[0].text, args[1].text, do)) }
}

func test2(do func(s, affix string) bool) func([]*node) *node {
	return func(args []*node) *node { return truthNode(map2(args[0].text, args[1].text, do)) }
}

func list1(do func(list) list) func([]*node) *node {
	return func(args []*node) *node { return listNode(map1(args[0].list, do)) }
}

func contains(args []*node) *node {
	if args[0].typ == catalog.List {
		return truthNode(map2(args[0].list, args[1].text, list.contains))
	}
	return truthNode(map2(args[0].text, args[1].text, strings.Contains))
}

func replace(args []*node) *node {
	return textNode(map3(args[0].text, args[1].text, args[2].text, replaceAll))
}

func join(args []*node) *node {
	return textNode(map2(args[0].text, args[1].list, joined))
}

func split(args []*node) *node {
	return listNode(map2(args[0].text, args[1].text, splitAt))
}

func sorted(l list) list {
	items := l.slice()
	slices.Sort(items)
	return listOf(items)
}

func distinct(l list) list {
	var items []string
	for i := range l.len() {
		if s := l.at(i); !slices.Contains(items, s) {
			items = append(items, s)
		}
	}
	return listOf(items)
}

func keys(args []*node) *node {
	return listNode(map1(args[0].dict, func(m dict) list { return m.keys }))
}

func values(args []*node) *node {
	return listNode(map1(args[0].dict, func(m dict) list { return m.values }))
}

func length(args []*node) *node {
	switch n := args[0]; n.typ {
	case catalog.List:
		return numberNode(map1(n.list, func(l list) catalog.Decimal { return catalog.Int(int64(l.len())) }))
	case catalog.Map:
		return numberNode(map1(n.dict, func(m dict) catalog.Decimal { return catalog.Int(int64(m.len())) }))
	default:
		return numberNode(map1(n.text, func(s string) catalog.Decimal { return catalog.Int(int64(characters(s))) }))
	}
}

// characters counts what people take for characters (grapheme clusters), as HCL does.
func characters(s string) int {
	for i := range len(s) {
		if s[i] >= 0x80 || s[i] == '\r' { // \r\n is one
			n, err := textseg.TokenCount([]byte(s), textseg.ScanGraphemeClusters)
			if err != nil {
				return len([]rune(s))
			}
			return n
		}
	}
	return len(s)
}

func toString(args []*node) *node {
	if args[0].typ == catalog.String {
		return textNode(args[0].text)
	}
	n := textNode(template{{value: args[0]}}.build)
	n.template = template{{value: args[0]}}
	return n
}
