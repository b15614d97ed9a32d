package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Failure is why a request was not answered well.
type Failure struct {
	text       string
	advice     string        // what to do about it, where the text does not say
	Status     int           // of the answer; 0 if there was none
	temporary  bool          // it may be answered well later
	retryAfter time.Duration // how long the API asks to wait; 0 if it does not say
	TooLarge   bool          // it is larger than a client takes in
}

// Error says what went wrong, without what was asked for.
func (f *Failure) Error() string { return f.text }

// finally returns the error of a request that is not tried again: what was asked for, what went wrong, how often it was
// tried, and what to do.
func (f *Failure) finally(what, tried string) error {
	if f.advice != "" {
		tried += "; " + f.advice
	}
	return fmt.Errorf("%s: %w%s", what, f, tried)
}

// refused returns the failure for an answer with an error status, and explains it.
func (s *Session) refused(response *http.Response, body []byte) *Failure {
	f := &Failure{Status: response.StatusCode}
	f.text = fmt.Sprintf("%d %s", f.Status, http.StatusText(f.Status))
	if said := s.clean(messageOf(body)); said != "" {
		f.text += " (" + said + ")"
	}
	switch f.Status {
	case http.StatusUnauthorized:
		f.text += ": the access token is wrong or was revoked, or is another store's; check access_token and store_hash, or create a new API account in BigCommerce's control panel"
	case http.StatusForbidden:
		f.text += ": the access token lacks a scope; give its API account at least read-only access to " + s.scopeOf(response.Request.URL.Path)
	case http.StatusNotFound:
		f.text += ": the API does not know this store; check store_hash (and api_url, if it is set)"
	case http.StatusTooManyRequests:
		f.temporary, f.retryAfter = true, retryAfter(response.Header)
	case http.StatusServiceUnavailable:
		f.text += ": the store is down for maintenance, being upgraded, or suspended"
		f.advice = "its control panel says which: the first two pass, a suspended store's account has to be settled with BigCommerce"
		f.temporary, f.retryAfter = true, laterBy(response.Header, "Retry-After")
	case http.StatusLocked, http.StatusRequestTimeout, http.StatusNoContent:
		f.temporary = true
	default:
		// A 500 can mean that the API throttles us.
		f.temporary = f.Status >= 500
		if f.Status >= 300 && f.Status < 400 {
			f.text += ": the API redirects, which is not followed with an access token; check api_url"
		}
	}
	return f
}

// retryAfter returns how long a 429 asks to wait. It may come without saying so.
func retryAfter(h http.Header) time.Duration {
	if wait, ok := headerNumber(h, resetHeader); ok {
		return time.Duration(wait) * time.Millisecond
	}
	return laterBy(h, "X-Retry-After", "Retry-After")
}

// laterBy reads the first of the headers that says how many seconds to wait; 0 if none does.
func laterBy(h http.Header, names ...string) time.Duration {
	for _, name := range names {
		if wait, ok := headerNumber(h, name); ok {
			return time.Duration(wait) * time.Second
		}
	}
	return 0
}

// headerNumber reads a header that is a whole number from 0 to 2^31-1.
func headerNumber(h http.Header, name string) (int64, bool) {
	n, err := strconv.ParseInt(strings.TrimSpace(h.Get(name)), 10, 64)
	return n, err == nil && n >= 0 && n < 1<<31
}

// messageOf returns what an error's body says for people: V3 answers an object with a title and errors by field, V2 an
// array of objects with a message.
func messageOf(body []byte) string {
	type problem struct {
		Title   string          `json:"title"`
		Message string          `json:"message"`
		Errors  json.RawMessage `json:"errors"`
	}
	var all []problem
	if json.Unmarshal(body, &all) != nil {
		all = make([]problem, 1)
		if json.Unmarshal(body, &all[0]) != nil {
			return ""
		}
	}
	var parts []string
	for _, p := range all {
		var fields map[string]any
		_ = json.Unmarshal(p.Errors, &fields) // an empty array, at times
		for name, text := range fields {
			p.Title += fmt.Sprintf("; %s: %v", name, text)
		}
		if text := strings.Join(strings.Fields(p.Title+" "+p.Message), " "); text != "" {
			parts = append(parts, text)
		}
	}
	text := []rune(strings.Join(parts, "; "))
	if len(text) > 300 {
		text = append(text[:300], '…')
	}
	return string(text)
}

// Refused reports whether the API refused the parameters of a request.
func Refused(err error) bool {
	var f *Failure
	return errors.As(err, &f) && (f.Status == http.StatusBadRequest || f.Status == http.StatusUnprocessableEntity)
}

// Forbidden reports whether the API knows the token, but it must not do that.
func Forbidden(err error) bool {
	var f *Failure
	return errors.As(err, &f) && f.Status == http.StatusForbidden
}

// TooLarge reports whether the answer was larger than the client takes in.
func TooLarge(err error) bool {
	var f *Failure
	return errors.As(err, &f) && f.TooLarge
}
