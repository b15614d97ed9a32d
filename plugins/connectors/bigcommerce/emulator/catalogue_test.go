package emulator

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	for _, c := range []struct{ name, text, problem string }{
		{"least", `{"products": [{"sku": "A", "name": "A", "price": 1.10}]}`, ""},
		{"levels", `{"locations": [{"id": 1}, {"id": 2}], "products": [{"sku": "A", "stock": {"1": 3, "2": {"on_hand": 5, "safety_stock": 2}}}]}`, ""},
		{"no JSON", `products`, "invalid character"},
		{"an unknown field", `{"product": []}`, `unknown field "product". Did you mean "products"? The fields are: store, locations, brands, products, orphans, orders`},
		{"one further down", `{"products": [{"sku": "A"}, {"sku": "B", "variants": [{"skuu": "C"}]}]}`, `products[1].variants[0]: unknown field "skuu". Did you mean "sku"? The fields are: id, sku, options,`},
		{"one of a level", `{"products": [{"sku": "A", "stock": {"1": {"onhand": 5}}}]}`, `unknown field "onhand". Did you mean "on_hand"? The fields are: on_hand, safety_stock, untold`},
		{"a location that there is not", `{"products": [{"sku": "A", "stock": {"2": 5}}]}`, `product "A": stock at location 2, which is none of the store's: 1 (Main)`},
		{"nor for a variant", `{"locations": [{"id": 3, "name": "Shop"}], "products": [{"sku": "A", "variants": [{"sku": "B", "stock": {"1": 5}}]}]}`,
			`product "A", variant "B": stock at location 1, which is none of the store's: 3 (Shop)`},
		{"a disabled location, and stock that is not told", `{"locations": [{"id": 1, "name": "Main"}, {"id": 2, "name": "Old", "disabled": true}],
			"products": [{"sku": "A", "stock": {"1": 3, "2": "untold"}}, {"sku": "B", "stock": "untold"}]}`, ""},
		{"a stock that is none", `{"products": [{"sku": "A", "stock": "many"}]}`, "stock \"many\""},
		{"a location that is none", `{"products": [{"sku": "A", "stock": {"here": 1}}]}`, `"here" is not a location's id`},
		{"more", `{} {}`, "more than one"},
		{"tracking", `{"products": [{"sku": "A", "tracking": "yes"}]}`, `product "A": tracking "yes"`},
		{"a status", `{"orders": [{"id": 3, "status": "Done"}]}`, `order 3: there is no status "Done"`},
		{"a date", `{"orders": [{"id": 3, "status": "0", "created": "yesterday"}]}`, "order 3: parsing time"},
		{"a product's date", `{"products": [{"sku": "A", "modified": "2026-01-01"}]}`, `product "A": modified`},
	} {
		t.Run(c.name, func(t *testing.T) {
			catalogue, err := Parse(strings.NewReader(c.text))
			if err == nil {
				_, err = New(catalogue)
			}
			if c.problem == "" && err != nil || c.problem != "" && (err == nil || !strings.Contains(err.Error(), c.problem)) {
				t.Errorf("error %v, want %q", err, c.problem)
			}
		})
	}
}

// TestWrittenCatalogueReadsTheSame keeps the JSON form complete: what a server completed can be stored and served again.
func TestWrittenCatalogueReadsTheSame(t *testing.T) {
	first, err := Sample()
	if err != nil {
		t.Fatal(err)
	}
	a := serve(t, first)
	text, err := json.Marshal(first)
	if err != nil {
		t.Fatal(err)
	}
	second, err := Parse(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	b := serve(t, second)
	for _, path := range []string{"/v3/catalog/products?limit=250&include=variants", "/v3/catalog/brands", "/v3/inventory/items?limit=1000",
		"/v2/orders?include=consignments.line_items&consignment_structure=object", "/v2/store", "/v3/settings/inventory"} {
		if diff := cmp.Diff(ask(a, path).Body.String(), ask(b, path).Body.String()); diff != "" {
			t.Errorf("%s:\n%s", path, diff)
		}
	}
}
