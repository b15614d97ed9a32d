package emulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// now is the time at which the tests' servers stand still.
var now = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func serve(t *testing.T, c *Catalog, options ...Option) *Server {
	t.Helper()
	s, err := New(c, append([]Option{WithClock(func() time.Time { return now })}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// ask requests a path below the store.
func ask(s *Server, path string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, "/stores/"+DefaultStoreHash+path, nil)
	r.Header.Set("X-Auth-Token", DefaultAccessToken)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// list is a V3 answer.
type list struct {
	Data []map[string]any
	Meta struct {
		Pagination struct {
			Total       int
			Count       int
			PerPage     int               `json:"per_page"`
			CurrentPage int               `json:"current_page"`
			TotalPages  int               `json:"total_pages"`
			Links       map[string]string `json:"links"`
		}
	}
}

func askList(t *testing.T, s *Server, path string) list {
	t.Helper()
	w := ask(s, path)
	var l list
	if err := json.Unmarshal(w.Body.Bytes(), &l); err != nil || w.Code != http.StatusOK {
		t.Fatalf("%s: %d %s: %v", path, w.Code, w.Body, err)
	}
	return l
}

func (l list) skus() (skus []string) {
	for _, entry := range l.Data {
		skus = append(skus, fmt.Sprint(entry["sku"]))
	}
	return skus
}

// shop has three products: P1, P2 with two variants, and P3, whose stock is not tracked.
func shop() *Catalog {
	return &Catalog{Products: []*Product{
		{SKU: "P1", Name: "C", Brand: "Acme", Modified: "2026-03-01T00:00:00Z", Stock: Units(4)},
		{SKU: "P2", Name: "B", Brand: "ACME", Modified: "2026-03-04T11:00:00Z", Variants: []*Variant{
			{SKU: "V1", Options: map[string]string{"Size": "S"}, Stock: Stock{1: {OnHand: 5, SafetyStock: 2}}},
			{SKU: "V2", Options: map[string]string{"Size": "M"}}}},
		{SKU: "P3", Name: "A", Brand: "Other", Modified: "2026-03-04T13:00:00Z", Tracking: "none"},
	}, Orphans: []*Variant{{SKU: "GHOST"}}, Orders: []*Order{
		{ID: 7, Status: "Cancelled", Lines: []*Line{{SKU: "V1", Quantity: 2}}},
		{ID: 5, Status: "11", Lines: []*Line{{SKU: "P1", Quantity: 1}}}}}
}

func TestLists(t *testing.T) {
	s := serve(t, shop())
	for _, c := range []struct {
		path string
		want []string
	}{
		{"/v3/catalog/products", []string{"P1", "P2", "P3"}},
		{"/v3/catalog/products?limit=2&page=2", []string{"P3"}},
		{"/v3/catalog/products?page=9", nil},
		{"/v3/catalog/products?sort=name", []string{"P3", "P2", "P1"}},
		{"/v3/catalog/products?sort=id&direction=desc", []string{"P3", "P2", "P1"}},
		{"/v3/catalog/products?id:greater=100", []string{"P2", "P3"}},
		{"/v3/catalog/products?id:min=101&id:max=101", []string{"P2"}},
		{"/v3/catalog/products?id:less=102", []string{"P1", "P2"}},
		{"/v3/catalog/products?id:min=103", nil},
		{"/v3/catalog/products?id:in=100,102,999", []string{"P1", "P3"}},
		{"/v3/catalog/products?sku:in=P1,V1", []string{"P1"}}, // a variant's SKU is not the product's
		{"/v3/catalog/products?date_modified:min=2026-03-04T11:00:00Z", []string{"P2", "P3"}},
		{"/v3/catalog/products?date_modified:min=2026-03-04", []string{"P3"}}, // at the present time of day, noon
		{"/v3/catalog/variants", []string{"P1", "V1", "V2", "P3", "GHOST"}},
		{"/v3/catalog/variants?product_id:in=101", []string{"V1", "V2"}},
		{"/v3/catalog/variants?product_id:in=0", []string{"GHOST"}},
		{"/v3/catalog/variants?sku=V2", []string{"V2"}},
	} {
		t.Run(c.path, func(t *testing.T) {
			if diff := cmp.Diff(c.want, askList(t, s, c.path).skus()); diff != "" {
				t.Errorf("SKUs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPaging(t *testing.T) {
	c := &Catalog{}
	for i := range 300 {
		c.Products = append(c.Products, &Product{SKU: fmt.Sprint(i), Name: fmt.Sprint(i), Stock: Units(1)})
	}
	s := serve(t, c)
	for _, c := range []struct {
		path                         string
		count, perPage, pages, total int
		links                        string
	}{
		{"/v3/catalog/products", 50, 50, 6, 300, "current next"},
		{"/v3/catalog/products?limit=1000", 250, 250, 2, 300, "current next"},
		{"/v3/catalog/products?limit=250&page=2", 50, 250, 2, 300, "current previous"},
		{"/v3/catalog/products?limit=250&include=variants", 250, 250, 2, 300, "current next"},
		{"/v3/catalog/products?limit=250&include=variants,options", 10, 10, 30, 300, "current next"},
		{"/v3/catalog/products?limit=250&page=3", 0, 250, 2, 300, "current previous"},
		{"/v3/inventory/items?limit=5000", 300, 1000, 1, 300, "current"},
	} {
		t.Run(c.path, func(t *testing.T) {
			l := askList(t, s, c.path)
			p := l.Meta.Pagination
			var links []string
			for name := range p.Links {
				links = append(links, name)
			}
			slices.Sort(links)
			if len(l.Data) != c.count || p.Count != c.count || p.PerPage != c.perPage || p.TotalPages != c.pages || p.Total != c.total ||
				strings.Join(links, " ") != c.links {
				t.Errorf("%d entries, %+v, want %+v", len(l.Data), p, c)
			}
		})
	}
}

func TestIncluded(t *testing.T) {
	s := serve(t, shop())
	got := askList(t, s, "/v3/catalog/products?include_fields=name,base_variant_id&include=variants").Data
	keys := func(m map[string]any) (names []string) {
		for name := range m {
			names = append(names, name)
		}
		slices.Sort(names)
		return names
	}
	if diff := cmp.Diff([]string{"base_variant_id", "id", "name", "variants"}, keys(got[0])); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
	if got[0]["base_variant_id"] == nil || got[1]["base_variant_id"] != nil {
		t.Errorf("base variants %v and %v, want one for the simple product only", got[0]["base_variant_id"], got[1]["base_variant_id"])
	}
	base, real := got[0]["variants"].([]any)[0].(map[string]any), got[1]["variants"].([]any)[0].(map[string]any)
	if base["sku"] != "P1" || base["sku_id"] != nil || base["price"] != nil || real["sku_id"] == nil || len(real["option_values"].([]any)) != 1 {
		t.Errorf("variants %v\nand %v", base, real)
	}
	brands := askList(t, s, "/v3/catalog/brands?include_fields=name").Data
	want := []map[string]any{{"id": 10.0, "name": "Acme"}, {"id": 11.0, "name": "Other"}} // in spite of ACME
	if diff := cmp.Diff(want, brands); diff != "" {
		t.Errorf("brands (-want +got):\n%s", diff)
	}
}

func TestInventory(t *testing.T) {
	c := shop()
	c.Locations = []*Location{{ID: 1, Name: "Main"}, {ID: 2, Name: "Annex"}}
	c.Products[0].Stock[2] = Level{OnHand: 3}
	var got []string
	for _, entry := range askList(t, serve(t, c), "/v3/inventory/items").Data {
		line := fmt.Sprint(entry["identity"].(map[string]any)["sku"])
		for _, l := range entry["locations"].([]any) {
			l := l.(map[string]any)
			line += fmt.Sprintf(" %v:%v/%v", l["location_id"], l["available_to_sell"], l["total_inventory_onhand"])
		}
		got = append(got, line)
	}
	want := []string{"P1 1:4/4 2:3/3", "V1 1:3/5", "V2 1:0/0"} // P3 is not tracked
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("items (-want +got):\n%s", diff)
	}
}

func TestOrders(t *testing.T) {
	s := serve(t, shop())
	for _, c := range []struct{ path, want string }{
		{"/v2/orders", "5 7"},
		{"/v2/orders?min_id=6", "7"},
		{"/v2/orders?status_id=11", "5"},
		{"/v2/orders?limit=1&page=2", "7"},
	} {
		var got []struct{ ID int }
		if err := json.Unmarshal(ask(s, c.path).Body.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, o := range got {
			ids = append(ids, fmt.Sprint(o.ID))
		}
		if strings.Join(ids, " ") != c.want {
			t.Errorf("%s: %v, want %s", c.path, ids, c.want)
		}
	}
	if w := ask(s, "/v2/orders?min_id=8"); w.Code != http.StatusNoContent || w.Body.Len() > 0 {
		t.Errorf("no orders: %d %q, want 204 and nothing", w.Code, w.Body)
	}
	lines := `"line_items":[{`
	if w := ask(s, "/v2/orders"); strings.Contains(w.Body.String(), lines) {
		t.Error("lines are there without having been asked for")
	}
	if w := ask(s, "/v2/orders?include=consignments.line_items&consignment_structure=object"); !strings.Contains(w.Body.String(), lines) {
		t.Errorf("lines are missing: %s", w.Body)
	}
}

func TestErrors(t *testing.T) {
	s := serve(t, shop(), WithoutScope("store_v2_orders_read_only"))
	for _, c := range []struct {
		name, path, token string
		status            int
		body              string // how it begins
	}{
		{"wrong token, V3", "/stores/sandbox/v3/catalog/products", "x", 401, `{"errors":{},"status":401,"title":`},
		{"wrong token, V2", "/stores/sandbox/v2/store", "x", 401, `[{"message":"Unauthorized","status":401}]`},
		{"wrong hash", "/stores/other/v3/catalog/products", DefaultAccessToken, 404, `{`},
		{"missing scope", "/stores/sandbox/v2/orders", DefaultAccessToken, 403, `[{"message":"You don't have a required scope`},
		{"unknown path", "/stores/sandbox/v3/catalog/summary", DefaultAccessToken, 404, `{`},
		{"unknown parameter", "/stores/sandbox/v3/catalog/products?colour=red", DefaultAccessToken, 422, `{"errors":{"colour":`},
		{"no number", "/stores/sandbox/v3/catalog/products?id:in=1,x", DefaultAccessToken, 422, `{"errors":{"id:in":`},
		{"no page", "/stores/sandbox/v3/inventory/items?page=0", DefaultAccessToken, 422, `{"errors":{"page":`},
		{"unknown include", "/stores/sandbox/v3/catalog/products?include=brand", DefaultAccessToken, 422, `{"errors":{"include":`},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, c.path, nil)
			r.Header.Set("X-Auth-Token", c.token)
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if w.Code != c.status || !strings.HasPrefix(w.Body.String(), c.body) {
				t.Errorf("%d %s, want %d %s…", w.Code, w.Body, c.status, c.body)
			}
		})
	}
}

func TestQuota(t *testing.T) {
	at := now
	s := serve(t, shop(), WithQuota(2, 10*time.Second), WithClock(func() time.Time { return at }))
	for i, c := range []struct {
		pass                    time.Duration
		status                  int
		left, reset, retryAfter string
	}{
		{0, 200, "1", "10000", ""},
		{4 * time.Second, 200, "0", "6000", ""},
		{500 * time.Millisecond, 429, "0", "5500", "6"},
		{5500 * time.Millisecond, 200, "1", "10000", ""},
	} {
		at = at.Add(c.pass)
		w := ask(s, "/v2/store")
		h := w.Header()
		if w.Code != c.status || h.Get("X-Rate-Limit-Requests-Left") != c.left || h.Get("X-Rate-Limit-Time-Reset-Ms") != c.reset ||
			h.Get("X-Retry-After") != c.retryAfter || h.Get("X-Rate-Limit-Requests-Quota") != "2" || h.Get("X-Rate-Limit-Time-Window-Ms") != "10000" {
			t.Errorf("request %d: %d, %v", i+1, w.Code, h)
		}
	}
}

func TestListen(t *testing.T) {
	running, err := serve(t, shop()).Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, running.URL+"/stores/sandbox/v2/store", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Auth-Token", DefaultAccessToken)
	response, err := http.DefaultClient.Do(r)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%v, %v", response, err)
	}
	_ = response.Body.Close()
	if err := running.Close(); err != nil {
		t.Error(err)
	}
	if _, err := http.DefaultClient.Do(r); err == nil {
		t.Error("it still answers")
	}
}
