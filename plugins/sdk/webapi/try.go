package webapi

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"time"

	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// patience is how long one try may take. The host ends a read that was silent for as long as it told; a try that hangs has to
// end before that, and the next one too.
func (s *Session) patience(ctx context.Context) time.Duration {
	if told := sdk.ReadTimeout(ctx); told > 0 {
		return min(s.config.Timeout, told/3)
	}
	return s.config.Timeout
}

// errPatience is the cause of a try that took too long.
var errPatience = errors.New("it took too long")

// try asks once. It also returns the request as it was signed.
func (s *Session) try(ctx context.Context, t *turn, r *Request) (*Failure, *http.Request) {
	request, failure := s.make(ctx, r)
	if failure != nil {
		s.pace.leave(t, false, nil)
		return failure, nil
	}
	patience := s.patience(ctx)
	ctx, cancel := context.WithTimeoutCause(ctx, patience, errPatience)
	defer cancel()
	connections := 0
	traced := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) {
		if connections++; connections > 1 {
			s.pace.lose() // Go asks again by itself where a connection that was used before is broken
		}
	}})
	response, err := s.http.Do(request.WithContext(traced))
	if err != nil {
		s.pace.leave(t, false, nil)
		f := s.unreachable(ctx, err, patience)
		if connections > 0 {
			f.Sent = MaybeSent
		}
		return f, request
	}
	defer func() { _ = response.Body.Close() }()
	if s.config.BodyLimits == nil {
		s.pace.leave(t, true, s.limits(response.Header, nil))
	}
	came := &arriving{Reader: response.Body, last: time.Now()}
	body, err := io.ReadAll(io.LimitReader(came, s.MostBytes+1))
	if s.config.BodyLimits != nil {
		s.pace.leave(t, true, s.limits(response.Header, body))
	}
	a := &Answer{Status: response.StatusCode, Header: response.Header, Body: body, URL: request.URL}
	f := s.take(ctx, r, a, err, patience)
	if f != nil && err != nil && r.good(a.Status) {
		f.Advice = came.advice(patience, errors.Is(context.Cause(ctx), errPatience))
	}
	return f, request
}

// arriving is an answer that is being read.
type arriving struct {
	io.Reader
	bytes int64
	last  time.Time // when something came last
}

// Read implements io.Reader.
func (a *arriving) Read(p []byte) (n int, err error) {
	if n, err = a.Reader.Read(p); n > 0 {
		a.bytes, a.last = a.bytes+int64(n), time.Now()
	}
	return n, err
}

// advice says what to do about an answer that did not come to its end: where it went on to come it is slow, and where it did not, it has
// stopped, as it has where the connection was closed.
func (a *arriving) advice(patience time.Duration, late bool) string {
	switch {
	case !late:
		return fmt.Sprintf("the API, or a proxy before it, ended the connection in the middle of an answer, when %d bytes had come: its log says why to whoever runs it, and smaller pages may come through", a.bytes)
	case time.Since(a.last) > patience/2:
		return fmt.Sprintf("%d bytes had come, and then nothing more: the API, or a proxy before it, stopped in the middle of an answer, and its log says why to whoever runs it; smaller pages may come through", a.bytes)
	}
	return fmt.Sprintf("%d bytes had come, and it was going on: the network is slow, or the API is, and smaller pages take less time", a.bytes)
}

// limits reads what an answer says of the limits; nil if it says nothing.
func (s *Session) limits(h http.Header, body []byte) *Limits {
	var l Limits
	ok := false
	if s.config.BodyLimits != nil && body != nil {
		l, ok = s.config.BodyLimits(body)
	}
	if !ok && s.config.Limits != nil {
		l, ok = s.config.Limits(h)
	}
	if ok {
		l, ok = l.sound()
	}
	if !ok {
		return nil
	}
	return &l
}

