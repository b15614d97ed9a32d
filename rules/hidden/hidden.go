// Package hidden finds the places of a configuration where a secret may stand, and shows the configuration without them.
//
// Which settings are secret is known only once a connector has described them, and a file with a syntax error holds no
// settings at all. So this package goes by lines, and by what is safe to show rather than by what looks secret: the
// attributes of the blocks in which a shop says what to compare (when, where, key, note and their like), and nothing else
// that stands on the right of an equals sign. What it cannot make sense of, it hides.
package hidden

import (
	"regexp"
	"slices"

	"github.com/hashicorp/hcl/v2"
)

// Span is a piece of a text, in bytes. It lies within one line.
type Span struct{ From, To int }

// mark is what is shown in the place of what is hidden.
const mark = "…"

// secretName is the name of a setting that says itself that its value is secret.
var secretName = regexp.MustCompile(`(?i)token|secret|passw|passphrase|pwd|dsn|api_?key|credential|private`)

// LooksSecret reports whether the name of a setting or a local value says that its value is secret.
func LooksSecret(name string) bool { return secretName.MatchString(name) }

// Find returns the places of a file where a secret may stand, in their order.
func Find(text []byte) []Span {
	s := &scanner{text: text}
	for from := 0; from < len(text); {
		to := from
		for to < len(text) && text[to] != '\n' {
			to++
		}
		s.line(from, to)
		from = to + 1
	}
	return s.found
}

// Cover returns the text with the places hidden. All that is not hidden stays where it is.
func Cover(text []byte, places []Span) []byte {
	text = slices.Clone(text)
	for _, p := range places {
		covered := text[p.From:p.To]
		if len(covered) < len(mark) {
			fill(covered, '*')
			continue
		}
		fill(covered, ' ')
		copy(covered, mark)
	}
	return text
}

// Shorten returns the text with a mark in the place of what is hidden: nobody can tell how long that was.
func Shorten(text []byte, places []Span) []byte {
	var short []byte
	from := 0
	for _, p := range places {
		short = append(append(short, text[from:p.From]...), mark...)
		from = p.To
	}
	return append(short, text[from:]...)
}

func fill(b []byte, with byte) {
	for i := range b {
		b[i] = with
	}
}

// inAddress is a password where an address has one: behind a user, and before the @.
var inAddress = pattern(`:[^\s"/][^\s"]*@`)

// Except returns the places without those in the ranges, of which it is known by now that they hold no secret. What is
// called like a secret stays hidden even so, and so does an address with a password in it.
func Except(text []byte, places []Span, shown []hcl.Range) []Span {
	if len(shown) == 0 {
		return places
	}
	return slices.DeleteFunc(slices.Clone(places), func(p Span) bool {
		return slices.ContainsFunc(shown, func(r hcl.Range) bool {
			return r.Start.Byte <= p.From && p.To <= r.End.Byte && r.End.Byte <= len(text) && !LooksSecret(nameAt(text, r.Start.Byte)) && !inAddress().Match(text[p.From:p.To])
		})
	})
}

// nameAt returns the word that begins at a place.
func nameAt(text []byte, at int) string {
	return word().FindString(string(text[at:min(len(text), at+longestName)]))
}
