package bigcommerce

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"github.com/reconcilehq/reconcile/engine/weborder"
	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce/emulator"
)

// The contract test holds the connector's requests and the emulator's answers against the vendor's own description of
// the API. That is not part of this project; the test needs a folder with these files of it.
var contractFiles = []string{"products_catalog.v3.yml", "product-variants_catalog.v3.yml", "brands_catalog.v3.yml",
	"inventory.v3.yml", "settings.v3.yml", "orders.v2.oas2.yml", "store_information.v2.yml"}

// contractFolder returns the folder with the vendor's files, or skips the test.
func contractFolder(t *testing.T) string {
	t.Helper()
	if folder := os.Getenv("RECONCILE_BIGCOMMERCE_OPENAPI"); folder != "" {
		return folder
	}
	at, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		folder := filepath.Join(at, "shared", "bigcommerce-openapi")
		if _, err := os.Stat(folder); err == nil {
			return folder
		}
		if parent := filepath.Dir(at); parent != at {
			at = parent
			continue
		}
		t.Skip("the vendor's OpenAPI files are not here: set RECONCILE_BIGCOMMERCE_OPENAPI to a folder with", strings.Join(contractFiles, ", "))
	}
}

// contract finds the description of a request.
type contract []routers.Router

func loadContract(t *testing.T, server string) contract {
	t.Helper()
	folder := contractFolder(t)
	var c contract
	for _, name := range contractFiles {
		data, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		doc, err := openapi3.NewLoader().LoadFromData(data)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		version := "/v3"
		if strings.Contains(name, ".v2.") {
			version = "/v2"
		}
		doc.Info.Version = "1" // it is empty in some of the files, which is not allowed
		doc.Servers = openapi3.Servers{{URL: server + "/stores/abc123" + version}}
		for _, item := range doc.Paths.Map() {
			amend(item)
		}
		router, err := gorillamux.NewRouter(doc)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		c = append(c, router)
	}
	return c
}

// nullable are fields that the vendor's own answers have null where its description forbids it.
var nullable = []string{"option_set_id", "layout_file",
	"base_variant_id", "sku_id", // of products with options, and of base variants
	"price", "sale_price", "cost_price", "retail_price", "weight", "width", "height", "depth", // inherited
	"fixed_cost_shipping_price"}

// amend makes a description say what is known to be so.
func amend(item *openapi3.PathItem) {
	if item.Put != nil && item.Put.RequestBody != nil {
		for _, media := range item.Put.RequestBody.Value.Content {
			amendBody(media.Schema, map[*openapi3.Schema]bool{})
		}
		for _, response := range item.Put.Responses.Map() {
			for _, media := range response.Value.Content {
				amendSchema(media.Schema, map[*openapi3.Schema]bool{})
			}
		}
	}
	get := item.Get
	if get == nil {
		return
	}
	for _, p := range get.Parameters {
		// "a comma separated list", it says, and that it is one integer
		if strings.HasSuffix(p.Value.Name, ":in") && p.Value.Schema.Value.Type.Is("integer") {
			p.Value.Schema = openapi3.NewSchemaRef("", openapi3.NewStringSchema())
		}
	}
	for _, response := range get.Responses.Map() {
		for _, media := range response.Value.Content {
			amendSchema(media.Schema, map[*openapi3.Schema]bool{})
		}
	}
	// V2 answers an empty page like this; it is in the vendor's text, but not in its description.
	if ok := get.Responses.Value("200"); ok != nil && get.Responses.Value("204") == nil {
		get.Responses.Set("204", &openapi3.ResponseRef{Value: openapi3.NewResponse().WithDescription("nothing")})
	}
}

// amendBody makes a description of what is sent say what its text says: a batch names its entries by their identifiers, which are
// otherwise only read, what says so by an extension can be null, and nothing is sent that is not described.
func amendBody(ref *openapi3.SchemaRef, done map[*openapi3.Schema]bool) {
	if ref == nil || ref.Value == nil || done[ref.Value] {
		return
	}
	s := ref.Value
	done[s] = true
	s.ReadOnly = false
	if null, _ := s.Extensions["x-nullable"].(bool); null {
		s.Nullable = true
	}
	for _, property := range s.Properties {
		amendBody(property, done)
	}
	amendBody(s.Items, done)
	for _, list := range []openapi3.SchemaRefs{s.AllOf, s.AnyOf, s.OneOf} {
		for _, inner := range list {
			amendBody(inner, done)
		}
	}
}

