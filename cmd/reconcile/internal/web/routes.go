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
	page("GET /inventory/{name}/acceptances", store.Viewer, s.acceptancesPage)
	page("GET /inventory/{name}/risk", store.Viewer, s.riskPart)
	page("GET /inventory/{name}/trends", store.Viewer, s.trendsPage)
	page("GET /inventory/{name}/band", store.Viewer, s.bandPart)
	page("POST /inventory/{name}/import", store.Operator, s.importSkus)
	page("GET /password", store.Viewer, s.passwordPage)
	page("POST /password", store.Viewer, s.setOwnPassword)
	s.plans(page)
	page("GET /people", store.Admin, s.peoplePage)
	page("POST /people", store.Admin, s.changePeople("add", s.addUser))
	page("POST /people/role", store.Admin, s.changePeople("role", s.setRole))
	page("POST /people/password", store.Admin, s.changePeople("password", s.setPassword))
	page("POST /people/logout", store.Admin, s.changePeople("logout", s.endSessions))
	page("POST /people/remove", store.Admin, s.changePeople("remove", s.removeUser))
	page("POST /people/token", store.Admin, s.makeToken)
	page("POST /people/revoke", store.Admin, s.changePeople("revoke", s.revokeToken))
	page("GET /audit", store.Admin, s.trailPage)
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
	return (&rest.API{Shop: s.Shop, Records: s.Records, Mending: s.Mending, Shelf: s.shelf, Store: s.Store, Actor: s.actor, Own: s.changeOwn, Fleet: s.Fleet}).Routes()
}
