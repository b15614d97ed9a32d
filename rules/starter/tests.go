package starter

import (
	"fmt"
	"slices"
	"strings"
)

// example is a test of a shipped rule. It needs no field that the rule itself does not need.
type example struct {
	rule, name, pos, store, expect string
	needs                          []string // rules that have to be on besides
}

var examples = []example{
	{rule: "N", name: "the names are the same", pos: `{ name = "Brass Bell" }`, store: `{ name = "Brass Bell" }`, expect: `{ N = "S" }`},
	{rule: "N", name: "the names differ", pos: `{ sku = "BELL-1", name = "Brass Bell" }`, store: `{ sku = "BELL-1", name = "Bell, brass" }`, expect: `{ N = "N" }`},
	{rule: "NS", name: "the SKU is appended to the name", pos: `{ sku = "BELL-1", name = "Brass Bell" }`, store: `{ sku = "BELL-1", name = "Brass Bell BELL-1" }`,
		expect: `{ N = "S", NS = "N" }`, needs: []string{"N"}},
	{rule: "IV", name: "a size is missing online", pos: `{ options = { Size = "M" }, variation = ["Size=L|M|S"] }`,
		store: `{ options = { Size = "M" }, variation = ["Size=M|S"] }`, expect: `{ IV = "N" }`},
	{rule: "B", name: "the brands differ by case only", pos: `{ brand = "LUMO" }`, store: `{ brand = "Lumo" }`, expect: `{ B = "S" }`},
	{rule: "B", name: "the brands differ", pos: `{ brand = "Lumo" }`, store: `{ brand = "Lumos" }`, expect: `{ B = "N" }`},
	{rule: "Q", name: "the quantities are the same", pos: `{ qoh = 5 }`, store: `{ qoh = 5, pending = 0 }`, expect: `{ Q = "S" }`},
	{rule: "Q", name: "the quantities differ", pos: `{ qoh = 5 }`, store: `{ qoh = 3, pending = 0 }`, expect: `{ Q = "N" }`},
	{rule: "QP", name: "one web order is still to be imported", pos: `{ qoh = 5 }`, store: `{ qoh = 4, pending = 1 }`, expect: `{ Q = "S", QP = "N" }`, needs: []string{"Q"}},
	{rule: "QN", name: "the quantity is negative in AmberPOS", pos: `{ qoh = -2 }`, store: `{ qoh = 0, pending = 0 }`, expect: `{ QN = "N" }`},
	{rule: "P", name: "the prices are the same, however they are written", pos: `{ price = 10.50 }`, store: `{ price = 10.5 }`, expect: `{ P = "S" }`},
	{rule: "P", name: "the prices differ by a cent", pos: `{ price = 49.95 }`, store: `{ price = 49.94 }`, expect: `{ P = "N" }`},
}

// Tests writes a file with a test or two of each rule that is checked.
func (c *Configuration) Tests() []byte {
	var b strings.Builder
	b.WriteString("# What the rules say, by example. A test gives an item as both sides have it, and the cells that the rules are to make of it; fields\n" +
		"# that are not given are unknown or empty. They are yours to change. After a change of a rule: reconcile test\n")
	for _, e := range examples {
		if !slices.Contains(c.Rules, e.rule) || slices.ContainsFunc(e.needs, func(code string) bool { return !slices.Contains(c.Rules, code) }) {
			continue
		}
		fmt.Fprintf(&b, "\ntest %s {\n  pos    = %s\n  store  = %s\n  expect = %s\n}\n", quote(e.name), e.pos, e.store, e.expect)
	}
	return []byte(b.String())
}
