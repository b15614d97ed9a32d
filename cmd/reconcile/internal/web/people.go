package web

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
)

// people is what the page of people and programs shows.
type people struct {
	Users    []person
	Tokens   []store.Token
	Roles    []string
	Shortest int // of a password

	Told    string // what was done
	Mistake string // why what was asked for was not done
	Form    struct{ Name, Role, Token, TokenRole string }
	Token   string // one that was made just now: it is shown this once
}

// person is somebody who may log in.
type person struct {
	store.User
	store.Presence
	Self bool // whoever looks
}

// peoplePage shows who may log in, and the tokens of programs.
func (s *Server) peoplePage(w http.ResponseWriter, r *http.Request) {
	v := r.URL.Query()
	p := &people{}
	if say, is := told[v.Get("did")]; is {
		p.Told = say(v.Get("name"))
	}
	s.showPeople(w, r, http.StatusOK, p)
}

// told says what was done. The page asks for it by its address, so that a page that is loaded again does nothing again.
var told = map[string]func(name string) string{
	"add":      func(name string) string { return name + " may log in now." },
	"role":     func(name string) string { return name + " has another role now." },
	"password": func(name string) string { return name + " has a new password, and was logged out everywhere." },
	"logout":   func(name string) string { return name + " was logged out everywhere." },
	"remove":   func(name string) string { return name + " was removed, and is logged out." },
	"revoke":   func(name string) string { return "The token " + name + " lets nobody in any more." },
}

func (s *Server) showPeople(w http.ResponseWriter, r *http.Request, status int, p *people) {
	users, err := s.Store.Users(r.Context())
	if err != nil {
		s.fail(w, r, err)
		return
	}
	there, err := s.Store.Present(r.Context())
	if err != nil {
		s.fail(w, r, err)
		return
	}
	for _, u := range users {
		p.Users = append(p.Users, person{u, there[u.Name], u.Name == callerOf(r).name})
	}
	if p.Tokens, err = s.Store.Tokens(r.Context()); err != nil {
		s.fail(w, r, err)
		return
	}
	p.Roles, p.Shortest = store.RoleNames(), store.ShortestPassword
	s.showAs(w, r, status, "people", frame{Title: "People", Here: "people", Page: p})
}

// changePeople has change do what a form of the page asks for, and leads back to the page, which says so.
func (s *Server) changePeople(did string, change func(r *http.Request, name string) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		name := r.PostFormValue("name")
		err := change(r, name)
		if err == nil {
			http.Redirect(w, r, "/people?"+url.Values{"did": {did}, "name": {name}}.Encode(), http.StatusSeeOther)
			return
		}
		p := &people{}
		p.Form.Name, p.Form.Role = name, r.PostFormValue("role")
		s.refusePeople(w, r, p, err)
	}
}

// refusePeople shows the page with what is wrong with what was asked for.
func (s *Server) refusePeople(w http.ResponseWriter, r *http.Request, p *people, err error) {
	var mistake *store.MistakeError
	switch {
	case errors.As(err, &mistake):
		p.Mistake = sentence(mistake.Error())
	case errors.Is(err, store.ErrExists):
		p.Mistake = sentence(store.ErrExists.Error())
	case errors.Is(err, store.ErrNoUser), errors.Is(err, store.ErrNoToken), errors.Is(err, store.ErrLastAdmin), errors.Is(err, errRole):
		p.Mistake = sentence(err.Error())
	default:
		s.fail(w, r, err)
		return
	}
	s.showPeople(w, r, http.StatusUnprocessableEntity, p)
}

// errRole says that a form has no role that there is.
var errRole = errors.New("choose a role")

func roleIn(r *http.Request) (store.Role, error) {
	role, err := store.RoleNamed(r.PostFormValue("role"))
	if err != nil {
		return role, errRole
	}
	return role, nil
}

func (s *Server) addUser(r *http.Request, name string) error {
	role, err := roleIn(r)
	if err != nil {
		return err
	}
	return s.Store.AddUser(r.Context(), s.actor(r), name, role, r.PostFormValue("password"))
}

func (s *Server) setRole(r *http.Request, name string) error {
	role, err := roleIn(r)
	if err != nil {
		return err
	}
	return s.Store.SetRole(r.Context(), s.actor(r), name, role)
}

func (s *Server) setPassword(r *http.Request, name string) error {
	return s.Store.SetPassword(r.Context(), s.actor(r), name, r.PostFormValue("password"))
}

func (s *Server) endSessions(r *http.Request, name string) error {
	return s.Store.EndSessions(r.Context(), s.actor(r), name)
}

func (s *Server) removeUser(r *http.Request, name string) error {
	return s.Store.Dismiss(r.Context(), s.actor(r), name)
}

func (s *Server) revokeToken(r *http.Request, name string) error {
	return s.Store.RevokeToken(r.Context(), s.actor(r), name)
}

// makeToken makes a token, and shows it. A page that is loaded again makes none: there is one of that name then.
func (s *Server) makeToken(w http.ResponseWriter, r *http.Request) {
	p := &people{}
	p.Form.Token, p.Form.TokenRole = r.PostFormValue("name"), r.PostFormValue("role")
	role, err := roleIn(r)
	if err == nil {
		p.Token, err = s.Store.MakeToken(r.Context(), s.actor(r), p.Form.Token, role)
	}
	if err != nil {
		s.refusePeople(w, r, p, err)
		return
	}
	p.Told = "The token " + p.Form.Token + " lets programs in now, as " + role.String() + "."
	p.Form.Token, p.Form.TokenRole = "", ""
	s.showPeople(w, r, http.StatusOK, p)
}
