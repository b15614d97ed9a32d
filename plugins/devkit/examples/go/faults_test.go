package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/plugins/sdk/sdktest"
)

// TestEmptyShop says that a shop without products is read, and that Check looks at what it gets.
func TestEmptyShop(t *testing.T) {
	body := `{"products": [], "total": 0}`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) }))
	defer server.Close()
	shop := newShop(t, server.URL)
	if got, err := sdktest.ReadFrom(t.Context(), shop, "sku"); len(got.Items) != 0 || err != nil {
		t.Errorf("%q, %v", got.Items, err)
	}
	if _, err := shop.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "GET /shop: the answer makes no sense: it has no name after 3 tries") {
		t.Errorf("got %v", err)
	}
}

func newShop(t *testing.T, url string) *Shop {
	t.Helper()
	shop := &Shop{URL: url, Token: "tok-7f3a", clock: &sdktest.Clock{}}
	if err := shop.Configure(t.Context()); err != nil {
		t.Fatal(err)
	}
	return shop
}

// TestAnswers holds what integrators begin with to what the documentation asks of them: all products or an error that
// says what to do.
func TestAnswers(t *testing.T) {
	const two = `{"products": [{"id": 1, "sku": "A", "name": "Bell", "price": 10.10, "stock": null, "options": {}}, {"id": 2, "sku": "B", "name": "", "price": "", "stock": 1, "options": {}}], "total": 2}`
	busy := func(times int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			if times--; times >= 0 {
				w.Header().Set("Retry-After", "0")
				w.WriteHeader(http.StatusTooManyRequests)
				return
			}
			fmt.Fprint(w, two)
		}
	}
	says := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(status)
			fmt.Fprint(w, body)
		}
	}
	tests := []struct {
		name string
		shop http.HandlerFunc
		want string // the error
	}{
		{"well", says(200, two), ""},
		{"busy for a while", busy(4), ""},
		{"busy for ever", busy(1000), "page 1 of GET /products: 429 Too Many Requests after 6 tries"},
		{"down", says(503, ""), "503 Service Unavailable: it is down, or has too much to do after 6 tries"},
		{"wrong token", says(401, ""), "401 Unauthorized: the credentials are wrong or were revoked"},
		{"no such page", says(404, ""), "404 Not Found: there is nothing at this address; check url"},
		{"a page for people", says(200, "<html>We are back soon"), "the answer makes no sense"},
		{"nothing", says(200, ""), "the answer makes no sense"},
		{"cut short", says(200, two[:40]), "the answer makes no sense"},
		{"something behind it", says(200, two+two), "the answer makes no sense"},
		{"an empty object", says(200, "{}"), `it has no "products"`},
		{"null", says(200, "null"), `it has no "products"`},
		{"maintenance", says(200, `{"error": "maintenance"}`), `it has no "products"`},
		{"an array", says(200, "[]"), "the answer makes no sense"},
		{"products that are none", says(200, `{"products": null, "total": 0}`), `it has no "products"`},
		{"products that are no list", says(200, `{"products": {}, "total": 0}`), "the answer makes no sense"},
		{"a product short", says(200, strings.Replace(two, `"total": 2`, `"total": 3`, 1)), "the API says there are 3 entries but gave 2 different ones"},
		{"in a circle", says(200, strings.Replace(two, `"total": 2`, `"total": 2, "next": 7`, 1)), "page 2 has nothing that did not come before"},
		{"no total", says(200, strings.Replace(two, `, "total": 2`, "", 1)), `it has no "total"`},
		{"a total that is none", says(200, strings.Replace(two, `"total": 2`, `"total": null`, 1)), `it has no "total"`},
		{"a price that is none", says(200, strings.Replace(two, "10.10", `"ten"`, 1)), `entry "1": "price": "ten" is not a decimal number`},
		{"no price", says(200, strings.Replace(two, `"price": 10.10, `, "", 1)), `entry "1": it has no "price"`},
		{"no options", says(200, strings.Replace(two, `, "options": {}}, {`, "}, {", 1)), `entry "1": it has no "options"`},
		{"options that are null", says(200, strings.Replace(two, "{}", "null", 1)), `entry "1": "options" is null, where an object is expected`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			mux := http.NewServeMux()
			mux.HandleFunc("/shop", says(200, `{"name": "Bells", "currency": "CAD"}`))
			mux.Handle("/", tt.shop)
			server := httptest.NewServer(mux)
			defer server.Close()
			got, err := sdktest.ReadFrom(t.Context(), newShop(t, server.URL), "sku", "price")
			if tt.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				if busy := tt.name == "busy for a while"; busy != (len(got.Waits) > 0) {
					t.Errorf("it tells of %d waits: %q", len(got.Waits), got.Waits)
				}
				if diff := cmp.Diff([]string{"A", "B"}, got.Texts["sku"]); diff != "" {
					t.Error(diff)
				}
				if diff := cmp.Diff([]string{"10.1", ""}, got.Texts["price"]); diff != "" {
					t.Error(diff)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error with %q", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "tok-7f3a") {
				t.Errorf("the error tells of the token: %v", err)
			}
		})
	}
}
