package webapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Cause says who has to act first, so that a request that failed goes well.
type Cause uint8

const (
	Platform    Cause = iota // the platform is down, overloaded or answers nonsense: wait, or ask whoever runs it
	Network                  // this machine does not reach the platform
	Credentials              // they are wrong, were revoked, or may not do that
	Settings                 // the address is wrong, or what else the settings say
	Connector                // the connector asked for what the platform does not take
	Caller                   // whoever asked gave up: the context is done
)

// Sent says what is known of a request that failed: whether the platform has it.
type Sent uint8

const (
	// NotSent: it never left this machine. Nothing was done.
	NotSent Sent = iota
	// MaybeSent: it may have arrived, and no whole answer came back. Nobody knows whether it was done.
	MaybeSent
	// Answered: the platform has it, and Status is what it said.
	Answered
)

// Failure is why a request was not answered well. Errors of Session.Do wrap one: use errors.As, or the functions below.
type Failure struct {
	Status int    // of the answer; 0 if there was none
	Cause  Cause  // who has to act
	Said   string // what the platform said about it, without secrets; "" if nothing
	Text   string // what went wrong: after the status, where there is one
	Advice string // what to do about it, where Text does not say

	Temporary  bool          // it may be answered well later
	RetryAfter time.Duration // how long the platform asks to wait; 0 if it does not say
	TooLarge   bool          // the answer is larger than a client takes in

	// Sent is about all tries of the request: MaybeSent if one of them may have arrived, though the last one did not.
	Sent Sent

	err error // the reason, where a caller may look for it: a context's cause
}

// Error says what went wrong, without what was asked for.
func (f *Failure) Error() string {
	if f.Status == 0 || f.Status/100 == 2 && f.Text != "" {
		return f.Text
	}
	text := fmt.Sprintf("%d %s", f.Status, http.StatusText(f.Status))
	if f.Said != "" {
		text += " (" + f.Said + ")"
	}
	if f.Text != "" {
		text += ": " + f.Text
	}
	return text
}

// Unwrap returns the reason, such as a context's cause; nil if there is none.
func (f *Failure) Unwrap() error { return f.err }

// MayBeDone reports whether the platform may have done what was asked for, although the request failed. It is false where it
// surely has not: the request was never sent, or was refused.
func (f *Failure) MayBeDone() bool {
	switch f.Sent {
	case NotSent:
		return false
	case MaybeSent:
		return true
	}
	// A gateway answers 502 or 504 for a platform that is still at work; an answer that says "well" and is broken was well; and what leads
	// elsewhere may do so after the work, as pages for browsers do.
	return f.Status >= 500 || f.Status/100 == 2 || f.Status/100 == 3 || f.Status == http.StatusRequestTimeout
}

// IsRefused reports whether the platform has looked at what was asked for, and will not do it: it answered 400, 404, 409, 410, 412, 413 or
// 422, and has done nothing. Package writing asks for it.
func (f *Failure) IsRefused() bool {
	refusals := []int{http.StatusBadRequest, http.StatusNotFound, http.StatusConflict, http.StatusGone, http.StatusPreconditionFailed,
		http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity}
	return f.Sent == Answered && slices.Contains(refusals, f.Status)
}

// IsLate reports whether the request was not sent because its Until had passed. Package writing asks for it.
func (f *Failure) IsLate() bool { return errors.Is(f.err, ErrLate) && f.Sent == NotSent }

// finally returns the error of a request that is not tried again: what was asked for, what went wrong, how often it was
// tried, and what to do.
func (f *Failure) finally(what, tried string) error {
	if f.Advice != "" {
		tried += "; " + f.Advice
	}
	return fmt.Errorf("%s: %w%s", what, f, tried)
}

