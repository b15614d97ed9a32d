package session

import (
	"slices"
	"strings"
	"unicode"

	"github.com/agext/levenshtein"

	"github.com/reconcilehq/reconcile/engine/near"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/words"
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
	return words.Enumerate(parts)
}

// mostNear is how many SKUs that look alike are named at most.
const mostNear = 5

// nearSKUs returns the SKUs that the given one is most likely a slip for, each once: those that only look different
// first, then those that begin with it or that a spreadsheet seems to have made of it, then those with few other letters.
func nearSKUs(sku string, skus []string) []string {
	near := newSlips(sku)
	for _, s := range skus {
		near.add(s)
	}
	return near.list()
}

// slips are what nearSKUs returns, while the SKUs come one by one.
type slips struct {
	sku, look  string
	byDistance [5][]string // the first mostNear of each
}

func newSlips(sku string) *slips { return &slips{sku: sku, look: lookOf(sku)} }

// add takes a SKU, and a copy of it if it keeps it.
func (s *slips) add(sku string) {
	if sku == "" {
		return
	}
	other := lookOf(sku)
	d := len(s.byDistance)
	switch {
	case s.look == other:
		d = 0
	case near.Rewritten(s.sku, sku):
		d = 1
	case len(s.look) > 2 && strings.HasPrefix(other, s.look):
		d = 1
	case max(len(s.look), len(other))-min(len(s.look), len(other)) <= 2:
		if n := levenshtein.Distance(s.look, other, nil); n <= min(2, len(s.look)/3) {
			d = 1 + n
		}
	}
	if d < len(s.byDistance) && len(s.byDistance[d]) < mostNear && !slices.Contains(s.byDistance[d], sku) {
		s.byDistance[d] = append(s.byDistance[d], strings.Clone(sku))
	}
}

// list returns the first of them.
func (s *slips) list() []string {
	list := slices.Concat(s.byDistance[:]...)
	return list[:min(len(list), mostNear)]
}
