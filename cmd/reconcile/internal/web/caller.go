package web

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/web/rest"
)

// caller is who sends a request.
type caller struct {
	name   string
	role   store.Role
	secret string // of the session; "" for a token
}

// sessionCookie names the cookie of a session. Behind TLS it begins with __Host-, by which browsers take it from nobody else.
func (s *Server) sessionCookie(r *http.Request) string {
	if s.overTLS(r) {
		return "__Host-reconcile"
	}
	return "reconcile"
}

// identify returns who sends a request; a caller without a role if nobody knows.
func (s *Server) identify(r *http.Request) (caller, error) {
	c, err := s.find(r)
	if errors.Is(err, store.ErrRefused) {
		return caller{}, nil
	}
	if note, ok := r.Context().Value(notedKey{}).(*noted); ok {
		note.who = c
	}
	return c, err
}

func (s *Server) find(r *http.Request) (caller, error) {
	if head := r.Header.Get("Authorization"); head != "" {
		scheme, token, _ := strings.Cut(head, " ")
		if !strings.EqualFold(scheme, "Bearer") {
			return caller{}, store.ErrRefused
		}
		t, err := s.Store.TokenOf(r.Context(), strings.TrimSpace(token))
		return caller{name: store.TokenActor + t.Name, role: t.Role}, err
	}
	cookie, err := r.Cookie(s.sessionCookie(r))
	if err != nil {
		return caller{}, store.ErrRefused
	}
	u, err := s.Store.SessionUser(r.Context(), cookie.Value)
	return caller{name: u.Name, role: u.Role, secret: cookie.Value}, err
}

type callerKey struct{}

// actor returns who is to stand in the audit trail for a request.
func (s *Server) actor(r *http.Request) store.Actor {
	return store.Actor{Name: callerOf(r).name, Address: s.addressOf(r).String()}
}

// callerOf returns who sends a request that was let in.
func callerOf(r *http.Request) caller {
	c, _ := r.Context().Value(callerKey{}).(caller)
	return c
}

// toLogin sends somebody to the log-in, and back to where they wanted to go.
func toLogin(w http.ResponseWriter, r *http.Request) {
	to := "/login"
	if r.Method == http.MethodGet && r.URL.RequestURI() != "/" {
		to += "?next=" + url.QueryEscape(r.URL.RequestURI())
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// me says who somebody is to the server, and what they may do.
func (s *Server) me(w http.ResponseWriter, r *http.Request) {
	c := callerOf(r)
	rest.WriteJSON(w, http.StatusOK, map[string]string{"name": c.name, "role": c.role.String()})
}
