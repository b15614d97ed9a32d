package webapi_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"
)

// TestWrites makes requests that change something on a platform that fails in each way: what may have been done is not sent again,
// unless it says that it may be.
func TestWrites(t *testing.T) {
	hang := func(w http.ResponseWriter, _ *http.Request) { hangUp(w) }
	cut := func(w http.ResponseWriter, _ *http.Request) {
		write(w, `{"hello":`)
		w.(http.Flusher).Flush()
		hangUp(w)
	}
	for _, c := range []struct {
		name      string
		fault     func(http.ResponseWriter, *http.Request)
		again     bool // it is sent again although nothing says that it may be
		everAgain bool // it is sent again where something does
		sent      webapi.Sent
		done      bool // it may have been done
	}{
		{"no answer", hang, false, true, webapi.MaybeSent, true},
		{"half an answer", cut, false, true, webapi.MaybeSent, true},
		{"an answer that makes no sense", status(200, `<p>`), false, true, webapi.Answered, true},
		{"500", status(500, ``), false, true, webapi.Answered, true},
		{"502", status(502, ``), false, true, webapi.Answered, true},
		{"503", status(503, ``, "Retry-After", "1"), false, true, webapi.Answered, true},
		{"408", status(408, ``), false, true, webapi.Answered, true},
		{"429", status(429, ``), true, true, webapi.Answered, false},
		{"422", status(422, ``), false, false, webapi.Answered, false},
		{"409", status(409, ``), false, false, webapi.Answered, false},
		{"401", status(401, ``), false, false, webapi.Answered, false},
		{"a redirect", status(307, ``, "Location", "/v1/other"), false, false, webapi.Answered, true},
	} {
		for name, r := range map[string]webapi.Request{
			"nothing said": {Method: http.MethodPost},
			"a key":        {Method: http.MethodPost, Key: "order-7"},
			"again":        {Method: http.MethodPut, Again: true},
		} {
			t.Run(c.name+", "+name, func(t *testing.T) {
				var mu sync.Mutex
				var got []string
				s := serve(t, func(_ int, w http.ResponseWriter, request *http.Request) {
					body, err := io.ReadAll(request.Body)
					if err != nil {
						t.Error(err)
					}
					mu.Lock()
					got = append(got, request.Method+" "+string(body)+" "+request.Header.Get("Idempotency-Key")+" "+request.Header.Get("Content-Type"))
					mu.Unlock()
					c.fault(w, request)
				})
				var answer greeting
				r.Path, r.Body, r.Read = "/price", []byte(`{"price": 10}`), webapi.JSON(&answer)
				session := s.client(nil).Session(nil)
				session.Tries = 3
				err := session.Do(t.Context(), r)
				var failure *webapi.Failure
				if !errors.As(err, &failure) || failure.Sent != c.sent || failure.MayBeDone() != c.done || webapi.MayBeDone(err) != c.done {
					t.Errorf("%v: %+v", err, failure)
				}
				tries := 1
				if c.again || c.everAgain && name != "nothing said" {
					tries = 3
				}
				mu.Lock()
				defer mu.Unlock()
				if len(slices.Compact(slices.Clone(got))) != 1 || !strings.Contains(got[0], `{"price": 10} `+r.Key+" application/json") {
					t.Errorf("it was sent %q", got)
				}
				if len(got) != tries {
					t.Errorf("it was sent %d times, want %d: %v", len(got), tries, err)
				}
				if told := strings.Contains(err.Error(), "it may have been done all the same, so that it was not sent again"); told != (c.done && c.everAgain && tries == 1) {
					t.Errorf("%v", err)
				}
			})
		}
	}
}

// TestWritesThatAreNotSent says that nothing was done where nobody was there.
func TestWritesThatAreNotSent(t *testing.T) {
	s := serve(t, func(int, http.ResponseWriter, *http.Request) {})
	client := s.client(nil)
	s.Close()
	err := client.Session(nil).Do(t.Context(), webapi.Request{Method: http.MethodPost, Path: "/price"})
	var failure *webapi.Failure
	if !errors.As(err, &failure) || failure.Sent != webapi.NotSent || failure.Cause != webapi.Settings || webapi.MayBeDone(err) {
		t.Errorf("%v: %+v", err, failure)
	}
}

// TestALostTryIsNotForgotten loses the answer to the first try, and reaches nobody with the second: it may have been done all the same.
func TestALostTryIsNotForgotten(t *testing.T) {
	gone := make(chan struct{})
	s := serve(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
		close(gone)
		hangUp(w)
	})
	client := s.client(nil)
	s.Config.SetKeepAlivesEnabled(false)
	client.Through(roundTrip(func(r *http.Request) (*http.Response, error) {
		select {
		case <-gone:
			s.Close()
		default:
		}
		return http.DefaultTransport.RoundTrip(r)
	}))
	err := client.Session(nil).Do(t.Context(), webapi.Request{Method: http.MethodPost, Path: "/price", Key: "order-7"})
	if !webapi.MayBeDone(err) || s.asked.Load() != 1 {
		t.Errorf("%v after %d requests", err, s.asked.Load())
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestAWriteThatNobodyWaitsFor may have been done, too.
func TestAWriteThatNobodyWaitsFor(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := serve(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
		cancel()
		w.WriteHeader(500)
	})
	err := s.client(nil).Session(nil).Do(ctx, webapi.Request{Method: http.MethodPost, Path: "/price"})
	if !webapi.MayBeDone(err) || !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := s.client(nil).Session(nil).Do(ctx, webapi.Request{Method: http.MethodPost, Path: "/price"}); webapi.MayBeDone(err) || s.asked.Load() != 1 {
		t.Errorf("%v after %d requests", err, s.asked.Load())
	}
}

// login is an Auth whose tokens last for one request.
type login struct{ renewed int }

func (l *login) Sign(_ context.Context, r *http.Request) error {
	r.Header.Set("Authorization", "Bearer "+strings.Repeat("x", l.renewed))
	return nil
}

func (l *login) Secrets() []string { return nil }

func (l *login) Renew(_ context.Context, signed *http.Request) (bool, error) {
	if signed.Header.Get("Authorization") != "Bearer "+strings.Repeat("x", l.renewed) {
		return false, errors.New("another token is refused than the one that was used")
	}
	l.renewed++
	return true, nil
}

// TestCredentialsAreRenewed makes a request once more with new credentials, and not a third time.
func TestCredentialsAreRenewed(t *testing.T) {
	for need, want := range map[int]string{0: "", 1: "", 2: "401 Unauthorized"} {
		s := serve(t, func(_ int, w http.ResponseWriter, r *http.Request) {
			if strings.Count(r.Header.Get("Authorization"), "x") < need {
				w.WriteHeader(401)
			}
		})
		err := s.client(func(c *webapi.Config) { c.Auth = &login{} }).Session(nil).Do(t.Context(), webapi.Request{Path: "/hello"})
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) || s.asked.Load() != int64(min(need, 1)+1) {
			t.Errorf("%d: %v after %d requests", need, err, s.asked.Load())
		}
	}
}
