package workbook

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// unescape replaces what stands for single characters in the text from there on: _x000D_ is a carriage return, and
// _x005F_ the underscore of a text that only looks so. Line ends of every kind become line feeds.
func unescape(text []byte, from int) []byte {
	if piece := text[from:]; bytes.IndexByte(piece, '\r') < 0 && !bytes.Contains(piece, []byte("_x")) {
		return text
	}
	to := from
	for i := from; i < len(text); {
		r, n := character(text[i:])
		i += n
		if r == '\r' {
			if next, n := character(text[i:]); next == '\n' {
				i += n
			}
			r = '\n'
		}
		to += utf8.EncodeRune(text[to:], r) // which is never longer than what it stands for
	}
	return text[:to]
}

// character returns the first character of a text, and how many bytes stand for it. Half of a surrogate pair is no
// character: such an escape stands for itself.
func character(text []byte) (rune, int) {
	if len(text) >= 7 && text[0] == '_' && text[1] == 'x' && text[6] == '_' {
		if n, err := strconv.ParseUint(string(text[2:6]), 16, 16); err == nil && (n < 0xD800 || n > 0xDFFF) {
			return rune(n), 7
		}
	}
	return utf8.DecodeRune(text)
}
