package expr

import "strings"

// cased is a string in lower or upper case.
type cased struct {
	of    eval[string]
	upper bool
}

func lower(args []*node) *node { return casedNode(args[0], strings.ToLower, false) }
func upper(args []*node) *node { return casedNode(args[0], strings.ToUpper, true) }

func casedNode(n *node, convert func(string) string, toUpper bool) *node {
	result := textNode(map1(n.text, convert))
	result.cased = &cased{n.text, toUpper}
	return result
}

// equalTexts compares two strings; the result is whether they are equal where want is true, else whether they differ.
// The usual shapes are compared in place, without making the strings that they stand for.
func equalTexts(a, b *node, want bool) eval[bool] {
	switch {
	case a.cased != nil && b.cased != nil:
		return equalCased(a.cased, b.cased, want)
	case a.cased != nil:
		return equalToCased(a.cased, b.text, want)
	case b.cased != nil:
		return equalToCased(b.cased, a.text, want)
	case a.template != nil:
		return equalToTemplate(a.template, b.text, want)
	case b.template != nil:
		return equalToTemplate(b.template, a.text, want)
	case a.field != nil && b.field != nil:
		return equalColumns(a.field, b.field, want)
	}
	return map2(a.text, b.text, func(x, y string) bool { return (x == y) == want })
}

func equalColumns(x, y *field, want bool) eval[bool] {
	return func(f *Frame) (bool, bool) {
		a, i := f.strings(x)
		b, j := f.strings(y)
		return (a.At(i) == b.At(j)) == want, true
	}
}

func equalToTemplate(t template, other eval[string], want bool) eval[bool] {
	return func(f *Frame) (bool, bool) {
		s, known := other(f)
		if !known {
			return false, false
		}
		equal, known := t.matches(f, s)
		return known && equal == want, known
	}
}

func equalCased(x, y *cased, want bool) eval[bool] {
	convertX, convertY := converter(x.upper), converter(y.upper)
	return map2(x.of, y.of, func(a, b string) bool {
		if x.upper == y.upper && a == b {
			return want
		}
		for i := range min(len(a), len(b)) {
			if a[i]|b[i] >= 0x80 {
				return (convertX(a) == convertY(b)) == want
			}
			if asciiCase(a[i], x.upper) != asciiCase(b[i], y.upper) {
				return !want
			}
		}
		// Every further character of the longer one would stand for at least one of the result.
		return (len(a) == len(b)) == want
	})
}

func equalToCased(x *cased, other eval[string], want bool) eval[bool] {
	convert := converter(x.upper)
	return map2(x.of, other, func(a, b string) bool {
		for i := range min(len(a), len(b)) {
			if a[i]|b[i] >= 0x80 {
				return (convert(a) == b) == want
			}
			if asciiCase(a[i], x.upper) != b[i] {
				return !want
			}
		}
		return (len(a) == len(b)) == want
	})
}

func converter(upper bool) func(string) string {
	if upper {
		return strings.ToUpper
	}
	return strings.ToLower
}

func asciiCase(c byte, upper bool) byte {
	switch {
	case upper && 'a' <= c && c <= 'z':
		return c - 'a' + 'A'
	case !upper && 'A' <= c && c <= 'Z':
		return c - 'A' + 'a'
	}
	return c
}