// make makes the HTTP request, and signs it.
func (s *Session) make(ctx context.Context, r *Request) (*http.Request, *Failure) {
	address, failure := s.addressOf(r)
	if failure != nil {
		return nil, failure
	}
	var body io.Reader
	if r.Body != nil {
		body = bytes.NewReader(r.Body)
	}
	request, err := http.NewRequestWithContext(ctx, r.method(), address, body)
	if err != nil {
		return nil, &Failure{Cause: Settings, Text: s.Clean(err.Error()), Advice: "check " + s.config.Setting}
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "reconcile")
	if r.Body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if r.Key != "" {
		request.Header.Set("Idempotency-Key", r.Key)
	}
	for name, values := range r.Header {
		request.Header[http.CanonicalHeaderKey(name)] = values
	}
	if s.config.Auth != nil {
		if err := s.config.Auth.Sign(ctx, request); err != nil {
			return nil, unsigned(s.Client, err)
		}
	}
	return request, nil
}

// unsigned is the failure for a request that could not be signed.
func unsigned(c *Client, err error) *Failure {
	f := &Failure{Cause: Credentials, Text: "signing in: " + c.Clean(err.Error()), err: err}
	var inner *Failure
	if errors.As(err, &inner) {
		f.Cause = inner.Cause
	}
	return f
}

// addressOf returns the address that is asked. One that another side gave, such as a link to the next page, has to be of the
// host that the settings name.
func (s *Session) addressOf(r *Request) (string, *Failure) {
	if s.address == nil || s.address.Host == "" {
		return "", &Failure{Cause: Settings, Text: "the API's address makes no sense", Advice: "check " + s.config.Setting}
	}
	if r.Address == "" {
		address := s.config.URL + r.Path
		if len(r.Query) > 0 {
			address += map[bool]string{false: "?", true: "&"}[strings.Contains(r.Path, "?")] + r.Query.Encode()
		}
		return address, nil
	}
	given, err := url.Parse(r.Address)
	if err != nil {
		return "", &Failure{Cause: Platform, Text: "the API gives an address that makes no sense"}
	}
	base := *s.address
	base.Path += "/"
	u := base.ResolveReference(given)
	if u.Scheme != s.address.Scheme || u.Host != s.address.Host || u.User != nil {
		return "", &Failure{Cause: Platform,
			Text:   s.Clean(fmt.Sprintf("the API leads to %s://%s, which does not get the credentials: they are for %s://%s", u.Scheme, u.Host, s.address.Scheme, s.address.Host)),
			Advice: "check " + s.config.Setting}
	}
	u.Fragment = ""
	return u.String(), nil
}

// take looks at an answer, and hands a good one on. err is that of reading its body.
func (s *Session) take(ctx context.Context, r *Request, a *Answer, err error, patience time.Duration) *Failure {
	broken := &Failure{Status: a.Status, Sent: MaybeSent}
	switch {
	case !r.good(a.Status):
		return s.refused(a)
	case err != nil && errors.Is(context.Cause(ctx), errPatience):
		broken.Temporary, broken.Text = true, fmt.Sprintf("the answer did not end within %s", patience)
		return broken
	case err != nil:
		broken.Temporary, broken.Text = true, "the answer broke off: "+s.Clean(err.Error())
		return broken
	}
	broken.Sent = Answered
	switch {
	case int64(len(a.Body)) > s.MostBytes:
		broken.TooLarge, broken.Text = true, fmt.Sprintf("the answer is larger than %d bytes", s.MostBytes)
		return broken
	case len(a.Body) > mostObjects && bytes.Count(a.Body, []byte{'{'}) > mostObjects:
		broken.TooLarge, broken.Text = true, fmt.Sprintf("the answer has more than %d objects", mostObjects)
		return broken
	}
	if r.Read != nil {
		if err := r.Read(a); err != nil {
			broken.Temporary, broken.Text, broken.err = true, "the answer makes no sense: "+s.Clean(err.Error()), err
			return broken
		}
	}
	if s.Answered != nil {
		s.Answered(a)
	}
	return nil
}
