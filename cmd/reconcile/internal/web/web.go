// Package web is what reconcile serve answers: the Inventory Screen, its API below /api/v1, and what those who look after a server
// ask for (/healthz, /metrics).
//
// It starts nothing and reads no source: what it shows is in the store and in the files of runs, and what is to be done it hands to
// others (Options). A page needs nothing that the API has not.
//
// Who may do what is decided here, for page and API alike, by one line for each route (routes.go). Nothing of it is decided by what
// a page shows.
package web

import (
	"html/template"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/web/rest"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/web/screen"
)

// Options are what a server answers from, and how.
type Options struct {
	Store   *store.Store
	Log     *slog.Logger // takes no secret and no query
	Version string
	Setup   string           // the secret of the link by which the first administrator is made; "" if there are users
	TLS     bool             // the server itself speaks TLS
	Proxies []netip.Prefix   // whose word is taken for where a request comes from
	Hosts   []string         // names by which the server is asked for, beside addresses and localhost; *.example.com is each name right below
	Now     func() time.Time // nil: time.Now
	Shop    screen.Shop      // what there is to compare; nil: nothing
	Records rest.Records     // the runs of it, for programs; nil: there is no API
	Mending rest.Mending     // plans, and what carries them out; nil: there are none
	Fleet   rest.Fleet       // what became of all shops; needed where there is an API
}

// Server answers requests. It implements http.Handler.
type Server struct {
	Options
	slow    *slowdown
	count   *counters
	handler http.Handler
	pages   map[string]*template.Template
	assets  map[string]*asset
	shelf   *screen.Shelf
}

// New returns a server.
func New(o Options) *Server {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{Options: o, slow: newSlowdown(o.Now), count: newCounters(), pages: parsePages(), assets: packAssets(), shelf: screen.NewShelf()}
	s.handler = s.logged(s.guarded(s.routes()))
	return s
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }
