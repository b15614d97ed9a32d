package restapi

import (
	"strings"
)

// hide keeps a text that the platform gave, such as a token, out of messages from now on.
func (s *Source) hide(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens = append(s.tokens, token)
}

// clean strikes secrets out of an error.
func (s *Source) clean(err error) error {
	if err == nil {
		return nil
	}
	text := s.cleanText(err.Error())
	if text == err.Error() {
		return err
	}
	return &cleanError{text, err}
}

func (s *Source) cleanText(text string) string {
	text = s.connect().Clean(text)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, token := range s.tokens {
		text = strings.ReplaceAll(text, token, "[secret]")
	}
	return text
}

// cleanError is an error whose text has lost its secrets.
type cleanError struct {
	text string
	err  error
}

func (e *cleanError) Error() string { return e.text }

// Unwrap returns the error as it was, for whoever decides by what it is.
func (e *cleanError) Unwrap() error { return e.err }
