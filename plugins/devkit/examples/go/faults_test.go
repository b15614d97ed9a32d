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
	shop := &Shop{URL: server.URL}
	if got, err := sdktest.ReadFrom(t.Context(), shop, "sku"); len(got.Items) != 0 || err != nil {
		t.Errorf("%q, %v", got.Items, err)
	}
	if _, err := shop.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "GET /shop: the shop's answer lacks a name") {
		t.Errorf("got %v", err)
	}
}

// TestAnswers holds what integrators begin with to what the documentation asks of them: all products or an error that
// says what to do.
func TestAnswers(t *testing.T) {
	const two = `{"products": [{"sku": "A", "price": 10.10, "stock": null}, {"sku": "B"}], "total": 2}`
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
		{"busy for ever", busy(1000), "GET /products?after=0: the shop answered 429 Too Many Requests"},
		{"down", says(503, ""), "GET /products?after=0: the shop answered 503 Service Unavailable"},
		{"wrong token", says(401, ""), "check the token"},
		{"no such page", says(404, ""), "the shop answered 404 Not Found"},
		{"a page for people", says(200, "<html>We are back soon"), `not the JSON that was expected: invalid character '<' looking for beginning of value; it begins with "<html>We are back soon"`},
		{"nothing", says(200, ""), "not the JSON that was expected"},
		{"cut short", says(200, two[:40]), "not the JSON that was expected"},
		{"something behind it", says(200, two+two), "not the JSON that was expected"},
		{"an empty object", says(200, "{}"), `the shop's answer lacks a list of products, and begins with "{}"`},
		{"null", says(200, "null"), "lacks a list of products"},
		{"maintenance", says(200, `{"error": "maintenance"}`), `lacks a list of products, and begins with "{\"error\": \"maintenance\"}"`},
		{"an array", says(200, "[]"), "not the JSON that was expected"},
		{"products that are none", says(200, `{"products": null, "total": 0}`), "lacks a list of products"},
		{"products that are no list", says(200, `{"products": {}, "total": 0}`), "not the JSON that was expected"},
		{"a product short", says(200, strings.Replace(two, `"total": 2`, `"total": 3`, 1)), "the shop has 3 products, but its pages held 2"},
		{"in a circle", says(200, strings.Replace(two, `"total": 2`, `"total": 2, "next": 7`, 1)), "GET /products?after=7: the shop leads back to product 7"},
		{"no total", says(200, strings.Replace(two, `, "total": 2`, "", 1)), "lacks a total"},
		{"a total that is none", says(200, strings.Replace(two, `"total": 2`, `"total": null`, 1)), "lacks a total"},
		{"a price that is none", says(200, strings.Replace(two, "10.10", `"ten"`, 1)), "not the JSON that was expected"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := httptest.NewServer(tt.shop)
			defer server.Close()
			shop := &Shop{URL: server.URL, Token: "t"}
			got, err := sdktest.ReadFrom(t.Context(), shop, "sku", "price")
			if tt.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				if busy := tt.name == "busy for a while"; busy != (len(got.Waits) == 4) {
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
			if err != nil && strings.Contains(err.Error(), "Bearer") {
				t.Errorf("the error tells of the token: %v", err)
			}
		})
	}
}
