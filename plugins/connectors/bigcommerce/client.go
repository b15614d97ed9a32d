package bigcommerce

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
	mostTries      = 6
	checkTries     = 3         // where a person waits for an answer
	mostBytes      = 128 << 20 // of one answer, unless a client says otherwise
)

// client asks one store's API. It waits as the quota demands and tries again what may succeed later. Any number of
// goroutines may share it.
type client struct {
	base  string // up to and including the store's hash
	token string
	http  *http.Client
	clock clock
	most  int64 // bytes of one answer
	pace  *pacer
}

// newClient returns a client that uses at most that share of the store's quota.
func newClient(apiURL, storeHash, token string, clock clock, share float64) *client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 2 * mostInFlight
	return &client{base: strings.TrimRight(apiURL, "/") + "/stores/" + url.PathEscape(storeHash), token: token, clock: clock, most: mostBytes,
		pace: newPacer(clock, share),
		http: &http.Client{Transport: transport, Timeout: requestTimeout,
			// The API redirects nowhere; whoever does shall not see the token.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// session is a series of requests for one purpose, several at a time or one by one.
type session struct {
	*client
	tries int
	// tell says what is being asked or waited for; it is called at each request, and about every second while waiting, from
	// the goroutine that asks.
	tell func(text string)
	// answered is called with the header of each good answer; nil if nobody wants to know.
	answered func(http.Header)
}

// call is one request.
type call struct {
	what  string // "page 3 of GET /v3/catalog/products"
	path  string // below the store's hash
	query url.Values

	// read makes sense of the body of a 200, decoding it anew at each try. Its error means that the answer is broken.
	read func(body []byte) error
	// empty is called for a 204, if that is a good answer; nil if not.
	empty func()
}

// do makes a call. Answers that may be different the next time are asked for again, a few times, with growing pauses.
func (s *session) do(ctx context.Context, c call) error {
	began, tried := s.clock.Now(), 0
	waits, t, well := backoff{}, &turn{}, false
	defer func() { s.pace.settle(t, well) }()
	for {
		if err := s.pace.enter(ctx, t, s.waiting); err != nil {
			return fmt.Errorf("%s: %w", c.what, err)
		}
		tried++
		s.tell(c.what)
		failure := s.try(ctx, t, c)
		if failure == nil {
			well = true
			return nil
		}
		if err := context.Cause(ctx); err != nil {
			return fmt.Errorf("%s: %w", c.what, err)
		}
		if !failure.temporary {
			well = failure.status != 0
			return failure.finally(c.what, "")
		}
		pause, ok := waits.next(failure.retryAfter)
		if tried >= s.tries || !ok {
			spent := s.clock.Now().Sub(began).Round(time.Second)
			tries := fmt.Sprintf(" after %s in %s", counted(tried, "try", "tries"), spent)
			if !ok && failure.retryAfter > 0 {
				tries += fmt.Sprintf("; the API asks to wait %s", failure.retryAfter)
			}
			return failure.finally(c.what, tries)
		}
		s.pace.hold(t, pause, failure.Error())
	}
}

// waiting says how long requests are held back, and why.
func (s *session) waiting(wait time.Duration, why string) {
	s.tell(fmt.Sprintf("waiting %s: %s", max(wait.Round(time.Second), time.Second), why))
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// try asks once.
func (s *session) try(ctx context.Context, t *turn, c call) *failure {
	connections := 0
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) {
		if connections++; connections > 1 {
			s.pace.lose() // Go asks again by itself where a connection that was used before is broken
		}
	}})
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.base+c.path+"?"+c.query.Encode(), nil)
	if err != nil {
		s.pace.leave(t, nil)
		return &failure{text: s.clean(err.Error())}
	}
	request.Header.Set("X-Auth-Token", s.token)
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "reconcile")
	response, err := s.http.Do(request)
	if err != nil {
		s.pace.leave(t, nil)
		return s.unreachable(err)
	}
	defer func() { _ = response.Body.Close() }()
	s.pace.leave(t, response.Header)
	body, err := io.ReadAll(io.LimitReader(response.Body, s.most+1))
	switch {
	case response.StatusCode == http.StatusNoContent && c.empty != nil:
		c.empty()
		return nil
	case response.StatusCode != http.StatusOK:
		return s.refused(response, body)
	case err != nil:
		return &failure{text: "the answer broke off: " + s.clean(err.Error()), temporary: true}
	case int64(len(body)) > s.most:
		return &failure{text: fmt.Sprintf("the answer is larger than %d bytes", s.most), tooLarge: true}
	}
	if err := c.read(body); err != nil {
		return &failure{text: "the answer makes no sense: " + s.clean(err.Error()), temporary: true}
	}
	if s.answered != nil {
		s.answered(response.Header)
	}
	return nil
}

// clean takes the token out of a text that came from elsewhere.
func (c *client) clean(text string) string {
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

// decode reads one JSON value, and nothing after it, into target.
func decode(body []byte, target any) error {
	// Go would read what is not UTF-8 as other letters.
	if !utf8.Valid(body) || hasLoneSurrogate(body) {
		return errors.New("its text is not Unicode")
	}
	if err := json.Unmarshal(body, target); err != nil {
		return fmt.Errorf("it is not the JSON that was expected: %w", err)
	}
	return nil
}
