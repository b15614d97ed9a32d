// Package rest is what programs ask a server for, below /api/v1: runs, their items, what has changed between two, why a cell is what it is,
// and what can be imported and accepted. openapi.json describes it, and a test holds the two against each other.
//
// Who may ask for what stands with each route; package web lets nobody else through.
package rest

import (
	"context"
	_ "embed" // the description
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/reconcilehq/reconcile/engine/history"
	"github.com/reconcilehq/reconcile/engine/report"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/overview"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/web/screen"
)

// Description is the OpenAPI document of the API.
//
//go:embed openapi.json
var Description []byte

// Records are the runs that were kept, and the sources that they are made of. Its methods are called by many goroutines.
type Records interface {
	// List returns the complete runs of a reconciliation, of all if it is "", the newest first; at most so many.
	List(ctx context.Context, reconciliation string, most int) ([]store.Run, error)
	// Find returns a complete run by its name; an error that is store.ErrNoRun if there is none.
	Find(ctx context.Context, id string) (store.Run, error)
	// Sources returns the sources of the configuration, in its order.
	Sources(ctx context.Context) ([]Source, error)
	// Accept declares discrepancies of a run intentional. An error is for people: what was asked for cannot be, and nothing was written.
	Accept(ctx context.Context, who store.Actor, reconciliation string, run *report.Result, a Acceptance) (*Accepted, error)
	// Standing returns what the configuration declares intentional. If it cannot be read the error says why, and what is known is returned.
	Standing(ctx context.Context) ([]Standing, error)
	// Amend takes acceptances back, or gives them another last day. An error is for people: nothing was written.
	Amend(ctx context.Context, who store.Actor, a Amendment) (*Amended, error)
	// Open opens the file of a run, which is to be closed.
	Open(ctx context.Context, run store.Run) (*history.Run, error)
}

// Fleet returns what the last jobs of the configuration's shops came to; of these shops alone if they are not nil.
type Fleet func(ctx context.Context, shops []string) (*overview.Status, error)

// Source is a source of the configuration.
type Source struct {
	Connector       string   `json:"connector"`
	Name            string   `json:"name"`
	Reconciliations []string `json:"reconciliations"` // that it is a side of
}

// API answers programs.
type API struct {
	Shop    screen.Shop
	Records Records
	Mending Mending // nil: nothing is planned
	Shelf   *screen.Shelf
	Store   *store.Store                    // people, tokens and the audit trail
	Actor   func(*http.Request) store.Actor // who sends a request, for the audit trail
	Fleet   Fleet

	// Own gives whoever sends a request a new password. An error that is a *Problem is for them.
	Own func(r *http.Request, current, password string) error

	trends trends
}

// Route is something that programs can ask for.
type Route struct {
	Pattern string // of http.ServeMux
	Needed  store.Role
	Handler http.HandlerFunc
	Open    bool // whoever asks
}

// Routes returns all that programs can ask for, but for who they are.
func (a *API) Routes() []Route {
	route := func(pattern string, needed store.Role, h func(r *http.Request) (int, any, error)) Route {
		return Route{Pattern: pattern, Needed: needed, Handler: answer(h)}
	}
	routes := append(append(a.people(), a.mending()...), []Route{
		route("GET /api/v1/audit", store.Admin, a.audit),
		{Pattern: "GET /api/v1/audit/export", Needed: store.Admin, Handler: a.exportAudit},
		{Pattern: "GET /api/v1/openapi.json", Open: true, Handler: describe},
		route("POST /api/v1/me/password", store.Viewer, a.ownPassword),
		route("GET /api/v1/reconciliations", store.Viewer, a.reconciliations),
		route("GET /api/v1/sources", store.Viewer, a.sources),
		route("GET /api/v1/fleet", store.Viewer, a.fleet),
		route("GET /api/v1/runs", store.Viewer, a.runs),
		route("POST /api/v1/runs", store.Operator, a.start),
		route("GET /api/v1/runs/{id}", store.Viewer, a.run),
		route("GET /api/v1/runs/{id}/items", store.Viewer, a.items),
		route("GET /api/v1/runs/{id}/compare", store.Viewer, a.compare),
		route("GET /api/v1/runs/{id}/explain", store.Viewer, a.explain),
		route("POST /api/v1/runs/{id}/accept", store.Admin, a.accept),
		route("GET /api/v1/runs/{id}/history", store.Viewer, a.past),
		route("GET /api/v1/runs/{id}/impact", store.Viewer, a.impact),
		route("GET /api/v1/reconciliations/{name}/trends", store.Viewer, a.trend),
		route("GET /api/v1/acceptances", store.Viewer, a.acceptances),
		route("POST /api/v1/acceptances/remove", store.Admin, a.takeBack),
		route("POST /api/v1/acceptances/until", store.Admin, a.setUntil),
		{Pattern: "GET /api/v1/runs/{id}/download", Needed: store.Viewer, Handler: a.download},
	}...)
	for i := range routes {
		routes[i].Handler = Strict(routes[i].Pattern, routes[i].Handler)
	}
	return routes
}

func describe(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = w.Write(Description) // who does not read it has gone
}

