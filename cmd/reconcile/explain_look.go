package main

import (
	"strings"
	"unicode"
)

// looks is what gets lost in a SKU on the way through spreadsheets and forms, and how to do without it.
var looks = []struct {
	what    string
	without func(string) string
}{
	{"case", strings.ToLower},
	{"white space", dropping(unicode.IsSpace)},
	{"dashes", dropping(func(r rune) bool { return unicode.Is(unicode.Pd, r) || r == '_' || r == '−' })},
	{"characters that do not show", dropping(func(r rune) bool { return unicode.IsControl(r) && !unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) })},
	{"leading zeros", func(s string) string { return strings.TrimLeft(s, "0") }}, // last: nothing stands before them then
}

func dropping(what func(rune) bool) func(string) string {
	return func(s string) string {
		return strings.Map(func(r rune) rune {
			if what(r) {
				return -1
			}
			return r
		}, s)
	}
}

// lookOf returns what remains of a SKU without all that gets lost.
func lookOf(sku string) string { return lookBut(sku, -1) }

func lookBut(sku string, kept int) string {
	for i, l := range looks {
		if i != kept {
			sku = l.without(sku)
		}
	}
	return sku
}

// differsIn says in what two SKUs differ that look alike.
func differsIn(a, b string) string {
	var parts []string
	for i, l := range looks {
		if lookBut(a, i) != lookBut(b, i) {
			parts = append(parts, l.what)
		}
	}
	return enumerate(parts)
}

// keyFor returns advice to pair two SKUs by a key that makes them equal; "" if none of the usual ones does.
func keyFor(a, b string) string {
	trimmed := func(s string) string { return strings.ToUpper(strings.TrimSpace(s)) }
	for _, key := range []struct {
		expression string
		of         func(string) string
	}{
		{`upper(trimspace(item.sku))`, trimmed},
		{`replace(upper(trimspace(item.sku)), "-", "")`, func(s string) string { return strings.ReplaceAll(trimmed(s), "-", "") }},
		{`replace(upper(trimspace(item.sku)), " ", "")`, func(s string) string { return strings.ReplaceAll(trimmed(s), " ", "") }},
		{`regexreplace("^0+", trimspace(item.sku), "")`, func(s string) string { return strings.TrimLeft(strings.TrimSpace(s), "0") }},
	} {
		if key.of(a) == key.of(b) {
			return ", or pair items by key = " + key.expression
		}
	}
	return ""
}
