package web

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"github.com/reconcilehq/reconcile/engine/history"
	"github.com/reconcilehq/reconcile/engine/report"

	fleetview "github.com/reconcilehq/reconcile/cmd/reconcile/internal/overview"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/web/rest"
)

// records are the runs of a shop, for programs.
type records struct{ *shop }

func (r records) List(_ context.Context, reconciliation string, most int) (list []store.Run, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := len(r.kept) - 1; i >= 0 && len(list) < most && (reconciliation == "" || reconciliation == "bigcommerce"); i-- {
		list = append(list, r.of(i))
	}
	return list, nil
}

func (r records) of(i int) store.Run {
	k := r.kept[i]
	run := store.Run{ID: k.ID, Reconciliation: "bigcommerce", Began: k.MadeAt, Ended: k.MadeAt, Counts: store.Counts{Items: 19, NotSynchronized: 4 + (i+1)*(i+1)%5, NotPaired: 6, Rules: map[string]int{"P": 1 + i%2}}}
	if i > 0 {
		run.Previous = r.kept[i-1].ID
	}
	return run
}

func (r records) Find(_ context.Context, id string) (store.Run, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, k := range r.kept {
		if k.ID == id {
			return r.of(i), nil
		}
	}
	return store.Run{}, store.ErrNoRun
}

func (r records) Sources(context.Context) ([]rest.Source, error) {
	return []rest.Source{{Connector: "amberpos", Name: "shop", Reconciliations: []string{"bigcommerce"}}}, nil
}

func (r records) Accept(_ context.Context, _ store.Actor, _ string, _ *report.Result, a rest.Acceptance) (*rest.Accepted, error) {
	said := &rest.Accepted{File: "reconcile.accepted.hcl", What: []rest.AcceptedItem{}}
	for _, f := range a.Findings {
		if f.Rule == "N" {
			return nil, &rest.Problem{Status: http.StatusConflict, Code: "not_accepted", Text: "there is nothing to accept"}
		}
		said.What = append(said.What, rest.AcceptedItem{SKU: f.Item.SKU(), What: f.Rule})
	}
	if r.locked && !a.Try {
		p := rest.Problem{Status: http.StatusConflict, Code: "not_writable", Text: "Nothing was accepted: reconcile may not change its file."}
		return nil, &rest.ByHandError{Problem: p, File: said.File, Block: byHandBlock}
	}
	return said, nil
}

// byHandBlock is offered where the file of acceptances cannot be changed.
const byHandBlock = "intentional \"accepted: LIGHT-F P\" {\n  reason = \"<on offer>\"\n}\n"

func (r records) Open(_ context.Context, run store.Run) (*history.Run, error) {
	return history.Open(filepath.Join(r.folder, run.ID))
}

func (r records) Standing(context.Context) ([]rest.Standing, error) {
	list := []rest.Standing{
		{Block: "accepted: LIGHT-F P", Reconciliations: []string{"bigcommerce"}, Rules: []string{"P"}, SKUs: []string{"LIGHT-F"}, Items: 1, Reason: "on offer", Owner: "Ann", Expires: "2026-12-24", State: rest.Expiring,
			Values: []rest.Value{{Side: "pos", Field: "price", Value: "49.95", Currency: "CAD"}}, File: "reconcile.accepted.hcl", Line: 2, Changeable: true},
		{Block: "services", Reconciliations: []string{}, Statuses: []string{"pos_only"}, SKUs: slices.Repeat([]string{"LABOUR"}, 2*rest.MostSKUs), Items: 2 * rest.MostSKUs, Reason: "not sold online", State: rest.Holds, File: "reconcile.hcl", Line: 7},
		{Block: "vendor sets the web price", Reconciliations: []string{"outlet"}, Rules: []string{"P"}, SKUs: []string{}, Where: `pos.brand == "Fender"`, Reason: "theirs", State: rest.Expired, File: "list.csv", Line: 3, InList: true, Changeable: true},
	}
	return list, errors.New("reconcile.hcl:3: something is wrong")
}

