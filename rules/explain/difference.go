package explain

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/reconcilehq/reconcile/rules/expr"
)

// texts says what makes two texts differ, where that is hard to see: "" where one look is enough.
func (w wording) texts(a, b *expr.Trace) string {
	x, y := a.Value.Str(), b.Value.Str()
	switch {
	case x == y || x == "" || y == "":
		return ""
	case strings.EqualFold(x, y):
		return "They differ only in upper and lower case."
	case withoutSpace(x) == withoutSpace(y):
		return "They differ only in white space."
	}
	for _, pair := range [][2]*expr.Trace{{a, b}, {b, a}} {
		short, long := pair[0].Value.Str(), pair[1].Value.Str()
		if rest, ok := strings.CutPrefix(long, short); ok {
			return fmt.Sprintf("%s is %s with %s appended.", w.called(pair[1]), w.called(pair[0]), w.text(rest))
		}
		if rest, ok := strings.CutSuffix(long, short); ok {
			return fmt.Sprintf("%s is %s with %s put before it.", w.called(pair[1]), w.called(pair[0]), w.text(rest))
		}
	}
	return w.apart(x, y)
}

// called names an operand: by its name in the configuration, or by its value where it has none.
func (w wording) called(t *expr.Trace) string {
	if t.Kind == expr.FieldValue || t.Kind == expr.LocalValue {
		return w.source(t)
	}
	return w.value(t.Value)
}

func withoutSpace(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

// apart shows where two texts that begin and end alike differ. Texts that have little in common are seen to differ.
func (w wording) apart(x, y string) string {
	before := commonPrefix(x, y)
	after := commonSuffix(x[before:], y[before:])
	p, q := x[before:len(x)-after], y[before:len(y)-after]
	if shared := before + after; (shared < 4 || shared < 2*max(len(p), len(q))) && w.text(x) != w.text(y) {
		return ""
	}
	where := "in the middle"
	switch {
	case after == 0:
		where = "at the end"
	case before == 0:
		where = "at the beginning"
	}
	if p == "" || q == "" {
		more, which := p, "first"
		if p == "" {
			more, which = q, "second"
		}
		return fmt.Sprintf("They differ only %s: the %s has %s more there.", where, which, w.text(more))
	}
	return fmt.Sprintf("They differ only %s: %s and %s.", where, w.shown(p, q), w.shown(q, p))
}

// shown quotes a differing stretch, with its code point where it is one character that can be taken for another.
func (w wording) shown(s, other string) string {
	r, size := utf8.DecodeRuneInString(s)
	if size < len(s) || utf8.RuneCountInString(other) > 1 || s[0] < utf8.RuneSelf && other[0] < utf8.RuneSelf {
		return w.text(s)
	}
	return fmt.Sprintf("%s (U+%04X)", w.text(s), r)
}

// commonPrefix returns how many bytes two texts begin with alike, in whole characters.
func commonPrefix(x, y string) int {
	n := 0
	for n < len(x) && n < len(y) {
		r, size := utf8.DecodeRuneInString(x[n:])
		if s, _ := utf8.DecodeRuneInString(y[n:]); r != s {
			break
		}
		n += size
	}
	return n
}

func commonSuffix(x, y string) int {
	n := 0
	for n < len(x) && n < len(y) {
		r, size := utf8.DecodeLastRuneInString(x[:len(x)-n])
		if s, _ := utf8.DecodeLastRuneInString(y[:len(y)-n]); r != s {
			break
		}
		n += size
	}
	return n
}
