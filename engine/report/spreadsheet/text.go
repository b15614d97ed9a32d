package spreadsheet

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// appendText appends a text as a t element.
func appendText(dst []byte, s string) []byte {
	s = fit(s)
	dst = append(dst, "<t"...)
	if keepsSpace(s) {
		dst = append(dst, ` xml:space="preserve"`...)
	}
	return append(escape(append(dst, '>'), s), "</t>"...)
}

// keepsSpace reports whether readers might drop some of the white space in s.
func keepsSpace(s string) bool {
	return s != "" && (s[0] <= ' ' || s[len(s)-1] <= ' ') || strings.Contains(s, "  ") || strings.ContainsAny(s, "\t\n\r")
}

// fit cuts a text that is longer than a cell can be.
func fit(s string) string {
	if len(s) <= maxText || units(s) <= maxText {
		return s
	}
	mark := fmt.Sprintf("… (cut: %d characters in all)", utf8.RuneCountInString(s))
	room := maxText - units(mark)
	for i, r := range s {
		if room -= unitsOf(r); room < 0 {
			return s[:i] + mark
		}
	}
	return s
}

// units returns the length of s as spreadsheets count it.
func units(s string) (n int) {
	for _, r := range s {
		n += unitsOf(r)
	}
	return n
}

func unitsOf(r rune) int {
	if r > 0xffff {
		return 2
	}
	return 1
}

// escape appends s for between two tags. Spreadsheets take _x0041_ for a letter, so the first of such characters is written
// in that way itself. A carriage return would be lost otherwise.
func escape(dst []byte, s string) []byte {
	done := 0
	replace := func(i, size int, by string) {
		dst = append(append(dst, s[done:i]...), by...)
		done = i + size
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '&':
			replace(i, 1, "&amp;")
		case c == '<':
			replace(i, 1, "&lt;")
		case c == '>':
			replace(i, 1, "&gt;")
		case c == '\r':
			replace(i, 1, "_x000D_")
		case c == '_' && isEscape(s[i:]):
			replace(i, 1, "_x005F_")
		case c < ' ' && c != '\t' && c != '\n':
			replace(i, 1, "�")
		case c >= utf8.RuneSelf:
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 || r == 0xfffe || r == 0xffff {
				replace(i, size, "�")
			}
			i += size - 1
		}
	}
	return append(dst, s[done:]...)
}

// isEscape reports whether s begins as _x0041_ does.
func isEscape(s string) bool {
	if len(s) < 7 || s[1]|0x20 != 'x' || s[6] != '_' {
		return false
	}
	for _, c := range []byte(s[2:6]) {
		if !('0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f') {
			return false
		}
	}
	return true
}

var attributes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")

func attribute(s string) string { return attributes.Replace(s) }
