package host

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
)

const hidden = "(sensitive)"

// secrets replaces the values of sensitive settings wherever a connector's words come through: log lines, errors,
// warnings.
type secrets struct {
	mu    sync.RWMutex
	words []string // longest first
}

var passwordIn = regexp.MustCompile(`(?i)(?:password|pwd|token|secret)\s*=\s*('[^']*'|"[^"]*"|[^;\s&]+)`)

// add remembers a secret, the ways in which it may be written, and the password in it where it is an address.
func (s *secrets) add(values ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range values {
		words := []string{v, url.QueryEscape(v), url.PathEscape(v)}
		if u, err := url.Parse(v); err == nil && u.User != nil {
			if password, ok := u.User.Password(); ok {
				words = append(words, password, url.QueryEscape(password), url.PathEscape(password))
			}
		}
		if user, rest, ok := strings.Cut(v, "@"); ok && rest != "" { // user:password@tcp(host)/db
			if _, password, ok := strings.Cut(user[strings.LastIndex(user, "/")+1:], ":"); ok {
				words = append(words, password)
			}
		}
		for _, m := range passwordIn.FindAllStringSubmatch(v, -1) {
			words = append(words, strings.Trim(m[1], `'"`))
		}
		for _, w := range words {
			if len(w) > 3 && !slices.Contains(s.words, w) { // shorter ones would blot out ordinary words
				s.words = append(s.words, w)
			}
		}
	}
	slices.SortFunc(s.words, func(a, b string) int { return len(b) - len(a) })
}

func (s *secrets) hide(text string) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, w := range s.words {
		text = strings.ReplaceAll(text, w, hidden)
	}
	return text
}
