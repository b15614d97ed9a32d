package hidden

import (
	"slices"
	"strings"
	"unicode"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/rules/websync"
)

// shortestBare is how long, in bytes, a word without quotation marks must be at least to be taken for a token. Names of fields and
// local values that are as long are words; tokens that are shorter are few.
const shortestBare = 16

var (
	// bareWord is a word as it stands in an expression, with its dots.
	bareWord = pattern(`[\pL\pN_][\pL\pN_.-]*`)
	// inserted is what is computed within a text in quotation marks.
	inserted = pattern(`[$%]\{[^}"]*`)
)

// bare hides words of a line that is shown otherwise, from a place on, which look like tokens and stand outside of quotation marks:
// no text stands so but by mistake, and it is a secret that people paste. What is in quotation marks they compare with.
func (s *scanner) bare(from int, line string, at int) {
	hide := func(at, to int) {
		for _, w := range bareWord().FindAllStringIndex(line[at:to], -1) {
			if looksPasted(line[at+w[0] : at+w[1]]) {
				s.found = append(s.found, Span{from + at + w[0], from + at + w[1]})
			}
		}
	}
	for at < len(line) {
		open := strings.IndexByte(line[at:], '"')
		if open < 0 {
			hide(at, len(line))
			return
		}
		hide(at, at+open)
		at += open + 1
		end := at
		for end < len(line) && line[end] != '"' {
			if line[end] == '\\' {
				end++
			}
			end++
		}
		end = min(end, len(line))
		for _, in := range inserted().FindAllStringIndex(line[at:end], -1) {
			hide(at+in[0], at+in[1])
		}
		at = end + 1
	}
}

// roots are what names in expressions begin with.
var roots = []string{"pos", "store", "item", "local", "source"}

// looksPasted reports whether a word has the look of a token: long, and not put together as names are. A word without dots, or a
// part of a name, must have letters and digits for that.
func looksPasted(word string) bool {
	parts := strings.Split(word, ".")
	if len(parts) > 1 && len(word) >= shortestBare && !slices.Contains(roots, parts[0]) && slices.ContainsFunc(parts, func(part string) bool { return !isSayable(part) }) {
		return !isNumber(word)
	}
	return slices.ContainsFunc(parts, func(part string) bool {
		return len(part) >= shortestBare && strings.IndexFunc(part, unicode.IsDigit) >= 0 && strings.IndexFunc(part, unicode.IsLetter) >= 0 && !isSayable(part)
	})
}

func isNumber(word string) bool {
	_, err := catalog.ParseDecimal(word)
	return err == nil
}

// answers are what people write for on and off, in some languages, and what is nobody's secret.
var answers = strings.Fields("yes no true false always never auto none all an aus ein ja nein manuell automatisch oui non manuel")

// websyncWords are those that a point of sale has for what it puts online.
func websyncWords() (words []string) {
	for _, f := range websync.AmberPOS().Fields {
		for _, s := range f.Allowed {
			words = append(words, s.Word)
		}
	}
	return words
}

// isWebsyncWord reports whether a word is one that a point of sale has for what it puts online, or nearly.
func isWebsyncWord(word string) bool {
	return catalog.Nearest(word, slices.Concat(answers, websyncWords())) != ""
}
