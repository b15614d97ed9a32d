// Package api is a client for the API of a BigCommerce store. It signs in, keeps within the quota that the store's apps
// share, retries what may succeed later, explains what went wrong, and reads lists page by page, several pages at a time.
//
// It knows nothing of products, stock or orders.
package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	requestTimeout = 30 * time.Second
	// MostTries is how often a request is made, as a rule.
	MostTries = 6
	mostBytes = 128 << 20 // of one answer, unless a client says otherwise
	// mostObjects is how many objects an answer has at most: a few bytes of it can become hundreds in memory.
	mostObjects = 1 << 20
)

// Config is where a client asks, and as whom.
type Config struct {
	URL       string // of the API; /stores/{hash} follows it
	StoreHash string
	Token     string
	Share     float64 // of the store's quota, that may be used
	Clock     Clock   // WallClock if it is nil

	// ScopeOf names the scope that a path needs, for people; nil if nobody knows.
	ScopeOf func(path string) string
}

// Client asks one store's API. It waits as the quota demands and tries again what may succeed later. Any number of
// goroutines may share it.
type Client struct {
	// HTTP is what requests go through. It follows no redirect.
	HTTP *http.Client
	// MostBytes is how large an answer may be.
	MostBytes int64

	base    string // up to and including the store's hash
	token   string
	scopeOf func(path string) string
	clock   Clock
	pace    *pacer
}

// New returns a client. Nothing is asked yet.
func New(c Config) *Client {
	if c.Clock == nil {
		c.Clock = WallClock{}
	}
	if c.ScopeOf == nil {
		c.ScopeOf = func(string) string { return "what is asked for" }
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 2 * MostInFlight
	return &Client{base: strings.TrimRight(c.URL, "/") + "/stores/" + url.PathEscape(c.StoreHash), token: c.Token, scopeOf: c.ScopeOf,
		clock: c.Clock, MostBytes: mostBytes, pace: newPacer(c.Clock, c.Share),
		HTTP: &http.Client{Transport: transport, Timeout: requestTimeout,
			// The API redirects nowhere; whoever does shall not see the token.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// Quota says what is known of the API's quota, for people; "" if it says nothing about it.
func (c *Client) Quota() string { return c.pace.quota() }

// Session is a series of requests for one purpose, several at a time or one by one.
type Session struct {
	*Client
	// Tries is how often a request is made at most, MostTries by habit.
	Tries int
	// Tell says what is being asked; it is called at each request, from the goroutine that asks.
	Tell func(text string)
	// Wait says until when a request is held back, and what it waits for: "BigCommerce's quota". It is called about every
	// second, from the goroutine that asks; nil if nobody wants to know.
	Wait func(until time.Time, why string)
	// Answered is called with the header of each good answer; nil if nobody wants to know.
	Answered func(http.Header)
}

// Call is one request.
type Call struct {
	What  string // "page 3 of GET /v3/catalog/products"
	Path  string // below the store's hash
	Query url.Values

	// Read decodes the body of a 200. It is called for each try, and must forget what an earlier one said. Its error means
	// that the answer is broken, and is tried again.
	Read func(body []byte) error
	// Empty is called for a 204, if that is a good answer; nil if not.
	Empty func()
}

// Do makes a call. Answers that may be different the next time are asked for again, a few times, with growing pauses.
func (s *Session) Do(ctx context.Context, c Call) error {
	began, tried := s.clock.Now(), 0
	waits, t, well := backoff{}, &turn{}, false
	defer func() { s.pace.end(t, well) }()
	for {
		if err := s.pace.enter(ctx, t, s.waiting); err != nil {
			return fmt.Errorf("%s: %w", c.What, err)
		}
		tried++
		s.Tell(c.What)
		failure := s.try(ctx, t, c)
		if failure == nil {
			well = true
			return nil
		}
		if err := context.Cause(ctx); err != nil {
			return fmt.Errorf("%s: %w", c.What, err)
		}
		if !failure.temporary {
			well = failure.Status != 0
			return failure.finally(c.What, "")
		}
		pause, ok := waits.next(failure.retryAfter)
		if tried >= s.Tries || !ok {
			spent := s.clock.Now().Sub(began).Round(time.Second)
			tries := fmt.Sprintf(" after %d tries in %s", tried, spent)
			if tried == 1 {
				tries = fmt.Sprintf(" after 1 try in %s", spent)
			}
			if !ok && failure.retryAfter > 0 {
				tries += fmt.Sprintf("; the API asks to wait %s", failure.retryAfter)
			}
			return failure.finally(c.What, tries)
		}
		s.pace.hold(t, pause, fmt.Sprintf("try %d of %d of %s (%s)", tried+1, s.Tries, c.What, failure))
	}
}

// waiting says how long requests are held back, and why.
func (s *Session) waiting(wait time.Duration, why string) {
	if s.Wait != nil {
		s.Wait(s.clock.Now().Add(wait), why)
	}
}

// try asks once.
func (s *Session) try(ctx context.Context, t *turn, c Call) *Failure {
	connections := 0
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) {
		if connections++; connections > 1 {
			s.pace.lose() // Go asks again by itself where a connection that was used before is broken
		}
	}})
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.base+c.Path+"?"+c.Query.Encode(), nil)
	if err != nil {
		s.pace.leave(t, nil)
		return &Failure{text: s.clean(err.Error())}
	}
	request.Header.Set("X-Auth-Token", s.token)
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "reconcile")
	response, err := s.HTTP.Do(request)
	if err != nil {
		s.pace.leave(t, nil)
		return s.unreachable(err)
	}
	defer func() { _ = response.Body.Close() }()
	s.pace.leave(t, response.Header)
	body, err := io.ReadAll(io.LimitReader(response.Body, s.MostBytes+1))
	switch {
	case response.StatusCode == http.StatusNoContent && c.Empty != nil:
		c.Empty()
		return nil
	case response.StatusCode != http.StatusOK:
		return s.refused(response, body)
	case err != nil:
		return &Failure{text: "the answer broke off: " + s.clean(err.Error()), temporary: true}
	case int64(len(body)) > s.MostBytes:
		return &Failure{text: fmt.Sprintf("the answer is larger than %d bytes", s.MostBytes), TooLarge: true}
	}
	if len(body) > mostObjects && bytes.Count(body, []byte{'{'}) > mostObjects {
		return &Failure{text: fmt.Sprintf("the answer has more than %d objects", mostObjects), TooLarge: true}
	}
	if err := c.Read(body); err != nil {
		return &Failure{text: "the answer makes no sense: " + s.clean(err.Error()), temporary: true}
	}
	if s.Answered != nil {
		s.Answered(response.Header)
	}
	return nil
}

