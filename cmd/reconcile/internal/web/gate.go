package web

import (
	"context"
	"net/http"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
)

// forPage has h answer those who may do what the role may. Others are sent to the log-in, or told that they may not.
func (s *Server) forPage(needed store.Role, h http.HandlerFunc) http.Handler {
	return s.gate(needed, h, toLogin)
}

// forProgram is forPage for the API: nobody is sent anywhere.
func (s *Server) forProgram(needed store.Role, h http.HandlerFunc) http.Handler {
	return s.gate(needed, h, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("WWW-Authenticate", `Bearer realm="reconcile"`)
		s.refuse(w, r, http.StatusUnauthorized, "not_logged_in", "Send a token, as Authorization: Bearer TOKEN. reconcile token create makes one.")
	})
}

func (s *Server) gate(needed store.Role, h http.HandlerFunc, stranger http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := s.identify(r)
		switch {
		case err != nil:
			s.fail(w, r, err)
		case c.role == store.Nobody:
			stranger(w, r)
		case !c.role.May(needed):
			s.refuse(w, r, http.StatusForbidden, "not_allowed", "This needs the role "+needed.String()+"; you are "+c.role.String()+".")
		default:
			h(w, r.WithContext(context.WithValue(r.Context(), callerKey{}, c)))
		}
	})
}
