package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// TestFaults holds what integrators begin with to what the documentation asks of them: all products or an error that
// says what to do.
func TestFaults(t *testing.T) {
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
		{"not JSON", says(200, "<html>"), "the shop's answer cannot be read"},
		{"cut short", says(200, two[:40]), "the shop's answer cannot be read"},
		{"a product short", says(200, strings.Replace(two, `"total": 2`, `"total": 3`, 1)), "the shop has 3 products, but its pages held 2"},
		{"in a circle", says(200, strings.Replace(two, `"total": 2`, `"total": 2, "next": 7`, 1)), "GET /products?after=7: the shop leads back to product 7"},
		{"no total", says(200, strings.Replace(two, `, "total": 2`, "", 1)), "the shop has 0 products, but its pages held 2"},
		{"a price that is none", says(200, strings.Replace(two, "10.10", `"ten"`, 1)), "cannot be read"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := httptest.NewServer(tt.shop)
			defer server.Close()
			shop := &Shop{URL: server.URL, Token: "t"}
			var skus, prices []string
			_, err := sdk.ReadAll(t.Context(), shop, sdk.NewReadRequest([]string{"sku", "price"}, nil), func(b *catalog.Batch) error {
				for i := range b.Len() {
					skus = append(skus, b.Column(0).Value(i).Str())
					prices = append(prices, b.Column(1).Value(i).Text())
				}
				return nil
			})
			if tt.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff([]string{"A", "B"}, skus); diff != "" {
					t.Error(diff)
				}
				if diff := cmp.Diff([]string{"10.1", ""}, prices); diff != "" {
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
