package web

import (
	"encoding/json"
	"net/http"
)

// Problem is what the API answers where it does not do what was asked for.
type Problem struct {
	Code string `json:"code"` // for programs
	Text string `json:"text"` // for people
}

// refuse says that a request is not answered, to a program or to a person.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, status int, code, text string) {
	if forAPI(r) {
		writeJSON(w, status, map[string]Problem{"error": {code, text}})
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
	s.refuse(w, r, http.StatusInternalServerError, "failed", "This could not be done. The server's log says why.")
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // who does not read the answer has gone
}
