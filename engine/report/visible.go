package report

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// visible returns s as it may stand in a document: nothing in it hides or changes the order of what stands beside it. Control
// characters show as their pictures (␛, ␊), other invisible ones as �. Letters, marks and emoji stay what they are.
func visible(s string) string {
	if isVisible(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r < 0x20:
			return r + '␀'
		case r == 0x7f:
			return '␡'
		case hides(r):
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

func isVisible(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < 0x20 || c == 0x7f {
			return false
		} else if c < utf8.RuneSelf {
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 || hides(r) {
			return false
		}
		i += size - 1
	}
	return true
}

// hides reports whether a character cannot be seen, or moves others. The joiners and the letters of flags do not count: words
// and emoji are made with them.
func hides(r rune) bool {
	if r < 0xa0 {
		return r >= 0x7f || r < 0x20
	}
	if r == '\u200c' || r == '\u200d' || '\U000e0020' <= r && r <= '\U000e007f' {
		return false
	}
	return r == 0xfffe || r == 0xffff || r >= 0xad && unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)
}
