package signs

import (
	"strings"
	"unicode"
)

// Legend says what the signs mean that Blanks puts.
const Legend = "· is a space, ␣ another kind of space, ␉ a tab, ␊ the end of a line, � a character that does not show"

// legend says what the signs mean that Blanks puts.
var legend = []struct{ sign, means string }{
	{"·", "a space"}, {"␣", "another kind of space"}, {"␉", "a tab"}, {"␊", "the end of a line"}, {string(Hidden), "a character that does not show"},
}

// LegendOf says what those of the signs mean that are in a text; "" if there are none.
func LegendOf(text string) string {
	var parts []string
	for _, l := range legend {
		if strings.Contains(text, l.sign) {
			parts = append(parts, l.sign+" is "+l.means)
		}
	}
	return strings.Join(parts, ", ")
}

// Blanks is Text with a sign for all white space that a reader would not see: at the ends, several in a row, and every kind but
// the usual space.
func Blanks(s string) string {
	if !odd(s) {
		return Text(s)
	}
	body := strings.TrimFunc(s, unicode.IsSpace)
	from := strings.Index(s, body)
	to := from + len(body)
	var b strings.Builder
	before := false // whether a blank stands before
	for i, r := range s {
		next := i+1 < len(s) && s[i+1] == ' '
		switch {
		case r == ' ' && (i < from || i >= to || before || next):
			b.WriteRune('·')
		case r > 0x7f && unicode.Is(unicode.Zs, r):
			b.WriteRune('␣')
		case r == '\u200c' || r == '\u200d' || r == '\ufe0e' || r == '\ufe0f':
			b.WriteRune(Hidden)
		default:
			b.WriteRune(r)
		}
		before = r == ' '
	}
	return Text(b.String())
}

// Differ returns two values that are not equal so that they do not look alike: with Blanks where they would.
func Differ(a, b string) (string, string) {
	if a != b && Look(a) == Look(b) {
		return Blanks(a), Blanks(b)
	}
	return Text(a), Text(b)
}

// Look returns what a reader sees of a text: without white space at its ends, with one space where there is any within, and
// without characters that do not show. Texts of one look cannot be told apart.
func Look(s string) string {
	if plain(s) && !odd(s) {
		return s
	}
	return strings.Join(strings.FieldsFunc(strings.Map(func(r rune) rune {
		if !unicode.IsSpace(r) && (Sign(r) != r || unicode.Is(unicode.Variation_Selector, r)) {
			return -1
		}
		return r
	}, s), unicode.IsSpace), " ")
}

// odd reports whether there is white space that a reader would not see, or a character beyond ASCII.
func odd(s string) bool {
	if s == "" {
		return false
	}
	if s[0] <= ' ' || s[len(s)-1] <= ' ' {
		return true
	}
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > 0x7e || c == ' ' && s[i+1] == ' ' {
			return true
		}
	}
	return false
}
