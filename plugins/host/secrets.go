package host

import (
	"bytes"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

const hiddenText = "(sensitive)"

const (
	// maxShortSecret is the length, in bytes, up to which a secret is hidden only as a whole word: many words contain "ab".
	maxShortSecret = 3
	// Of a token with at least partOf bytes, all pieces of partLength bytes are hidden too: a program may have shortened it.
	partOf, partLength = 16, 8
)

// Secrets knows the values of sensitive settings and hides them in log lines, errors and warnings. Of each value it hides:
//
//   - the value itself, also escaped, quoted or encoded,
//   - each of its lines,
//   - the password in it, if it is the address of a database,
//   - pieces of it, if it is a long token.
//
// The zero value hides nothing. Secrets may be used from several goroutines.
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
			for _, w := range spellings(secret) {
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
	if len(w) <= maxShortSecret {
		list = &s.short
	}
	if w != "" && !slices.Contains(*list, w) {
		*list = append(*list, w)
	}
}

// addParts keeps the pieces of a secret that looks like a token: long, with digits, and without white space and the
// characters of an address.
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

// Hide returns the text with each secret replaced by "(sensitive)".
func (s *Secrets) Hide(text string) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, w := range s.words {
		text = strings.ReplaceAll(text, w, hiddenText)
	}
	text = s.hideParts(text)
	for _, w := range s.short {
		text = hideWord(text, w)
	}
	return text
}

// safeText makes a text of a connector safe to show: without secrets and without control characters. Secrets are hidden
// twice, because one with control characters in it appears only when those are removed.
func (s *Secrets) safeText(text string) string { return s.Hide(printable(s.Hide(text))) }

// Mask replaces each byte of a secret in text by a star, so that the length stays. It finds only plain secrets, no pieces.
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
	from := 0 // what comes before it was written to b
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
		b.WriteString(hiddenText)
		i, from = end, end
	}
	if from == 0 {
		return text
	}
	b.WriteString(text[from:])
	return b.String()
}

// hideWord hides w wherever it is a whole word: without a letter or digit directly before or after it.
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
			b.WriteString(hiddenText)
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

// hideBeginning is Hide for a text that was cut at its end: it also hides the beginning of a secret there.
func (s *Secrets) hideBeginning(text string) string {
	text = s.Hide(text)
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, w := range s.words {
		for n := min(len(w)-1, len(text)); n >= maxShortSecret; n-- {
			if strings.HasSuffix(text, w[:n]) {
				return text[:len(text)-n] + hiddenText
			}
		}
	}
	return text
}
