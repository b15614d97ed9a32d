package web

import (
	"net/http"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/web/rest"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/web/screen"
)

// refuse says that a request is not answered, to a program or to a person.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, status int, code, text string) {
	if forAPI(r) {
		rest.WriteJSON(w, status, map[string]*rest.Problem{"error": {Code: code, Text: text}})
		return
	}
	s.show(w, status, "problem", frame{Title: http.StatusText(status), Page: text})
}

// fail says that a request could not be answered. What exactly went wrong is in the log: it may be nobody else's business.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		return // nobody waits for an answer any more
	}
	s.Log.Error("failed", "method", r.Method, "path", r.URL.Path, "error", err)
	if a, is := w.(*answer); is && a.status != 0 {
		panic(http.ErrAbortHandler) // what was sent so far is not to look like a whole answer
	}
	if text, is := screen.Damage(err); is {
		s.refuse(w, r, http.StatusInternalServerError, "run_damaged", text)
		return
	}
	s.refuse(w, r, http.StatusInternalServerError, "failed", "This could not be done. The server's log says why.")
}
