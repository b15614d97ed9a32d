package catalog

import "strings"

// WithArticle writes a noun with its indefinite article: a rule, an intentional. It goes by the first letter, of which u is taken to sound as
// in unit: words of the language and types begin so, and no hour does.
func WithArticle(noun string) string {
	if noun != "" && strings.ContainsRune("aeioAEIO", rune(noun[0])) {
		return "an " + noun
	}
	return "a " + noun
}
