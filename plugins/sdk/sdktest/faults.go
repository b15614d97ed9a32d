package sdktest

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// Fault answers a request in a platform's place. next is the platform; before is its answer to the request before this one.
type Fault func(w http.ResponseWriter, r *http.Request, next http.Handler, before Answer)

// Answer is what a platform has answered.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

func (a Answer) write(w http.ResponseWriter) {
	maps.Copy(w.Header(), a.Header)
	w.WriteHeader(cmp.Or(a.Status, http.StatusOK))
	_, _ = w.Write(a.Body) // it fails where whoever asked is gone
}

// Says is a fault that answers with that status and body, such as Says(401, ""). It says that one may ask again at once.
func Says(status int, body string) Fault {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler, _ Answer) {
		w.Header().Set("Retry-After", "0")
		Answer{Status: status, Body: []byte(body)}.write(w)
	}
}

// Busy answers that there were too many requests.
func Busy(w http.ResponseWriter, r *http.Request, next http.Handler, before Answer) {
	Says(http.StatusTooManyRequests, "")(w, r, next, before)
}

// Broken answers that something went wrong inside.
func Broken(w http.ResponseWriter, r *http.Request, next http.Handler, before Answer) {
	Says(http.StatusInternalServerError, "")(w, r, next, before)
}

// Page answers with a page for people, as shops do that are being repaired.
func Page(w http.ResponseWriter, _ *http.Request, _ http.Handler, _ Answer) {
	Answer{Header: http.Header{"Content-Type": {"text/html"}}, Body: []byte("<html><body>We are back soon.</body></html>")}.write(w)
}

// Nothing answers with an object that has nothing in it.
func Nothing(w http.ResponseWriter, _ *http.Request, _ http.Handler, _ Answer) {
	Answer{Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte("{}")}.write(w)
}

// Cut breaks off in the middle of the platform's answer, whose length it has told.
func Cut(w http.ResponseWriter, r *http.Request, next http.Handler, _ Answer) {
	a := answerOf(next, r)
	w.Header().Set("Content-Type", a.Header.Get("Content-Type"))
	w.Header().Set("Content-Length", fmt.Sprint(len(a.Body)))
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Body[:len(a.Body)/2])
	_ = http.NewResponseController(w).Flush() // otherwise nothing would have been sent, and the client might ask again by itself
	panic(http.ErrAbortHandler)               // the server closes the connection, and says nothing of it
}

// Again gives the answer to the request before once more: a page twice.
func Again(w http.ResponseWriter, r *http.Request, next http.Handler, before Answer) {
	if before.Status == 0 {
		before = answerOf(next, r)
	}
	before.write(w)
}

// Hang never answers. It ends where whoever asks gives up.
func Hang(_ http.ResponseWriter, r *http.Request, _ http.Handler, _ Answer) {
	<-r.Context().Done()
	panic(http.ErrAbortHandler)
}

// Slow answers as the platform does, but so much later.
func Slow(by time.Duration) Fault {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler, _ Answer) {
		select {
		case <-time.After(by):
			next.ServeHTTP(w, r)
		case <-r.Context().Done():
			panic(http.ErrAbortHandler)
		}
	}
}

// answerOf asks the platform.
func answerOf(platform http.Handler, r *http.Request) Answer {
	w := httptest.NewRecorder()
	platform.ServeHTTP(w, r)
	return Answer{w.Code, w.Header(), w.Body.Bytes()}
}

// Faulty returns a platform with faults on order: faults says what becomes of which request, counted from 1. The others are
// answered as the platform does.
func Faulty(platform http.Handler, faults map[int]Fault) http.Handler {
	return &faulty{platform: platform, faults: faults}
}

type faulty struct {
	platform http.Handler
	faults   map[int]Fault

	mu       sync.Mutex
	requests int
	before   Answer
}

func (f *faulty) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.requests++
	fault, before := f.faults[f.requests], f.before
	f.mu.Unlock()
	if fault != nil {
		fault(w, r, f.platform, before)
		return
	}
	a := answerOf(f.platform, r)
	f.mu.Lock()
	f.before = a
	f.mu.Unlock()
	a.write(w)
}

// most is how many of the requests of a read TestFaults spoils.
const most = 6

// TestFaults holds a connector to its one duty: all items, or an error. It reads a platform well, and then again with each fault
// in each of its first requests; read configures the source with the address of the platform, and reads it. A read that ends well
// with other items than the first is an error of the test.
func TestFaults(t *testing.T, platform http.Handler, read func(ctx context.Context, url string) (Result, error)) {
	t.Helper()
	well := &faulty{platform: platform}
	server := httptest.NewServer(well)
	defer server.Close()
	want, err := read(t.Context(), server.URL)
	if err != nil {
		t.Fatalf("without any fault: %v", err)
	}
	if len(want.Items) == 0 {
		t.Fatal("the platform has no items, so that nothing can be missing: serve some")
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		for n := range min(well.requests, most) {
			t.Run(fmt.Sprintf("%s in request %d", name, n+1), func(t *testing.T) {
				t.Parallel()
				wrong, said := spoilt(t.Context(), Faulty(platform, map[int]Fault{n + 1: all[name]}), want, read)
				if wrong != "" {
					t.Error(wrong)
				}
				if said != nil {
					t.Logf("it says: %v", said)
				}
			})
		}
	}
}

// all are the faults that TestFaults knows.
var all = map[string]Fault{"busy": Busy, "broken": Broken, "page": Page, "nothing": Nothing, "null": Says(http.StatusOK, "null"), "empty": Says(http.StatusOK, ""),
	"denied": Says(http.StatusUnauthorized, ""), "missing": Says(http.StatusNotFound, ""), "cut": Cut, "again": Again}

// spoilt reads a platform that has a fault. It returns what is wrong with the read, "" if nothing is, and its error.
func spoilt(ctx context.Context, platform http.Handler, want Result, read func(ctx context.Context, url string) (Result, error)) (wrong string, said error) {
	server := httptest.NewServer(platform)
	defer server.Close()
	got, err := read(ctx, server.URL)
	if err == nil && !slices.Equal(got.Items, want.Items) {
		wrong = fmt.Sprintf("the read ends well with %s: return an error wherever an item may be missing", difference(want.Items, got.Items))
	}
	return wrong, err
}

// difference says how many items there are, and which is the first that differs.
func difference(want, got []string) string {
	text := fmt.Sprintf("%d items, and there are %d", len(got), len(want))
	for i := range min(len(want), len(got)) {
		if want[i] != got[i] {
			return text + fmt.Sprintf("; item %d is %s in the place of %s", i+1, clip(got[i]), clip(want[i]))
		}
	}
	return text
}

func clip(s string) string {
	const enough = 200
	if len(s) > enough {
		return strings.ToValidUTF8(s[:enough], "") + "…"
	}
	return s
}
