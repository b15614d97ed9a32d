package screen

import "unicode/utf8"

// Long texts that differ in a few letters look alike. In a row only what is around these letters is shown; where a row says why they are marked.
const (
	longText   = 60 // characters, from which on a text is long
	aroundText = 16 // characters before the first that differs
	rowText    = 40 // characters of a side in a row
)

// Parted is a text, and which part of it the other side has not.
type Parted struct{ Before, Here, After string }

// Marked returns a side's text in parts: 0 is the point of sale, 1 the store. Of texts that are not long all of it is Before.
func (d Difference) Marked(side int) Parted {
	text, other := d.Pos, d.Store
	if side == 1 {
		text, other = d.Store, d.Pos
	}
	if !d.Two() || !d.Differs() || !d.Long() {
		return Parted{Before: text}
	}
	here, there := []rune(text), []rune(other)
	from := sameStart(here, there)
	to := len(here)
	for end := len(there); to > from && end > from && here[to-1] == there[end-1]; end-- {
		to--
	}
	return Parted{string(here[:from]), string(here[from:to]), string(here[to:])}
}

// Long reports whether a side's text is long.
func (d Difference) Long() bool {
	return max(utf8.RuneCountInString(d.Pos), utf8.RuneCountInString(d.Store)) > longText
}

// sameStart is how many characters two texts have in common at their beginning.
func sameStart(a, b []rune) (n int) {
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// InRow returns the difference as a row has room for it.
func (d Difference) InRow() Difference {
	pos, store := []rune(d.Pos), []rune(d.Store)
	from := 0
	if d.Two() && d.Differs() && max(len(pos), len(store)) > rowText {
		from = max(sameStart(pos, store)-aroundText, 0)
	}
	d.Pos, d.Store = cut(pos, from), cut(store, from)
	return d
}

// cut returns so much of a text from a place on as a row has room for.
func cut(text []rune, from int) string {
	before, after := "", ""
	if from > 0 {
		before = "…"
	}
	if len(text)-from > rowText {
		text, after = text[:from+rowText], "…"
	}
	return before + string(text[from:]) + after
}
