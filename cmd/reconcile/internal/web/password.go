package web

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"strings"
	"time"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/web/rest"
)

// ownPassword is what the page shows on which people change their own password.
type ownPassword struct {
	Mistake  string
	Done     bool
	Shortest int // of a password
	Name     string
}

func (s *Server) passwordPage(w http.ResponseWriter, r *http.Request) {
	s.showPassword(w, r, http.StatusOK, ownPassword{Done: r.URL.Query().Has("done")})
}

func (s *Server) showPassword(w http.ResponseWriter, r *http.Request, status int, p ownPassword) {
	p.Shortest, p.Name = store.ShortestPassword, callerOf(r).name
	s.showAs(w, r, status, "password", frame{Title: "Your password", Here: "password", Page: p})
}

// setOwnPassword does what the page's form asks for.
func (s *Server) setOwnPassword(w http.ResponseWriter, r *http.Request) {
	password := r.PostFormValue("password")
	if password != r.PostFormValue("again") {
		s.showPassword(w, r, http.StatusUnprocessableEntity, ownPassword{Mistake: "The new password is not the same both times."})
		return
	}
	err := s.changeOwn(r, r.PostFormValue("current"), password)
	var problem *rest.Problem
	switch {
	case errors.As(err, &problem):
		s.showPassword(w, r, problem.Status, ownPassword{Mistake: problem.Text})
	case err != nil:
		s.fail(w, r, err)
	default:
		http.Redirect(w, r, "/password?done", http.StatusSeeOther)
	}
}

// changeOwn gives whoever sends a request a new password. Who guesses the current one is slowed down as at the log-in: a browser that
// somebody has left open is no way to guess it faster.
func (s *Server) changeOwn(r *http.Request, current, password string) error {
	refused := func(status int, code, text string) error {
		return &rest.Problem{Status: status, Code: code, Text: text}
	}
	c := callerOf(r)
	if c.secret == "" {
		return refused(http.StatusUnprocessableEntity, "no_password", "A token has no password. Log in to change yours.")
	}
	if err := store.CheckPassword(password); err != nil { // before a try is counted
		return refused(http.StatusUnprocessableEntity, "not_valid", sentence(err.Error()))
	}
	wait, right := s.slow.begin(strings.ToLower(c.name), s.addressOf(r))
	if wait > 0 {
		s.count.slowed()
		return refused(http.StatusTooManyRequests, "slowed", tooMany(wait))
	}
	err := s.Store.ChangePassword(r.Context(), s.addressOf(r).String(), c.secret, current, password)
	var mistake *store.MistakeError
	switch {
	case errors.As(err, &mistake):
		right()
		return refused(http.StatusUnprocessableEntity, "not_valid", sentence(mistake.Error()))
	case errors.Is(err, store.ErrRefused):
		s.count.refused()
		return refused(http.StatusUnprocessableEntity, "wrong_password", "The current password is wrong.")
	case err == nil:
		right()
	}
	return err
}

// tooMany says how long somebody has to wait who has tried too often.
func tooMany(wait time.Duration) string {
	return fmt.Sprintf("There were too many tries. The next one is possible in %s.", time.Duration(math.Ceil(wait.Seconds()))*time.Second)
}