func (r records) Amend(_ context.Context, who store.Actor, a rest.Amendment) (*rest.Amended, error) {
	if a.Block == "nobody" {
		return nil, &rest.Problem{Status: http.StatusConflict, Code: "not_changed", Text: "there is no such block"}
	}
	if a.Run == nil || who.Name == "" {
		r.t.Errorf("%v, without its last run, or by nobody", a)
	}
	all, _ := r.Standing(context.Background())
	said := &rest.Amended{File: "reconcile.accepted.hcl", Before: []rest.Standing{{Block: "vendor sets the web price", Reconciliations: []string{}, SKUs: []string{}, State: rest.Holds}}}
	if !a.Back {
		said.After = slices.Repeat(all, 40)
	}
	return said, nil
}

// program is somebody who asks the API, and holds each answer against the description.
type program struct {
	*site
	token  string
	router routers.Router
	asked  map[string]bool // operations
}

func newProgram(t *testing.T, of *shop, role store.Role) *program {
	t.Helper()
	return newProgramOf(t, Options{Shop: of, Records: records{of}}, role)
}

func newProgramOf(t *testing.T, o Options, role store.Role) *program {
	t.Helper()
	var s *site
	o.Fleet = func(ctx context.Context, shops []string) (*fleetview.Status, error) {
		return fleetview.Of(ctx, s.store, "/shops", shops)
	}
	s = newSite(t, o)
	doc := description(t)
	doc.Servers = nil
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		t.Fatal(err)
	}
	return &program{s, s.token(role), router, map[string]bool{}}
}

func (s *site) token(role store.Role) string {
	s.t.Helper()
	token, err := s.store.MakeToken(s.t.Context(), store.Actor{}, "program "+role.String(), role)
	if err != nil {
		s.t.Fatal(err)
	}
	return token
}

func description(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(rest.Description)
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return doc
}

// ask sends a request, holds it and its answer against the description, and returns the answer.
func (p *program) ask(method, path, body string, want int) map[string]any {
	p.t.Helper()
	r := p.request(method, path, body)
	r.Header.Set("Authorization", "Bearer "+p.token)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	got := p.do(http.DefaultClient, r)
	if got.status != want {
		p.t.Errorf("%s %s: %d, not %d: %s", method, path, got.status, want, got.text)
	}
	r = p.request(method, path, body)
	r.Header.Set("Content-Type", "application/json")
	r.URL.Scheme, r.URL.Host = "", ""
	route, params, err := p.router.FindRoute(r)
	if err != nil {
		p.t.Errorf("%s %s is not described: %v", method, path, err)
		return nil
	}
	p.asked[route.Operation.OperationID] = true
	input := &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route, Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true}}
	if want < 400 {
		if err := openapi3filter.ValidateRequest(p.t.Context(), input); err != nil {
			p.t.Errorf("%s %s is not as described: %v", method, path, err)
		}
	}
	answer := &openapi3filter.ResponseValidationInput{RequestValidationInput: input, Status: got.status, Header: got.Header, Body: io.NopCloser(strings.NewReader(got.text)), Options: input.Options}
	if err := openapi3filter.ValidateResponse(p.t.Context(), answer); err != nil {
		p.t.Errorf("the answer to %s %s is not as described: %v\n%s", method, path, err, got.text)
	}
	var said map[string]any
	if strings.HasPrefix(got.Header.Get("Content-Type"), "application/json") {
		if err := json.Unmarshal([]byte(got.text), &said); err != nil {
			p.t.Errorf("%s %s: %v", method, path, err)
		}
	}
	return said
}

