package webapi_test

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"
)

const secret = "t0ken-that/nobody may see"

// server is a platform that answers as a function says; n counts the requests from 1.
type server struct {
	*httptest.Server
	clock *fakeClock
	asked atomic.Int64
}

func serve(t *testing.T, answer func(n int, w http.ResponseWriter, r *http.Request)) *server {
	t.Helper()
	s := &server{clock: newClock()}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", s.clock.Now().UTC().Format(http.TimeFormat))
		answer(int(s.asked.Add(1)), w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

// client returns a client of the server, with what change changes.
func (s *server) client(change func(c *webapi.Config)) *webapi.Client {
	c := webapi.Config{URL: s.URL + "/v1/", Auth: webapi.Bearer(secret), Name: "Corner Shop", Clock: s.clock}
	if change != nil {
		change(&c)
	}
	return webapi.New(c)
}

func write(w io.Writer, text string) { _, _ = io.WriteString(w, text) }

// hangUp ends the connection in the middle of an answer.
func hangUp(http.ResponseWriter) { panic(http.ErrAbortHandler) }

type greeting struct {
	Hello string `json:"hello"`
}

const hello = `{"hello": "world"}`

// TestFaults spoils the first answer, or all of them.
func TestFaults(t *testing.T) {
	for _, c := range []struct {
		name   string
		fault  func(w http.ResponseWriter, r *http.Request)
		waits  time.Duration // before the second try; 0: there is none
		want   string        // of the error where each answer is spoiled
		cause  webapi.Cause
		status int
	}{
		{"429", status(429, ``), time.Second, "GET /hello: 429 Too Many Requests after 6 tries in ", webapi.Platform, 429},
		{"429 with seconds", status(429, ``, "Retry-After", "7"), 7 * time.Second, "after 6 tries in ", webapi.Platform, 429},
		{"429 with a date", func(w http.ResponseWriter, _ *http.Request) {
			at, _ := http.ParseTime(w.Header().Get("Date"))
			w.Header().Set("Retry-After", at.Add(9*time.Second).Format(http.TimeFormat))
			w.WriteHeader(429)
		}, 9 * time.Second, "after 6 tries in ", webapi.Platform, 429},
		{"429 with a long time", status(429, ``, "Retry-After", "3600"), 0, "429 Too Many Requests after 1 try in 0s; the API asks to wait 1h0m0s", webapi.Platform, 429},
		{"500", status(500, `{"message": "out of luck"}`), time.Second, "500 Internal Server Error (out of luck) after 6 tries", webapi.Platform, 500},
		{"503 with seconds", status(503, ``, "Retry-After", "5"), 5 * time.Second, "503 Service Unavailable: it is down, or has too much to do after 6 tries", webapi.Platform, 503},
		{"cut body", func(w http.ResponseWriter, _ *http.Request) {
			write(w, `{"hello":`)
			w.(http.Flusher).Flush()
			hangUp(w)
		}, time.Second, "the answer broke off: unexpected EOF after 6 tries", webapi.Platform, 200},
		{"a longer body announced", status(200, hello, "Content-Length", "1000"), time.Second, "the answer broke off: unexpected EOF", webapi.Platform, 200},
		{"a shorter body announced", short, time.Second, "the answer makes no sense: it is not the JSON", webapi.Platform, 200},
		{"no answer", func(w http.ResponseWriter, _ *http.Request) { hangUp(w) }, time.Second, "no answer: ", webapi.Network, 0},
		{"HTML", status(200, "\n<!doctype html><p>Welcome"), time.Second, "it is not the JSON that was expected, but a page for a browser", webapi.Platform, 200},
		{"not Unicode", status(200, "{\"hello\": \"\xff\"}"), time.Second, "its text is not Unicode", webapi.Platform, 200},
		{"nothing", status(200, ``), time.Second, "it is not the JSON that was expected", webapi.Platform, 200},
		{"204", status(204, ``), time.Second, "204 No Content after 6 tries", webapi.Platform, 204},
		{"a redirect", status(302, ``, "Location", "https://elsewhere.example/"), 0, "302 Found: the API redirects, which is not followed with credentials; check url", webapi.Settings, 302},
		{"a gzip bomb", bomb, 0, "the answer is larger than 100000 bytes", webapi.Platform, 200},
		{"a huge header", status(200, hello, "X-Huge", strings.Repeat("x", 2<<20)), 0, "the header of the answer is larger than 1048576 bytes", webapi.Platform, 0},
		{"401", status(401, `{"error": "who are you"}`), 0, "401 Unauthorized (who are you): the credentials are wrong or were revoked", webapi.Credentials, 401},
		{"403", status(403, ``), 0, "403 Forbidden: the credentials may not do that", webapi.Credentials, 403},
		{"404", status(404, `<h1>`), 0, "404 Not Found: there is nothing at this address; check url", webapi.Settings, 404},
		{"422", status(422, `{"title": "No", "errors": {"page": "is odd", "limit": ["too large"]}}`), 0,
			"422 Unprocessable Entity (No; limit: [too large]; page: is odd)", webapi.Connector, 422},
		{"what holds the secret", status(400, `{"message": "the token `+secret+` is bad"}`), 0, "the token [secret] is bad", webapi.Connector, 400},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, lasting := range []bool{false, true} {
				s := serve(t, func(n int, w http.ResponseWriter, r *http.Request) {
					if n == 1 || lasting {
						c.fault(w, r)
						return
					}
					write(w, hello)
				})
				client := s.client(nil)
				client.MostBytes = 100_000
				var got greeting
				err := client.Session(nil).Do(t.Context(), webapi.Request{Path: "/hello", Read: webapi.JSON(&got)})
				if !lasting && c.waits > 0 {
					if waited := s.clock.total(); err != nil || got.Hello != "world" || waited < c.waits || waited > c.waits+250*time.Millisecond {
						t.Errorf("once: %q, waited %s, error %v", got.Hello, waited, err)
					}
					continue
				}
				var failure *webapi.Failure
				if !errors.As(err, &failure) || !strings.Contains(err.Error(), c.want) || failure.Cause != c.cause || failure.Status != c.status {
					t.Errorf("lasting %v: %#v\n%v\nwant %s", lasting, failure, err, c.want)
				}
				if strings.Contains(fmt.Sprint(err), secret) {
					t.Errorf("the secret is told: %v", err)
				}
				if tries := s.asked.Load(); lasting && tries != 1 && c.waits == 0 {
					t.Errorf("it was asked %d times", tries)
				}
			}
		})
	}
}

