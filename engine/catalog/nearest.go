package catalog

import (
	"fmt"
	"strings"

	"github.com/agext/levenshtein"
)

// Nearest returns the candidate that a person probably meant who wrote name, and "" if none is similar. It ignores case and
// white space around names. Of equally similar candidates the first counts.
func Nearest(name string, candidates []string) string {
	look := func(s string) string { return strings.ToLower(strings.TrimSpace(s)) }
	best, least := "", max(1, min(3, len(name)/3))+1
	for _, candidate := range candidates {
		if look(candidate) == "" {
			continue
		}
		distance := levenshtein.Distance(look(name), look(candidate), nil)
		if isSwapped(look(name), look(candidate)) {
			distance = 1
		}
		if distance < least {
			best, least = candidate, distance
		}
	}
	for _, candidate := range candidates {
		if best == "" && len(name) > 2 && (strings.HasPrefix(candidate, name) || strings.HasSuffix(candidate, "_"+name)) {
			best = candidate
		}
	}
	return best
}

// isSwapped reports whether two neighbours of a are swapped in b, and nothing else differs: one slip, though two letters.
func isSwapped(a, b string) bool {
	at := 0
	for at < min(len(a), len(b))-1 && a[at] == b[at] {
		at++
	}
	return len(a) == len(b) && len(a) > at+1 && a[at] == b[at+1] && a[at+1] == b[at] && a[at+2:] == b[at+2:]
}

// DidYouMean asks for the nearest candidate, if one is near: ` Did you mean "x"?`. It starts with a space unless it is empty.
func DidYouMean(name string, candidates []string) string {
	if best := Nearest(name, candidates); best != "" {
		return fmt.Sprintf(" Did you mean %q?", best)
	}
	return ""
}