// refused returns the failure for an answer with a status that is no good one, and explains it.
func (s *Session) refused(a *Answer) *Failure {
	f := &Failure{Status: a.Status, Sent: Answered, Said: s.Clean(messageOf(a.Body))}
	switch {
	case f.Status == http.StatusUnauthorized:
		f.Cause, f.Text = Credentials, "the credentials are wrong or were revoked"
	case f.Status == http.StatusForbidden:
		f.Cause, f.Text = Credentials, "the credentials may not do that"
	case f.Status == http.StatusNotFound:
		f.Cause, f.Text = Settings, "there is nothing at this address; check "+s.config.Setting
	case f.Status == http.StatusTooManyRequests:
		f.Temporary = true
	case f.Status == http.StatusServiceUnavailable:
		f.Temporary, f.Text = true, "it is down, or has too much to do"
	case f.Status == http.StatusLocked, f.Status == http.StatusRequestTimeout, f.Status == http.StatusTooEarly, f.Status/100 == 2:
		f.Temporary = true
	case f.Status/100 == 3:
		f.Cause, f.Text = Settings, "the API redirects, which is not followed with credentials; check "+s.config.Setting
	case f.Status/100 == 4:
		f.Cause = Connector
	default:
		f.Temporary = f.Status >= 500 // one can mean that the platform throttles
	}
	if f.Temporary {
		f.RetryAfter = RetryAfter(a.Header, s.config.Clock.Now())
	}
	if s.config.Explain != nil {
		s.config.Explain(f, a)
		f.Said, f.Text, f.Advice = s.Clean(f.Said), s.Clean(f.Text), s.Clean(f.Advice)
	}
	return f
}

// mostSaid is how much is repeated of what a platform said, in characters.
const mostSaid = 300

// messageOf returns what an error's body says for people. Platforms answer an object, or an array of objects, with a title, a
// message or an error, and errors by field; what is in between answers a page with a title.
func messageOf(body []byte) string {
	type problem struct {
		Title       any             `json:"title"`
		Message     any             `json:"message"`
		Error       any             `json:"error"`
		Description any             `json:"error_description"`
		Detail      any             `json:"detail"`
		Errors      json.RawMessage `json:"errors"`
	}
	var all []problem
	if json.Unmarshal(body, &all) != nil {
		all = make([]problem, 1)
		if json.Unmarshal(body, &all[0]) != nil {
			return titleOf(body)
		}
	}
	var parts []string
	for _, p := range all {
		var said []string
		for _, text := range []any{p.Title, p.Message, p.Error, p.Description, p.Detail} {
			if text, ok := text.(string); ok && text != "" && !slices.Contains(said, text) {
				said = append(said, text)
			}
		}
		text := strings.Join(said, " ")
		var fields map[string]any
		_ = json.Unmarshal(p.Errors, &fields) // an empty array, at times
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			text += fmt.Sprintf("; %s: %v", name, fields[name])
		}
		if text = strings.Join(strings.Fields(text), " "); text != "" {
			parts = append(parts, text)
		}
	}
	return shortened(strings.Join(parts, "; "))
}

// shortened returns at most so much of a text as is repeated.
func shortened(said string) string {
	text := []rune(said)
	if len(text) > mostSaid {
		text = append(text[:mostSaid], '…')
	}
	return string(text)
}

// Refused reports whether the platform refused the parameters of a request.
func Refused(err error) bool {
	return Status(err) == http.StatusBadRequest || Status(err) == http.StatusUnprocessableEntity
}

// Forbidden reports whether the platform knows the credentials, but they may not do that.
func Forbidden(err error) bool { return Status(err) == http.StatusForbidden }

// Status returns the status of the answer that an error is about; 0 if it is about none.
func Status(err error) int {
	var f *Failure
	if !errors.As(err, &f) {
		return 0
	}
	return f.Status
}

// TooLarge reports whether the answer was larger than the client takes in.
func TooLarge(err error) bool {
	var f *Failure
	return errors.As(err, &f) && f.TooLarge
}

// MayBeDone reports whether the platform may have done what was asked for, although err is not nil. An error that is no Failure
// is one from before anything was sent.
func MayBeDone(err error) bool {
	var f *Failure
	return errors.As(err, &f) && f.MayBeDone()
}
