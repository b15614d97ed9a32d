package catalog

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// NormalText returns text in the form that every source uses: Unicode NFC, and LF for the line ends CRLF and CR. So texts that
// look equal have equal bytes. Call it with one value at a time: where two values are joined, a letter and a combining mark
// would become one character.
func NormalText(s string) string {
	if plain(s) {
		return s
	}
	return endLines(norm.NFC.String(s))
}

// AppendNormalText appends NormalText(s) to dst. What dst ends with does not matter.
func AppendNormalText(dst []byte, s string) []byte {
	if plain(s) {
		return append(dst, s...)
	}
	return append(dst, endLines(norm.NFC.String(s))...)
}

// IsNormalText reports whether s is NormalText already.
func IsNormalText(s string) bool {
	return plain(s) || norm.NFC.IsNormalString(s) && strings.IndexByte(s, '\r') < 0
}

// plain reports whether s is ASCII without a CR, as nearly all text is.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf || s[i] == '\r' {
			return false
		}
	}
	return true
}

func endLines(s string) string {
	if strings.IndexByte(s, '\r') < 0 {
		return s
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}