// described returns the names of all members that an entry of a body may have.
func described(ref *openapi3.SchemaRef, names map[string]bool) map[string]bool {
	if ref == nil || ref.Value == nil {
		return names
	}
	for name := range ref.Value.Properties {
		names[name] = true
		if name == "items" {
			described(ref.Value.Properties[name], names)
		}
	}
	described(ref.Value.Items, names)
	for _, list := range []openapi3.SchemaRefs{ref.Value.AllOf, ref.Value.AnyOf, ref.Value.OneOf} {
		for _, inner := range list {
			described(inner, names)
		}
	}
	return names
}

func amendSchema(ref *openapi3.SchemaRef, done map[*openapi3.Schema]bool) {
	if ref == nil || ref.Value == nil || done[ref.Value] {
		return
	}
	s := ref.Value
	done[s] = true
	for name, property := range s.Properties {
		if slices.Contains(nullable, name) && property.Value != nil {
			property.Value.Nullable = true
		}
		amendSchema(property, done)
	}
	// The alternatives "a link" and "the thing itself" require no field, so that both fit both.
	s.AnyOf, s.OneOf = append(s.AnyOf, s.OneOf...), nil
	amendSchema(s.Items, done)
	for _, list := range []openapi3.SchemaRefs{s.AllOf, s.AnyOf} {
		for _, inner := range list {
			amendSchema(inner, done)
		}
	}
}

// check validates a request and its answer.
func (c contract) check(r *http.Request, status int, header http.Header, body []byte) (path string, err error) {
	var route *routers.Route
	var parameters map[string]string
	for _, router := range c {
		if route, parameters, err = router.FindRoute(r); err == nil {
			break
		}
	}
	if err != nil {
		return "", err
	}
	options := &openapi3filter.Options{AuthenticationFunc: func(_ context.Context, in *openapi3filter.AuthenticationInput) error {
		if r.Header.Get(in.SecurityScheme.Name) == "" {
			return in.NewError(http.ErrNoCookie)
		}
		return nil
	}, IncludeResponseStatus: status < 400} // errors are hardly described at all
	request := &openapi3filter.RequestValidationInput{Request: r, PathParams: parameters, Route: route, Options: options}
	if err := openapi3filter.ValidateRequest(context.Background(), request); err != nil {
		return route.Path, err
	}
	if r.Method == http.MethodPut {
		if err := onlyDescribed(r, route); err != nil {
			return route.Path, err
		}
	}
	for name := range r.URL.Query() {
		described := slices.ContainsFunc(append(slices.Clone(route.PathItem.Parameters), route.Operation.Parameters...),
			func(p *openapi3.ParameterRef) bool { return p.Value.In == "query" && p.Value.Name == name })
		if !described {
			return route.Path, &unknownParameter{name}
		}
	}
	return route.Path, openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: request, Status: status, Header: header, Body: io.NopCloser(bytes.NewReader(body)), Options: options})
}

// onlyDescribed looks for members of a body that the API does not describe.
func onlyDescribed(r *http.Request, route *routers.Route) error {
	body, err := r.GetBody()
	if err != nil {
		return err
	}
	var sent any
	if err := json.NewDecoder(body).Decode(&sent); err != nil {
		return err
	}
	names := described(route.Operation.RequestBody.Value.Content["application/json"].Schema, map[string]bool{})
	var look func(any) error
	look = func(v any) error {
		switch v := v.(type) {
		case []any:
			for _, inner := range v {
				if err := look(inner); err != nil {
					return err
				}
			}
		case map[string]any:
			for name, inner := range v {
				if !names[name] {
					return &unknownParameter{name}
				}
				if err := look(inner); err != nil {
					return err
				}
			}
		}
		return nil
	}
	return look(sent)
}

type unknownParameter struct{ name string }

func (e *unknownParameter) Error() string { return "the API has no parameter " + e.name }