// clean removes the token from a text that came from elsewhere.
func (c *Client) clean(text string) string {
	if c.token == "" {
		return text
	}
	return strings.ReplaceAll(text, c.token, "[access token]")
}

// hasLoneSurrogate reports whether a JSON text has one half of an escaped pair, such as \ud83d, without the other.
func hasLoneSurrogate(body []byte) bool {
	if !bytes.Contains(body, []byte(`\u`)) {
		return false
	}
	half := false // the unit before was the first half of a pair
	for i := 0; i < len(body); i++ {
		unit := uint64(0)
		if body[i] == '\\' && i+1 < len(body) {
			if i++; body[i] == 'u' && i+4 < len(body) {
				unit, _ = strconv.ParseUint(string(body[i+1:i+5]), 16, 16)
				i += 4
			}
		}
		if second := unit >= 0xdc00 && unit < 0xe000; second != half {
			return true
		}
		half = unit >= 0xd800 && unit < 0xdc00
	}
	return half
}

// Decode reads one JSON value, and nothing after it, into target.
func Decode(body []byte, target any) error {
	// encoding/json would silently replace bytes that are not UTF-8.
	if !utf8.Valid(body) || hasLoneSurrogate(body) {
		return errors.New("its text is not Unicode")
	}
	if err := json.Unmarshal(body, target); err != nil {
		return fmt.Errorf("it is not the JSON that was expected: %w", err)
	}
	return nil
}
