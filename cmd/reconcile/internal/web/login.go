package web

import (
	"crypto/subtle"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
)

// form is what a page with a form shows.
type form struct {
	Name, Next, Token string // as they were sent
	Mistake           string
	Shortest          int // of a password
}

func (s *Server) loginPage(w http.ResponseWriter, r *http.Request) {
	next := localPath(r.URL.Query().Get("next"))
	if c, err := s.identify(r); err == nil && c.role != store.Nobody {
		http.Redirect(w, r, next, http.StatusSeeOther)
		return
	}
	s.show(w, http.StatusOK, "login", frame{Title: "Log in", Page: form{Next: next}})
}

func (s *Server) logIn(w http.ResponseWriter, r *http.Request) {
	f := form{Name: r.PostFormValue("name"), Next: localPath(r.PostFormValue("next"))}
	again := func(status int, mistake string) {
		f.Mistake = mistake
		s.show(w, status, "login", frame{Title: "Log in", Page: f})
	}
	password := r.PostFormValue("password")
	if len(password) > 4096 || len(f.Name) > 4096 {
		again(http.StatusUnauthorized, "The user name or the password is wrong.")
		return
	}
	wait, right := s.slow.begin(strings.ToLower(f.Name), s.addressOf(r))
	if wait > 0 {
		s.count.slowed()
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
		again(http.StatusTooManyRequests, tooMany(wait))
		return
	}
	_, secret, err := s.Store.LogIn(r.Context(), s.addressOf(r).String(), f.Name, password)
	switch {
	case errors.Is(err, store.ErrRefused):
		s.count.refused()
		again(http.StatusUnauthorized, "The user name or the password is wrong.")
	case err != nil:
		s.fail(w, r, err)
	default:
		right()
		s.letIn(w, r, secret)
		http.Redirect(w, r, f.Next, http.StatusSeeOther)
	}
}

// letIn gives a browser the session of that secret.
func (s *Server) letIn(w http.ResponseWriter, r *http.Request, secret string) {
	http.SetCookie(w, &http.Cookie{Name: s.sessionCookie(r), Value: secret, Path: "/", HttpOnly: true, Secure: s.overTLS(r),
		SameSite: http.SameSiteLaxMode, MaxAge: int(store.SessionWhole / time.Second)})
}

func (s *Server) logOut(w http.ResponseWriter, r *http.Request) {
	if err := s.Store.LogOut(r.Context(), s.actor(r), callerOf(r).secret); err != nil {
		s.fail(w, r, err)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: s.sessionCookie(r), Path: "/", HttpOnly: true, Secure: s.overTLS(r), SameSite: http.SameSiteLaxMode, MaxAge: -1})
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}

// ofSetup reports whether that is the secret of the link for the first administrator.
func (s *Server) ofSetup(token string) bool {
	return s.Setup != "" && subtle.ConstantTimeCompare([]byte(token), []byte(s.Setup)) == 1
}

const setupIsOver = "This link is not valid, or was used already. If nobody can log in, reconcile user add NAME --role admin adds an administrator."

func (s *Server) setupPage(w http.ResponseWriter, r *http.Request) {
	token := r.URL.Query().Get("token")
	there, err := s.Store.HasUsers(r.Context())
	switch {
	case err != nil:
		s.fail(w, r, err)
	case there || !s.ofSetup(token):
		s.refuse(w, r, http.StatusForbidden, "set_up", setupIsOver)
	default:
		s.show(w, http.StatusOK, "setup", frame{Title: "Set up", Page: form{Token: token, Shortest: store.ShortestPassword}})
	}
}

func (s *Server) setUp(w http.ResponseWriter, r *http.Request) {
	f := form{Name: r.PostFormValue("name"), Token: r.PostFormValue("token"), Shortest: store.ShortestPassword}
	if !s.ofSetup(f.Token) {
		s.refuse(w, r, http.StatusForbidden, "set_up", setupIsOver)
		return
	}
	password := r.PostFormValue("password")
	err := s.Store.AddFirst(r.Context(), store.Actor{Name: f.Name, Address: s.addressOf(r).String()}, f.Name, password)
	var mistake *store.MistakeError
	switch {
	case errors.Is(err, store.ErrSetUp):
		s.refuse(w, r, http.StatusForbidden, "set_up", setupIsOver)
		return
	case errors.As(err, &mistake):
		f.Mistake = sentence(mistake.Error())
		s.show(w, http.StatusUnprocessableEntity, "setup", frame{Title: "Set up", Page: f})
		return
	case err != nil:
		s.fail(w, r, err)
		return
	}
	_, secret, err := s.Store.LogIn(r.Context(), s.addressOf(r).String(), f.Name, password)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.letIn(w, r, secret)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// sentence makes a sentence of an error's text.
func sentence(text string) string { return strings.ToUpper(text[:1]) + text[1:] + "." }
