package rest

import (
	"errors"
	"net/http"
	"time"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
)

// User is a person who may log in.
type User struct {
	Name     string     `json:"name"`
	Role     string     `json:"role"`
	Added    time.Time  `json:"added"`
	Sessions int        `json:"sessions"`            // how many browsers the user is logged in with
	LastSeen *time.Time `json:"last_seen,omitempty"` // in one of them
}

// Token is what lets a program in.
type Token struct {
	Name  string    `json:"name"`
	Role  string    `json:"role"`
	Made  time.Time `json:"made"`
	Token string    `json:"token,omitempty"` // when it is made, and never again
}

// people are the routes about who may do what.
func (a *API) people() []Route {
	route := func(pattern string, h func(r *http.Request) (int, any, error)) Route {
		return Route{Pattern: pattern, Needed: store.Admin, Handler: answer(func(r *http.Request) (int, any, error) {
			status, v, err := h(r)
			return status, v, ofPeople(err)
		})}
	}
	return []Route{
		route("GET /api/v1/users", a.users),
		route("POST /api/v1/users", a.addUser),
		route("PATCH /api/v1/users/{name}", a.changeUser),
		route("DELETE /api/v1/users/{name}", a.removeUser),
		route("DELETE /api/v1/users/{name}/sessions", a.endSessions),
		route("GET /api/v1/tokens", a.tokens),
		route("POST /api/v1/tokens", a.makeToken),
		route("DELETE /api/v1/tokens/{name}", a.revokeToken),
	}
}

// ofPeople returns an error of the store as one for programs.
func ofPeople(err error) error {
	var mistake *store.MistakeError
	switch {
	case errors.As(err, &mistake):
		return wrong("%v", mistake)
	case errors.Is(err, store.ErrNoUser), errors.Is(err, store.ErrNoToken):
		return missing("%v", err)
	case errors.Is(err, store.ErrExists):
		return &Problem{http.StatusConflict, "exists", err.Error()}
	case errors.Is(err, store.ErrLastAdmin):
		return &Problem{http.StatusConflict, "last_admin", err.Error()}
	}
	return err
}

func (a *API) users(r *http.Request) (int, any, error) {
	list, err := a.Store.Users(r.Context())
	if err != nil {
		return 0, nil, err
	}
	there, err := a.Store.Present(r.Context())
	if err != nil {
		return 0, nil, err
	}
	users := []User{}
	for _, u := range list {
		said := User{Name: u.Name, Role: u.Role.String(), Added: u.Made.UTC(), Sessions: there[u.Name].Sessions}
		if said.Sessions > 0 {
			seen := there[u.Name].Seen.UTC()
			said.LastSeen = &seen
		}
		users = append(users, said)
	}
	return http.StatusOK, map[string]any{"users": users}, nil
}

func (a *API) addUser(r *http.Request) (int, any, error) {
	var asked struct {
		Name     string `json:"name"`
		Role     string `json:"role"`
		Password string `json:"password"`
	}
	if err := read(r, &asked); err != nil {
		return 0, nil, err
	}
	role, err := store.RoleNamed(asked.Role)
	if err != nil {
		return 0, nil, wrong("%v", err)
	}
	return http.StatusCreated, map[string]string{"name": asked.Name, "role": role.String()}, a.Store.AddUser(r.Context(), a.Actor(r), asked.Name, role, asked.Password)
}

// changeUser gives a user another role, or a password, or both: the role first, which is the one that can be refused.
func (a *API) changeUser(r *http.Request) (int, any, error) {
	var asked struct {
		Role     string `json:"role"`
		Password string `json:"password"`
	}
	if err := read(r, &asked); err != nil {
		return 0, nil, err
	}
	name := r.PathValue("name")
	if asked.Role == "" && asked.Password == "" {
		return 0, nil, wrong("say what is to change: the role, or the password")
	}
	if asked.Password != "" {
		if err := store.CheckPassword(asked.Password); err != nil {
			return 0, nil, err
		}
	}
	if asked.Role != "" {
		role, err := store.RoleNamed(asked.Role)
		if err != nil {
			return 0, nil, wrong("%v", err)
		}
		if err := a.Store.SetRole(r.Context(), a.Actor(r), name, role); err != nil {
			return 0, nil, err
		}
	}
	if asked.Password != "" {
		if err := a.Store.SetPassword(r.Context(), a.Actor(r), name, asked.Password); err != nil {
			return 0, nil, err
		}
	}
	return http.StatusOK, map[string]string{"name": name}, nil
}

func (a *API) removeUser(r *http.Request) (int, any, error) {
	name := r.PathValue("name")
	return http.StatusOK, map[string]string{"name": name}, a.Store.Dismiss(r.Context(), a.Actor(r), name)
}

func (a *API) endSessions(r *http.Request) (int, any, error) {
	name := r.PathValue("name")
	return http.StatusOK, map[string]string{"name": name}, a.Store.EndSessions(r.Context(), a.Actor(r), name)
}

func (a *API) tokens(r *http.Request) (int, any, error) {
	list, err := a.Store.Tokens(r.Context())
	if err != nil {
		return 0, nil, err
	}
	tokens := []Token{}
	for _, t := range list {
		tokens = append(tokens, Token{Name: t.Name, Role: t.Role.String(), Made: t.Made.UTC()})
	}
	return http.StatusOK, map[string]any{"tokens": tokens}, nil
}

func (a *API) makeToken(r *http.Request) (int, any, error) {
	var asked struct {
		Name string `json:"name"`
		Role string `json:"role"`
	}
	if err := read(r, &asked); err != nil {
		return 0, nil, err
	}
	role, err := store.RoleNamed(asked.Role)
	if err != nil {
		return 0, nil, wrong("%v", err)
	}
	token, err := a.Store.MakeToken(r.Context(), a.Actor(r), asked.Name, role)
	return http.StatusCreated, map[string]string{"name": asked.Name, "role": role.String(), "token": token}, err
}

func (a *API) revokeToken(r *http.Request) (int, any, error) {
	name := r.PathValue("name")
	return http.StatusOK, map[string]string{"name": name}, a.Store.RevokeToken(r.Context(), a.Actor(r), name)
}

// ownPassword gives whoever is logged in another password.
func (a *API) ownPassword(r *http.Request) (int, any, error) {
	var asked struct {
		Current  string `json:"current"`
		Password string `json:"password"`
	}
	if err := read(r, &asked); err != nil {
		return 0, nil, err
	}
	return http.StatusOK, map[string]string{"name": a.Actor(r).Name}, a.Own(r, asked.Current, asked.Password)
}