// status returns what answers with a status, a body and headers.
func status(code int, body string, header ...string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(code)
		write(w, body)
	}
}

// bomb answers with a few bytes that unpack to a gigabyte.
func bomb(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Encoding", "gzip")
	packed := gzip.NewWriter(w)
	zeros := make([]byte, 1<<20)
	for range 1 << 10 {
		if _, err := packed.Write(zeros); err != nil {
			return // the client has seen enough
		}
	}
}

// short answers with a body that is longer than it says.
func short(w http.ResponseWriter, _ *http.Request) {
	connection, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	write(connection, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\n"+hello)
	_ = connection.Close()
}

// TestAHangingRequestIsGivenUp has the platform hang, before its answer or within: a try ends at the client's timeout, or well
// before the host gives up on the connector, and the next one is answered.
func TestAHangingRequestIsGivenUp(t *testing.T) {
	for name, start := range map[string]string{"before the answer": "", "within it": `{"hello":`} {
		for _, c := range []struct {
			what          string
			timeout, told time.Duration
		}{{"the client's timeout", time.Second, 0}, {"read_timeout", time.Hour, 3 * time.Second}} {
			t.Run(name+", "+c.what, func(t *testing.T) {
				t.Parallel()
				s := serve(t, func(n int, w http.ResponseWriter, r *http.Request) {
					if n > 1 {
						write(w, hello)
						return
					}
					if start != "" {
						write(w, start)
						w.(http.Flusher).Flush()
					}
					<-r.Context().Done()
				})
				client := s.client(func(config *webapi.Config) { config.Timeout = c.timeout })
				var got greeting
				ctx := t.Context()
				if c.told > 0 {
					ctx = sdk.WithReadTimeout(ctx, c.told)
				}
				err := client.Session(nil).Do(ctx, webapi.Request{Path: "/hello", Read: webapi.JSON(&got)})
				if err != nil || got.Hello != "world" || s.asked.Load() < 2 {
					t.Errorf("%q after %d requests, error %v", got.Hello, s.asked.Load(), err)
				}
			})
		}
	}
}

// teller notes what it is told.
type teller struct {
	mu      sync.Mutex
	steps   []string
	waiting map[string]time.Time
}

func (t *teller) Step(text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.steps = append(t.steps, text)
}

func (t *teller) Waiting(until time.Time, why string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.waiting == nil {
		t.waiting = map[string]time.Time{}
	}
	t.waiting[why] = until
}

// TestWaitingIsTold waits longer than any read_timeout, and tells the host until when and for what.
func TestWaitingIsTold(t *testing.T) {
	s := serve(t, func(n int, w http.ResponseWriter, r *http.Request) {
		if n == 1 {
			status(429, ``, "Retry-After", "150")(w, r)
			return
		}
		write(w, hello)
	})
	told, began := &teller{}, s.clock.Now()
	if err := s.client(nil).Session(told).Do(t.Context(), webapi.Request{Path: "/hello"}); err != nil {
		t.Fatal(err)
	}
	const why = "try 2 of 6 of GET /hello (429 Too Many Requests)"
	if until := told.waiting[why]; until.Sub(began) < 150*time.Second || len(told.steps) != 2 {
		t.Errorf("told %v, steps %q", told.waiting, told.steps)
	}
}

// TestCancelled gives up as soon as nobody waits any more.
func TestCancelled(t *testing.T) {
	why := errors.New("the user has had enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	s := serve(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
		cancel(why)
		w.WriteHeader(500)
	})
	err := s.client(nil).Session(nil).Do(ctx, webapi.Request{Path: "/hello"})
	var failure *webapi.Failure
	if !errors.Is(err, why) || !errors.As(err, &failure) || failure.Cause != webapi.Caller || s.asked.Load() != 1 {
		t.Errorf("%v after %d requests", err, s.asked.Load())
	}
}

