package table

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// TestDashes reads prices with dashes in place of the cents, which are no minus, and what looks like them.
func TestDashes(t *testing.T) {
	for _, c := range []struct {
		decimal    byte
		want, text string
	}{
		{',', "12", "12,-|12,- €|€ 12,-|€12,-|12,-€|12,--|12,–|12,—|12,\u2212|CHF 12,-|+12,-|\u00a012,- "},
		{',', "1299", "1.299,-|1 299,-|1'299,-|€ 1.299,--"},
		{',', "-12", "-12,-|(12,-)|€ -12,-|-€ 12,-|12-|12,00-|12,00-€|(12,- €)"},
		{',', "bad", "12.-|12 -|12, -|12 ,-|12,- -|12,---|12,-,-|12-,-|12,--%|12,-%|5'-|12'-|,-|-,-|12,5,-|12,- 50|1,299,-|12,-€-|12,- € -|-,50|-,50 €|12,-+|12 €  -|1,€-"},
		{'.', "12", "12.-|CHF 12.-|12.--|12.–|12.— CHF|CHF12.-|+12.-"},
		{'.', "5", "$5.-|$ 5.--"},
		{'.', "1299", "1,299.-|CHF 1,299.–|1'299.-|CHF 1’299.–"},
		{'.', "-12", "-12.-|(12.-)|CHF -12.-|12-|12.00-|$12-"},
		{'.', "bad", "12,-|12 -|12. -|12 .-|12.- -|12.---|12.-.-|12-.-|12.-%|5'-|1'29.-|.-|-.-|12.5.-|1.299,-|CHF -.50|-.50 CHF|12.- CHF-|12,-.-|1.€-|12.CHF -"},
		{'.', "-0.5", "-.5"}, // as some databases write it
	} {
		for text := range strings.SplitSeq(c.text, "|") {
			d, ok, err := parseNumber(text, c.decimal)
			got := d.String()
			if err != nil || !ok {
				got = "bad"
			}
			if got != c.want {
				t.Errorf("%q with decimal %q is %s (%v), want %s", text, c.decimal, got, err, c.want)
			}
		}
	}
}

// TestMagnitudes holds numbers with currencies, dashes, groups and blanks against their digits alone: whatever is read has
// the magnitude that they say, and a minus only where a dash or brackets say so that stand for no cents.
func TestMagnitudes(t *testing.T) {
	parts := []string{"1", "12", "299", "000", "50", ".", ".", ",", ",", "'", " ", "\u00a0", "-", "-", "–", "—", "\u2212", "+", "(", ")", "€", "$", "CHF", "kr", "%"}
	read := 0
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(parts), 1, 7).Draw(t, "text"), "")
		decimal := rapid.SampledFrom([]byte{'.', ','}).Draw(t, "decimal")
		d, ok, err := parseNumber(text, decimal)
		if err != nil || !ok {
			return
		}
		read++
		digits := strings.Map(func(r rune) rune {
			switch {
			case '0' <= r && r <= '9':
				return r
			case r == rune(decimal):
				return '.'
			}
			return -1
		}, text)
		if want, err := catalog.ParseDecimal(digits); err != nil || !d.Abs().Equal(want) {
			t.Fatalf("%q is read as %s, and its digits say %s (%v)", text, d, digits, err)
		}
		first, last := strings.IndexAny(text, "0123456789"), strings.LastIndexAny(text, "0123456789")
		behind := strings.TrimLeft(text[last+1:], string(decimal))
		minus := strings.ContainsAny(text[:first], "(-\u2212") || behind == text[last+1:] && strings.ContainsAny(behind, "-\u2212")
		if (d.Sign() < 0) != (minus && d.Sign() != 0) {
			t.Fatalf("%q is read as %s", text, d)
		}
	})
	if read == 0 {
		t.Error("not one text was a number")
	}
}
