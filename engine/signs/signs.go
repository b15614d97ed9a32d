// Package signs writes texts of strangers (names of items, messages of servers, names of files) so that nothing in them acts on
// a terminal, hides, or turns the line around: signs stand for what would.
package signs

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Hidden stands for a character that does not show.
const Hidden = unicode.ReplacementChar

// Text returns s as it may be written to a terminal, on one line. Control characters show as their pictures (␛, ␊), other
// characters that do not show as �, so that a difference that only they make is no riddle. Emoji that are made of several
// characters are taken apart, because terminals disagree about how wide the whole is: a family becomes its members, a flag its
// two letters.
func Text(s string) string {
	if plain(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	var last rune // that was written
	for _, r := range s {
		switch {
		case r == '\u200c' || r == '\u200d':
			if !unicode.IsLetter(last) && !unicode.IsMark(last) {
				continue // Persian or Hindi need the joiners inside words; elsewhere they only glue emoji.
			}
		case unicode.Is(unicode.Variation_Selector, r), '\U000e0020' <= r && r <= '\U000e007f':
			continue
		case '\U0001f3fb' <= r && r <= '\U0001f3ff' && last != 0: // a skin tone
			continue
		case '\U0001f1e6' <= r && r <= '\U0001f1ff': // half of a flag
			r += 'A' - '\U0001f1e6'
		default:
			r = Sign(r)
		}
		b.WriteRune(r)
		last = r
	}
	return b.String()
}

// Spaces is Text with ␣ for every kind of space but the usual one.
func Spaces(s string) string {
	if plain(s) {
		return s
	}
	return Text(strings.Map(func(r rune) rune {
		if r != ' ' && unicode.Is(unicode.Zs, r) {
			return '␣'
		}
		return r
	}, s))
}

// Sign returns what stands for a character that would act on a terminal or hide; other characters stand for themselves.
func Sign(r rune) rune {
	switch {
	case r < 0x20:
		return r + '␀'
	case r == 0x7f:
		return '␡'
	case r < 0x7f:
		return r
	case r < 0xa0 || r >= 0xad && unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) || r == '\u034f' || r == '\u115f' || r == '\u1160' || r == '\u3164' || r == '\uffa0':
		return Hidden
	}
	return r
}

// Lines is Text for a text of several lines: their ends stay, and a tab becomes a space.
func Lines(s string) string {
	if plain(s) {
		return s
	}
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = Text(strings.ReplaceAll(line, "\t", " "))
	}
	return strings.Join(lines, "\n")
}

// Acts reports whether a character acts on a terminal, or on how the characters around it are shown. Line breaks and tabs do
// neither here: who writes them means them.
func Acts(r rune) bool {
	return r < 0x20 && r != '\n' && r != '\t' || 0x7f <= r && r < 0xa0 || unicode.In(r, unicode.Bidi_Control, unicode.Zl, unicode.Zp)
}

// Data returns a text for a program that may show it in turn, such as a spreadsheet: only what acts is replaced by its sign, and
// what is needed to write a language or an emoji stays.
func Data(s string) string {
	if strings.IndexFunc(s, Acts) < 0 {
		return s
	}
	return strings.Map(func(r rune) rune {
		if Acts(r) {
			return Sign(r)
		}
		return r
	}, s)
}

// Hides reports whether a character, which is no control character, cannot be seen or moves others. The joiners and the letters of
// flags do not count: words and emoji are made with them.
func Hides(r rune) bool {
	if r < '\u0600' && r != '\u00ad' && r != '\u034f' {
		return false
	}
	if r == '\u200c' || r == '\u200d' || '\U000e0020' <= r && r <= '\U000e007f' {
		return false
	}
	return r == '\ufffe' || r == '\uffff' || Sign(r) != r
}

// Document returns a text for a document that people look at: what acts or hides is replaced by its sign, and what is needed to
// write a language or an emoji stays.
func Document(s string) string {
	if harmless(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r < 0xa0:
			return Sign(r)
		case Hides(r):
			return Hidden
		}
		return r
	}, s)
}

func harmless(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < 0x20 || c == 0x7f {
			return false
		} else if c < utf8.RuneSelf {
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 || r < 0xa0 || Hides(r) {
			return false
		}
		i += size - 1
	}
	return true
}

// SameLength returns a copy of a text in which every character that acts or hides has given way to another that takes as many
// bytes, so that places in the text stay what they are.
func SameLength(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		switch {
		case r == '\n' || r == '\t' || r == '\r' && len(text) > 1 && text[1] == '\n' || r != utf8.RuneError && Sign(r) == r:
			out = append(out, text[:size]...)
		case size == 1:
			out = append(out, '?')
		case size == 2:
			out = append(out, "¿"...)
		case size == 3:
			out = utf8.AppendRune(out, Hidden)
		default:
			out = append(out, "????"...)
		}
		text = text[size:]
	}
	return out
}

func plain(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] > 0x7e {
			return false
		}
	}
	return true
}