// TestOtherHostsAreNotAsked follows no link that leads elsewhere.
func TestOtherHostsAreNotAsked(t *testing.T) {
	elsewhere := serve(t, func(int, http.ResponseWriter, *http.Request) {})
	s := serve(t, func(_ int, w http.ResponseWriter, _ *http.Request) { write(w, hello) })
	for address, want := range map[string]string{
		elsewhere.URL + "/v1/hello":                       "which does not get the credentials",
		strings.Replace(s.URL, "http:", "https:", 1):      "which does not get the credentials",
		strings.Replace(s.URL, "http://", "http://u@", 1): "which does not get the credentials",
		"http://%zz":     "an address that makes no sense",
		s.URL + "/v1/a":  "",
		"/v1/hello?a=b":  "",
		"hello?page=2#x": "",
	} {
		err := s.client(nil).Session(nil).Do(t.Context(), webapi.Request{Address: address})
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", address, err, want)
		}
	}
	if elsewhere.asked.Load() > 0 || s.asked.Load() != 3 {
		t.Errorf("%d requests went elsewhere, %d here", elsewhere.asked.Load(), s.asked.Load())
	}
}

// TestSecretsAreStruckOut says nothing of a secret in any of the forms in which it travels.
func TestSecretsAreStruckOut(t *testing.T) {
	client := webapi.New(webapi.Config{URL: "https://shop.example", Auth: webapi.Basic("anna", secret), Secrets: []string{"other", secret + "-longer"}})
	for _, form := range []string{secret, "t0ken-that%2Fnobody+may+see", "t0ken-that%2Fnobody%20may%20see", "YW5uYTp0MGtlbi10aGF0L25vYm9keSBtYXkgc2Vl", "other", secret + "-longer"} {
		if got := client.Clean("before " + form + " after"); got != "before [secret] after" {
			t.Errorf("%q", got)
		}
	}
}