// addJobs adds a worker, and a job for each shop: the first one's is being done, and the second one's has failed.
func (p *program) addJobs(shops ...string) {
	p.t.Helper()
	ctx := p.t.Context()
	var jobs []store.Job
	for _, shop := range shops {
		jobs = append(jobs, store.Job{Config: "/shops", Shop: shop, Reconciliation: "web", Night: "now", AccountJobs: 1, Deadline: time.Hour, MostTries: 1})
	}
	err := p.store.EnterWorker(ctx, &store.Worker{ID: "w", Host: "here", Config: "/shops", Jobs: 1})
	if err == nil {
		_, err = p.store.Plan(ctx, jobs)
	}
	for _, fails := range []bool{false, true} {
		j := (*store.Job)(nil)
		if err == nil {
			j, err = p.store.Take(ctx, "w", "/shops")
		}
		if err == nil && fails {
			_, err = p.store.Fail(ctx, j, "the store is gone", &store.Run{ID: "failed-1", Config: "/shops (rome)"})
		}
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

// TestAPI asks for everything that is described.
func TestAPI(t *testing.T) {
	openapi3filter.RegisterBodyDecoder("text/markdown", openapi3filter.FileBodyDecoder)
	openapi3filter.RegisterBodyDecoder("text/html", openapi3filter.FileBodyDecoder)
	openapi3filter.RegisterBodyDecoder("application/x-ndjson", openapi3filter.FileBodyDecoder)
	openapi3filter.RegisterBodyDecoder("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", openapi3filter.FileBodyDecoder)
	of := newShop(t, firstOf(goods()), secondOf(goods()))
	m := &mender{t: t}
	p := newProgramOf(t, Options{Shop: of, Records: records{of}, Mending: m}, store.Admin)
	p.ask("GET", "/api/v1/me", "", 200)
	p.ask("POST", "/api/v1/me/password", `{"current": "x", "password": "a new password"}`, 422)
	p.ask("GET", "/api/v1/openapi.json", "", 200)
	p.ask("GET", "/api/v1/reconciliations", "", 200)
	p.ask("GET", "/api/v1/sources", "", 200)
	p.addJobs("paris", "rome", "toronto")
	if said := p.ask("GET", "/api/v1/fleet?limit=2", "", 200); len(said["shops"].([]any)) != 2 || said["total"] != 3.0 || len(said["workers"].([]any)) != 1 {
		t.Errorf("the fleet: %v", said)
	}
	if said := p.ask("GET", "/api/v1/fleet?shop=rome", "", 200); said["total"] != 1.0 {
		t.Errorf("one shop: %v", said)
	}
	p.ask("GET", "/api/v1/fleet?limit=-1", "", 422)
	p.ask("GET", "/api/v1/runs", "", 200)
	p.ask("GET", "/api/v1/runs?limit=0", "", 422)
	p.ask("GET", "/api/v1/runs/run-1", "", 404)
	of.slow = true
	said := p.ask("POST", "/api/v1/runs", `{"reconciliation": "bigcommerce"}`, 202)
	if said["importing"] == nil {
		t.Errorf("it is not under way: %v", said)
	}
	of.finish()
	p.ask("POST", "/api/v1/runs", `{"reconciliation": "nobody's"}`, 404)
	p.ask("POST", "/api/v1/runs", `{"reconciliatio": "bigcommerce"}`, 400)
	p.ask("POST", "/api/v1/runs", `{"reconciliation": "`+strings.Repeat("x", largestBody)+`"}`, 413)
	p.ask("GET", "/api/v1/runs/run-1", "", 200)
	p.ask("GET", "/api/v1/runs/run-1/compare", "", 409)
	of.run()
	if list := p.ask("GET", "/api/v1/runs?reconciliation=bigcommerce", "", 200)["runs"].([]any); len(list) != 2 {
		t.Errorf("%d runs", len(list))
	}
	said = p.ask("GET", "/api/v1/runs/run-2/compare", "", 200)
	if counts := said["counts"].(map[string]any); counts["persisting"].(float64) == 0 || counts["new"].(float64) != 0 {
		t.Errorf("compared: %v", said)
	}
	p.ask("GET", "/api/v1/runs/run-2/compare?with=run-1&offset=2&limit=1", "", 200)
	p.ask("GET", "/api/v1/runs/run-2/compare?with=run-9", "", 404)

	skus := func(query string) string {
		t.Helper()
		said := p.ask("GET", "/api/v1/runs/run-2/items"+query, "", 200)
		var list []string
		for _, it := range said["items"].([]any) {
			list = append(list, it.(map[string]any)["item"].(map[string]any)["sku"].(string))
		}
		return strings.Join(list, " ")
	}
	for query, want := range map[string]string{
		"?show=rule.P":              "BK-ROAD-54 LIGHT-F",
		"?show=rule.P&sort=-sku":    "LIGHT-F BK-ROAD-54",
		"?q=light&limit=1&offset=1": "LIGHT-R",
		"?q=nothing":                "",
		"?show=new":                 "LIGHT-R",
		"?show=store_only":          "VINYL-KIT",
		"?offset=1000":              "",
	} {
		if got := skus(query); got != want {
			t.Errorf("%s: %s, not %s", query, got, want)
		}
	}
	for _, query := range []string{"?show=rule.X", "?sort=price", "?limit=1001", "?offset=-1", "?offset=x"} {
		p.ask("GET", "/api/v1/runs/run-2/items"+query, "", 422)
	}
	first := p.ask("GET", "/api/v1/runs/run-2/items?show=rule.P&q=LIGHT-F&limit=1", "", 200)["items"].([]any)[0].(map[string]any)
	if first["since"] == nil || first["item"].(map[string]any)["cells"].(map[string]any)["P"] != "N" {
		t.Errorf("an item: %v", first)
	}

	said = p.ask("GET", "/api/v1/runs/run-2/explain?sku=LIGHT-F&rule=P", "", 200)
	rules := said["rules"].([]any)
	price := rules[len(rules)-1].(map[string]any)
	if price["cell"] != "N" || price["condition"] != "pos.price != store.price" || price["note"] != "Re-upload the item." {
		t.Errorf("why: %v", price)
	}
	p.ask("GET", "/api/v1/runs/run-2/explain?sku=LIGHT", "", 404)
	p.ask("GET", "/api/v1/runs/run-2/explain", "", 422)
	p.ask("GET", "/api/v1/runs/run-2/explain?position=0", "", 200)
	p.ask("GET", "/api/v1/runs/run-2/explain?position=999", "", 422)

	accept := func(body string, want int) string {
		t.Helper()
		said := p.ask("POST", "/api/v1/runs/run-2/accept", body, want)
		var list []string
		for _, it := range append([]any{}, said["accepted"].([]any)...) {
			list = append(list, it.(map[string]any)["sku"].(string))
		}
		return strings.Join(list, " ")
	}
	refuse := func(body string, want int) { t.Helper(); p.ask("POST", "/api/v1/runs/run-2/accept", body, want) }
	if got := accept(`{"items": [{"sku": "LIGHT-F", "rule": "P"}], "reason": "on offer", "expires": "2999-12-31"}`, 200); got != "LIGHT-F" {
		t.Errorf("accepted: %s", got)
	}
	if got := accept(`{"show": "not_synchronized", "rule": "P", "try": true}`, 200); got != "BK-ROAD-54 LIGHT-F" {
		t.Errorf("accepted of a filter: %s", got)
	}
	if got := accept(`{"show": "all", "q": "e", "try": true}`, 200); got != "HELMET-L VINYL-KIT" {
		t.Errorf("accepted of one side: %s", got)
	}
	refuse(`{"items": [{"sku": "LIGHT-F", "rule": "P"}]}`, 422)
	refuse(`{"reason": "all of it"}`, 422)
	refuse(`{"show": "rule.P", "rule": "X", "reason": "r"}`, 422)
	refuse(`{"show": "rule.X", "rule": "P", "reason": "r"}`, 422)
	refuse(`{"q": "nothing", "rule": "P", "reason": "r"}`, 422)
	refuse(`{"items": [{"sku": "NOBODY", "rule": "P"}], "reason": "r"}`, 404)
	refuse(`{"items": [{"sku": "LIGHT-F", "rule": "N"}], "reason": "r"}`, 409)
	refuse(`{"items": [{"sku": "BELL-BR", "rule": "P"}], "reason": "r"}`, 422)
	refuse(`{"items": [{"sku": "LIGHT-F", "rule": "P"}], "reason": "r", "expires": "2020-01-01"}`, 422)
	refuse(`{"items": [{"sku": "LIGHT-F", "rule": "P"}], "reason": "r", "expires": "soon"}`, 422)
	of.locked = true
	said = p.ask("POST", "/api/v1/runs/run-2/accept", `{"items": [{"sku": "LIGHT-F", "rule": "P"}], "reason": "r"}`, 409)
	if e := said["error"].(map[string]any); e["code"] != "not_writable" || e["block"] != byHandBlock || e["file"] != "reconcile.accepted.hcl" {
		t.Errorf("of a file that cannot be changed it is said: %v", e)
	}
	of.locked = false

	if said := p.ask("POST", "/api/v1/runs/run-2/accept", `{"show": "rule.P", "rule": "P", "try": true}`, 200); said["count"].(float64) != 2 {
		t.Errorf("a preview: %v", said)
	}
	standing(p)
	pastAndRisk(p)

	for _, format := range report.Formats() {
		p.ask("GET", "/api/v1/runs/run-2/download?show=not_synchronized&format="+format.Name, "", 200)
		want := 200
		if format.Values {
			want = 409
		}
		p.ask("GET", "/api/v1/runs/run-2/download?format="+format.Name, "", want)
	}
	p.ask("GET", "/api/v1/runs/run-2/download?format=pdf", "", 422)
	p.people()
	p.plans(m)
	for path, item := range description(t).Paths.Map() {
		for method, operation := range item.Operations() {
			if !p.asked[operation.OperationID] {
				t.Errorf("%s %s is described, and was not asked for", method, path)
			}
		}
	}
}

// TestRoutesAreDescribed holds the description against the routes, and each route against who may use it.
func TestRoutesAreDescribed(t *testing.T) {
	of := newShop(t, firstOf(goods()), secondOf(goods()))
	s := newSite(t, Options{Shop: of, Records: records{of}, Mending: &mender{t: t}})
	routes := append(s.server.api(), rest.Route{Pattern: "GET /api/v1/me", Needed: store.Viewer})
	var described, there []string
	for path, item := range description(t).Paths.Map() {
		for method := range item.Operations() {
			described = append(described, method+" "+path)
		}
	}
	tokens := map[store.Role]string{}
	for _, role := range []store.Role{store.Viewer, store.Operator, store.Admin} {
		tokens[role] = s.token(role)
	}
	for _, route := range routes {
		there = append(there, route.Pattern)
		method, path, _ := strings.Cut(route.Pattern, " ")
		path = strings.NewReplacer("{id}", "none", "{name}", "none").Replace(path)
		for role := store.Nobody; role <= store.Admin; role++ {
			r := s.request(method, path, "")
			if role != store.Nobody {
				r.Header.Set("Authorization", "Bearer "+tokens[role])
			}
			got := s.do(http.DefaultClient, r).status
			switch {
			case route.Open || role.May(route.Needed):
				if got == http.StatusUnauthorized || got == http.StatusForbidden {
					t.Errorf("%s: %s is refused: %d", route.Pattern, role, got)
				}
			case role == store.Nobody && got != http.StatusUnauthorized, role != store.Nobody && got != http.StatusForbidden:
				t.Errorf("%s: %s is let through: %d", route.Pattern, role, got)
			}
		}
		if r := s.request(method, path, ""); !route.Open {
			r.Header.Set("Authorization", "Bearer reconcile_NOTATOKEN")
			if got := s.do(http.DefaultClient, r).status; got != http.StatusUnauthorized {
				t.Errorf("%s: a made-up token: %d", route.Pattern, got)
			}
		}
	}
	slices.Sort(described)
	slices.Sort(there)
	if !slices.Equal(described, there) {
		t.Errorf("described:\n%s\nthere:\n%s", strings.Join(described, "\n"), strings.Join(there, "\n"))
	}
}
