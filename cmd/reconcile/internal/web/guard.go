package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"runtime"
	"runtime/debug"
	"strings"
	"time"
)

// policy lets a page load from this server alone, and nothing that stands in the page itself.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// largestBody is how much a request may send.
const largestBody = 1 << 20

// guarded has h answer only requests that no other site had a browser send, and tells browsers what the answers may do.
func (s *Server) guarded(h http.Handler) http.Handler {
	origins := http.NewCrossOriginProtection()
	origins.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.refuse(w, r, http.StatusForbidden, "cross_origin", "This request comes from another site than this one, and is refused.")
	}))
	h = s.addressed(origins.Handler(h))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		head := w.Header()
		head.Set("Content-Security-Policy", policy)
		head.Set("X-Content-Type-Options", "nosniff")
		head.Set("X-Frame-Options", "DENY")
		head.Set("Referrer-Policy", "no-referrer") // the set-up link has a secret
		head.Set("Cross-Origin-Opener-Policy", "same-origin")
		head.Set("Cross-Origin-Resource-Policy", "same-origin")
		head.Set("Cache-Control", "no-store")
		r.Body = http.MaxBytesReader(w, r.Body, largestBody)
		h.ServeHTTP(w, r)
	})
}

// answer is a ResponseWriter that knows what was answered.
type answer struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (a *answer) Write(p []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	return a.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach what is below.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// noted is what is found out about a request while it is answered.
type noted struct{ who caller }

type notedKey struct{}

// logged writes a line about each request that changes something, or fails, and counts all. No query is logged: it may hold a secret.
func (s *Server) logged(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := s.Now()
		a := &answer{ResponseWriter: w}
		note := &noted{}
		r = r.WithContext(context.WithValue(r.Context(), notedKey{}, note))
		defer func() {
			if fault := recover(); fault != nil {
				if err, ok := fault.(error); ok && err == http.ErrAbortHandler { //nolint:errorlint // net/http compares it so
					panic(fault)
				}
				s.Log.Error("fault", "method", r.Method, "path", r.URL.Path, "kind", kind(fault), "stack", string(debug.Stack()))
				if a.status == 0 {
					s.refuse(a, r, http.StatusInternalServerError, "fault", "This is a fault of reconcile. The server's log says more.")
				}
			}
			took := s.Now().Sub(began)
			s.count.request(a.status, took)
			line := s.Log.Debug
			switch {
			case a.status >= http.StatusInternalServerError:
				line = s.Log.Error
			case r.Method != http.MethodGet && r.Method != http.MethodHead, a.status >= http.StatusBadRequest:
				line = s.Log.Info
			}
			line("request", "method", r.Method, "path", r.URL.Path, "status", a.status, "took", took.Round(time.Microsecond), "who", note.who.name, "from", s.addressOf(r).String())
		}()
		h.ServeHTTP(a, r)
	})
}

// kind says what a panic is, without the value that it has: that may be somebody's password.
func kind(fault any) string {
	if _, is := fault.(runtime.Error); is {
		return "runtime error"
	}
	return fmt.Sprintf("%T", fault)
}

// forAPI reports whether a request is one of a program.
func forAPI(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/api/") }

// localPath returns where to go after the log-in: a path of this server, whatever was asked for.
func localPath(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || u.User != nil || !strings.HasPrefix(u.Path, "/") || strings.HasPrefix(u.Path, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return "/"
	}
	switch u.Path {
	case "/login", "/logout", "/setup":
		return "/"
	}
	return next
}
