package web

import (
	"net/http"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/web/rest"
)

// routes are all that the server answers, each with who may ask for it.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	open := func(pattern string, h http.HandlerFunc) { mux.Handle(pattern, h) }
	page := func(pattern string, needed store.Role, h http.HandlerFunc) { mux.Handle(pattern, s.forPage(needed, h)) }

	open("GET /healthz", s.health)
	open("GET /metrics", s.metrics)
	open("GET /assets/{name}", s.asset)
	open("GET /setup", s.setupPage)
	open("POST /setup", s.setUp)
	open("GET /login", s.loginPage)
	open("POST /login", s.logIn)
	mux.Handle("GET /api/v1/me", s.forProgram(store.Viewer, rest.Strict("GET /api/v1/me", s.me)))
	for _, route := range s.api() {
		h := func(w http.ResponseWriter, r *http.Request) { route.Handler(w, rest.WithFail(r, s.fail)) }
		if route.Open {
			open(route.Pattern, h)
		} else {
			mux.Handle(route.Pattern, s.forProgram(route.Needed, h))
		}
	}
	page("POST /logout", store.Viewer, s.logOut)
	page("GET /{$}", store.Viewer, s.home)
	page("GET /inventory/{name}", store.Viewer, s.inventoryPage)
	page("GET /inventory/{name}/rows", store.Viewer, s.rowsPart)
	page("GET /inventory/{name}/why", store.Viewer, s.whyPart)
	page("GET /inventory/{name}/band", store.Viewer, s.bandPart)
	page("POST /inventory/{name}/import", store.Operator, s.importSkus)
	open("/", func(w http.ResponseWriter, r *http.Request) {
		s.refuse(w, r, http.StatusNotFound, "not_found", "There is nothing at this address.")
	})
	return mux
}

// api returns what programs can ask for; nothing where there is nothing to compare.
func (s *Server) api() []rest.Route {
	if s.Shop == nil || s.Records == nil {
		return nil
	}
	return (&rest.API{Shop: s.Shop, Records: s.Records, Shelf: s.shelf, Actor: s.actor}).Routes()
}
