package host

import (
	"bytes"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

const hidden = "(sensitive)"

const (
	// fewLetters is the length, in bytes, up to which a secret is hidden only where it stands as a word: "ab" is in many.
	fewLetters = 3
	// Of a secret that is long and looks made up, parts are hidden as well: what somebody cut short.
	partOf, partLength = 16, 8
)

// Secrets knows the values of sensitive settings and hides them in what is shown: log lines, errors, warnings. It hides a
// value in the ways in which it may be written (escaped, quoted, encoded), the password in it where it is the address of a
// database, each of its lines, and parts of it where it is a long token. The zero value knows none. It may be used from
// several goroutines.
type Secrets struct {
	mu    sync.RWMutex
	words []string            // longest first
	short []string            // longest first
	parts map[string]struct{} // all pieces of partLength bytes
}

// Add makes values secret.
func (s *Secrets) Add(values ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range values {
		for _, secret := range secretsIn(v) {
			for _, w := range written(secret) {
				s.addWord(w)
			}
			s.addParts(secret)
		}
	}
	longest := func(a, b string) int { return len(b) - len(a) }
	slices.SortStableFunc(s.words, longest)
	slices.SortStableFunc(s.short, longest)
}

func (s *Secrets) addWord(w string) {
	list := &s.words
	if len(w) <= fewLetters {
		list = &s.short
	}
	if w != "" && !slices.Contains(*list, w) {
		*list = append(*list, w)
	}
}

// addParts remembers the pieces of a token: a long value without white space or an address's marks, with digits in it.
func (s *Secrets) addParts(secret string) {
	if len(secret) < partOf || strings.ContainsAny(secret, " \t\r\n@;,/") && !isBase64(secret) || !strings.ContainsAny(secret, "0123456789") {
		return
	}
	if s.parts == nil {
		s.parts = map[string]struct{}{}
	}
	for i := 0; i+partLength <= len(secret); i++ {
		s.parts[secret[i:i+partLength]] = struct{}{}
	}
}

// Hide returns a text without the secrets.
func (s *Secrets) Hide(text string) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, w := range s.words {
		text = strings.ReplaceAll(text, w, hidden)
	}
	text = s.hideParts(text)
	for _, w := range s.short {
		text = hideWord(text, w)
	}
	return text
}

// show returns a connector's words as people may see them: without the secrets, also those that control characters were
// in.
func (s *Secrets) show(text string) string { return s.Hide(printable(s.Hide(text))) }

// Mask puts stars in the place of the secrets that stand in a text as they are, so that its length stays.
func (s *Secrets) Mask(text []byte) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, w := range s.words {
		for from := 0; ; {
			i := bytes.Index(text[from:], []byte(w))
			if i < 0 {
				break
			}
			for n := range len(w) {
				text[from+i+n] = '*'
			}
			from += i + len(w)
		}
	}
}

func (s *Secrets) hideParts(text string) string {
	if len(s.parts) == 0 {
		return text
	}
	var b strings.Builder
	from := 0 // of what is not written yet
	for i := 0; i+partLength <= len(text); {
		if _, ok := s.parts[text[i:i+partLength]]; !ok {
			i++
			continue
		}
		end := i + partLength
		for j := i + 1; j <= end && j+partLength <= len(text); j++ {
			if _, ok := s.parts[text[j:j+partLength]]; ok {
				end = j + partLength
			}
		}
		b.WriteString(text[from:i])
		b.WriteString(hidden)
		i, from = end, end
	}
	if from == 0 {
		return text
	}
	b.WriteString(text[from:])
	return b.String()
}

// hideWord hides w where no letter or digit is beside it.
func hideWord(text, w string) string {
	var b strings.Builder
	for {
		i := strings.Index(text, w)
		if i < 0 {
			b.WriteString(text)
			return b.String()
		}
		before, _ := utf8.DecodeLastRuneInString(text[:i])
		after, _ := utf8.DecodeRuneInString(text[i+len(w):])
		b.WriteString(text[:i])
		if partOfWord(before) || partOfWord(after) {
			b.WriteString(w)
		} else {
			b.WriteString(hidden)
		}
		text = text[i+len(w):]
	}
}

func partOfWord(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

// longest returns the length of the longest secret.
func (s *Secrets) longest() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if len(s.words) == 0 {
		return 0
	}
	return len(s.words[0])
}

// hideBeginning hides the beginning of a secret at the end of a text that was cut there.
func (s *Secrets) hideBeginning(text string) string {
	text = s.Hide(text)
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, w := range s.words {
		for n := min(len(w)-1, len(text)); n >= fewLetters; n-- {
			if strings.HasSuffix(text, w[:n]) {
				return text[:len(text)-n] + hidden
			}
		}
	}
	return text
}
