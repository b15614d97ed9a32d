package hidden

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of what a diagnostic says, in bytes: it quotes names and texts of the configuration, which can be of any length. No name and
// no path that people give is as long as longestWord.
const (
	longestWord = 300
	keptOfWord  = 100
	longestText = 16 << 10
)

// bounded returns a text without the most of words that are too long, and without its end if it is.
func bounded(text string) string {
	if len(text) <= longestWord {
		return text
	}
	var b strings.Builder
	for len(text) > 0 && b.Len() < longestText {
		end := strings.IndexFunc(text, unicode.IsSpace)
		if end < 0 {
			end = len(text)
		}
		if end > longestWord {
			b.WriteString(firstBytes(text, keptOfWord) + mark)
		} else {
			b.WriteString(text[:end])
		}
		_, space := utf8.DecodeRuneInString(text[end:])
		b.WriteString(text[end : end+space])
		text = text[end+space:]
	}
	if text != "" {
		b.WriteString(mark)
	}
	return b.String()
}

// firstBytes returns the beginning of a text, of n bytes or, so that no character is cut, a few less.
func firstBytes(text string, n int) string {
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}
