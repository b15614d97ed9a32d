package catalog

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Look returns what a person sees of a SKU at a glance: its letters and digits, without their case and without leading zeros.
// SKUs that differ in nothing but case, white space, dashes and other signs have the same look.
func Look(sku string) string {
	var b strings.Builder
	for _, r := range sku {
		if r = lookRune(r); r < 0 || r == '0' && b.Len() == 0 {
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// lookRune returns what a character counts as, -1 if it is neither a letter nor a digit. It is the same for a character in upper and
// in lower case, so the look of a text is that of the text in either.
func lookRune(r rune) rune {
	if r = unicode.ToLower(unicode.ToUpper(r)); !unicode.IsLetter(r) && !unicode.IsNumber(r) {
		return -1
	}
	return r
}

// lookBytes is lookRune for ASCII, with 0 in place of -1.
var lookBytes = func() (bytes [utf8.RuneSelf]byte) {
	for c := range bytes {
		if r := lookRune(rune(c)); r >= 0 {
			bytes[c] = byte(r)
		}
	}
	return bytes
}()

// Sieve lets the items through whose SKU has one of some looks, and the variants of such items where parent_sku is among the fields.
type Sieve struct {
	looks map[string]bool
	// lengths and lasts say of most other looks that they are none of these.
	lengths [shortLook + 1]bool
	lasts   [256]bool
}

// shortLook is how many bytes a SKU has whose look is made without an allocation.
const shortLook = 64

// NewSieve returns the Sieve of some looks.
func NewSieve(looks []string) *Sieve {
	s := &Sieve{looks: make(map[string]bool, len(looks))}
	for _, look := range looks {
		s.looks[look] = true
		if len(look) <= shortLook {
			s.lengths[len(look)] = true
		}
		if look != "" {
			s.lasts[look[len(look)-1]] = true
		}
	}
	return s
}

// Has reports whether a SKU has one of the looks.
func (s *Sieve) Has(sku string) bool {
	if len(sku) > shortLook {
		return s.looks[Look(sku)]
	}
	var short [shortLook]byte
	n := 0
	for i := range len(sku) {
		c := sku[i]
		if c >= utf8.RuneSelf {
			return s.looks[Look(sku)]
		}
		if c = lookBytes[c]; c != 0 && (c != '0' || n > 0) {
			short[n] = c
			n++
		}
	}
	return s.lengths[n] && (n == 0 || s.lasts[short[n-1]]) && s.looks[string(short[:n])]
}

// Rows appends the places of the items that it lets through.
func (s *Sieve) Rows(rows []int, b *Batch) []int {
	var columns [2]*Strings
	for i, name := range []string{"sku", "parent_sku"} {
		if at := b.Schema().Index(name); at >= 0 {
			columns[i], _ = b.Column(at).(*Strings)
		}
	}
	for i := range b.Len() {
		for _, c := range columns {
			if c != nil && s.Has(c.At(i)) {
				rows = append(rows, i)
				break
			}
		}
	}
	return rows
}

// Take returns a batch of some rows of a batch, which shares no memory with it.
func (b *Batch) Take(rows []int) *Batch {
	made := NewBuilder(b.schema)
	for _, row := range rows {
		for i, c := range b.columns {
			_ = made.Set(i, c.Value(row)) // it is of the field's type
		}
		made.End()
	}
	return made.Batch()
}