// Problem is what is answered where a request is not done.
type Problem struct {
	Status int    `json:"-"`
	Code   string `json:"code"` // for programs
	Text   string `json:"text"` // for people
}

// Error implements error.
func (p *Problem) Error() string { return p.Text }

func wrong(format string, args ...any) error {
	return &Problem{http.StatusUnprocessableEntity, "not_valid", fmt.Sprintf(format, args...)}
}

func missing(format string, args ...any) error {
	return &Problem{http.StatusNotFound, "not_found", fmt.Sprintf(format, args...)}
}

type failKey struct{}

// WithFail returns a request by which a failure is told to fail, which answers it.
func WithFail(r *http.Request, fail func(http.ResponseWriter, *http.Request, error)) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), failKey{}, fail))
}

// answer makes a handler of what returns a status and what is answered.
func answer(h func(r *http.Request) (int, any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		status, v, err := h(r)
		if err != nil {
			refuse(w, r, err)
			return
		}
		WriteJSON(w, status, v)
	}
}

// ByHandError is a Problem of a file that this server may not change: somebody who may adds what is to stand in it.
type ByHandError struct {
	Problem
	File  string `json:"file"`
	Block string `json:"block"`
}

func refuse(w http.ResponseWriter, r *http.Request, err error) {
	var p *Problem
	var byHand *ByHandError
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &byHand):
		WriteJSON(w, byHand.Status, map[string]*ByHandError{"error": byHand})
		return
	case errors.As(err, &p):
	case errors.Is(err, store.ErrNoRun), errors.Is(err, screen.ErrNoRun):
		p = &Problem{http.StatusNotFound, "no_run", "There is no such run. It may have been made too long ago to be kept."}
	case errors.As(err, &tooLarge):
		p = &Problem{http.StatusRequestEntityTooLarge, "too_large", "The request is larger than a request can be."}
	default:
		if fail, ok := r.Context().Value(failKey{}).(func(http.ResponseWriter, *http.Request, error)); ok {
			fail(w, r, err)
			return
		}
		p = &Problem{http.StatusInternalServerError, "failed", "This could not be done. The server's log says why."}
	}
	WriteJSON(w, p.Status, map[string]*Problem{"error": p})
}

// WriteJSON answers with a value.
func WriteJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // who does not read the answer has gone
}

// number reads a number of the query; def if it is not there.
func number(r *http.Request, name string, def, least, most int) (int, error) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return def, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		return 0, wrong("%s is a whole number from %d to %d, not %q", name, least, most, text)
	}
	return n, nil
}

// Reconciliation is what can be imported, and what became of it.
type Reconciliation struct {
	Name      string     `json:"name"`
	Title     string     `json:"title"`
	Pos       string     `json:"pos"`
	Store     string     `json:"store"`
	LastRun   string     `json:"last_run,omitempty"`
	LastMade  *time.Time `json:"last_made,omitempty"`
	Failure   *Failure   `json:"failure,omitempty"` // why the last try came to nothing
	Importing *Importing `json:"importing,omitempty"`
}

// Failure is why an import came to nothing.
type Failure struct {
	At   time.Time `json:"at"`
	Text string    `json:"text"`
}

// Importing is how far an import is.
type Importing struct {
	Began   time.Time `json:"began"`
	Sources []Reading `json:"sources"`
}

// Reading is how far a source is read.
type Reading struct {
	Source string `json:"source"`
	Items  int64  `json:"items"`
	Total  int64  `json:"total,omitempty"`
	Text   string `json:"text,omitempty"`
	Done   bool   `json:"done"`
}

func (a *API) reconciliations(r *http.Request) (int, any, error) {
	list, mistake := a.Shop.Reconciliations(r.Context())
	said := []Reconciliation{}
	for _, of := range list {
		said = append(said, reconciliationOf(of))
	}
	body := map[string]any{"reconciliations": said}
	if mistake != nil {
		body["mistake"] = mistake.Error()
	}
	return http.StatusOK, body, r.Context().Err()
}

func reconciliationOf(of screen.Reconciliation) Reconciliation {
	c := Reconciliation{Name: of.Name, Title: of.Title, Pos: of.Pos, Store: of.Store}
	if of.Last != nil {
		at := of.Last.MadeAt.UTC()
		c.LastRun, c.LastMade = of.Last.ID, &at
	}
	if of.Failure != nil {
		c.Failure = &Failure{of.Failure.At.UTC(), of.Failure.Text}
	}
	if of.Importing != nil {
		c.Importing = &Importing{Began: of.Importing.Began.UTC(), Sources: []Reading{}}
		for _, s := range of.Importing.Sources {
			c.Importing.Sources = append(c.Importing.Sources, Reading{s.Source, s.Items, s.Total, s.Text, s.Done})
		}
	}
	return c
}

func (a *API) sources(r *http.Request) (int, any, error) {
	list, err := a.Records.Sources(r.Context())
	if list == nil {
		list = []Source{}
	}
	body := map[string]any{"sources": list}
	if err != nil {
		body["mistake"] = err.Error()
	}
	return http.StatusOK, body, r.Context().Err()
}