// checked serves an emulated store and validates all that passes. It counts the requests by path, and by path and
// parameter ("/orders min_id").
func checked(t *testing.T, catalogue *emulator.Catalog, options ...emulator.Option) (server *emulator.Server, base string, paths map[string]int) {
	t.Helper()
	options = append([]emulator.Option{emulator.WithCredentials("abc123", secret), emulator.WithQuota(10000, 1e9), emulator.WithWriteToken(writeSecret)}, options...)
	server, err := emulator.New(catalogue, options...)
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewUnstartedServer(nil)
	base = "http://" + web.Listener.Addr().String()
	described := loadContract(t, base)
	paths = map[string]int{}
	var mu sync.Mutex
	web.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		kept := httptest.NewRecorder()
		sent, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		r.Body = io.NopCloser(bytes.NewReader(sent))
		server.ServeHTTP(kept, r)
		full := r.Clone(r.Context())
		full.URL, _ = url.Parse(base + r.URL.String())
		full.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(sent)), nil }
		full.Body, _ = full.GetBody()
		path, err := described.check(full, kept.Code, kept.Header(), kept.Body.Bytes())
		mu.Lock()
		paths[path]++
		paths[r.Method+" "+path]++
		for name := range r.URL.Query() {
			paths[path+" "+name]++
		}
		for _, member := range membersOf(sent) {
			paths[r.Method+" "+path+" "+member]++
		}
		mu.Unlock()
		if err != nil {
			t.Errorf("%s: %d: %v", r.URL, kept.Code, err)
		}
		for name, values := range kept.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(kept.Code)
		_, _ = w.Write(kept.Body.Bytes())
	})
	web.Start()
	t.Cleanup(web.Close)
	return server, base, paths
}

func TestContract(t *testing.T) {
	sample, err := emulator.Sample()
	if err != nil {
		t.Fatal(err)
	}
	sample.Orphans = []*emulator.Variant{{SKU: "GHOST"}}
	sample.Products[0].Tracking = "product"
	sample.Orders[2].Lines[0].Delivery, sample.Orders[3].Lines[0].Delivery = "pickup", "download"
	for name, c := range map[string]*emulator.Catalog{"the sample": sample, "another store": mixed(t), "an empty store": {}} {
		t.Run(name, func(t *testing.T) {
			server, base, paths := checked(t, c)
			source, err := configured(t, settings{"api_url": base, "store_hash": "abc123", "access_token": secret, "imported_through": 998})
			if err != nil {
				t.Fatal(err)
			}
			source.clock, source.pages = newClock(), small
			var names []string
			for _, f := range allFields() {
				names = append(names, f.Name)
			}
			if got := read(t, source, names...); got.err != nil {
				t.Fatal(got.err)
			}
			if _, err := webOrders(t, source, weborder.Wish{}); err != nil {
				t.Fatal(err)
			}
			if _, err := source.Check(t.Context()); err != nil {
				t.Fatal(err)
			}
			held := newCopy(names...)
			for range 2 { // everything, then what has changed
				if err := held.pull(t, source); err != nil {
					t.Fatal(err)
				}
				if err := server.Update(func(c *emulator.Catalog) {
					for _, p := range c.Products {
						p.Name += " (new)"
					}
				}); err != nil {
					t.Fatal(err)
				}
			}
			for _, more := range []string{"/v3/settings/inventory", "/v3/catalog/products?include=options,variants&limit=250",
				"/v3/catalog/products?id:in=101,102&date_modified:min=2026-01-01T00:00:00Z&sku:in=BELL", "/v3/catalog/products",
				"/v3/catalog/variants?product_id:in=101", "/v3/catalog/brands?id:in=10,11", "/v3/inventory/items?location_id:in=1,2",
				"/v3/inventory/items?variant_id:in=9001,9002", "/v2/orders?status_id=5", "/v2/orders?min_date_modified=2026-01-01T00:00:00Z",
				"/v2/orders?page=99", "/v3/catalog/variants?page=99", "/v3/catalog/variants?limit=0"} {
				get(t, base+"/stores/abc123"+more)
			}
			for _, path := range []string{"/catalog/products", "/catalog/variants", "/catalog/brands", "/inventory/items",
				"/settings/inventory", "/orders", "/store", "/catalog/products date_modified:min"} {
				if paths[path] == 0 {
					t.Errorf("no request for %s was checked: %v", path, paths)
				}
			}
			if name == "the sample" { // which has enough products and orders for several pages
				for _, path := range []string{"/catalog/products id:greater", "/catalog/products page", "/inventory/items page", "/orders min_id"} {
					if paths[path] == 0 {
						t.Errorf("no request for %s was checked: %v", path, paths)
					}
				}
			}
		})
	}
}

func get(t *testing.T, address string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Auth-Token", secret)
	r.Header.Set("Accept", "application/json")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
}
