package examples

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestTypeScriptAnswers has the connector that plugin new writes read from shops that answer something else than products:
// all products, or an error that says what is missing. The one in Go has a test of its own.
func TestTypeScriptAnswers(t *testing.T) {
	file := built(t, ".", "src/main.ts")
	const two = `{"products": [{"sku": "A", "name": "Bell", "price": 10.10, "stock": null}, {"sku": "B", "name": "Lamp", "price": null, "stock": 5}], "total": 2}`
	var body string
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) }))
	defer shop.Close()
	p, problems := start(t, file, fmt.Sprintf(`{"url": %q, "token": "t"}`, shop.URL))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	for _, c := range []struct{ name, body, want string }{
		{"well", two, ""},
		{"no next page", strings.Replace(two, `"total"`, `"next": null, "total"`, 1), ""},
		{"an empty object", "{}", `the shop's answer lacks a list of products, and it begins with "{}"`},
		{"null", "null", "not the JSON object that was expected"},
		{"an array", "[]", "not the JSON object that was expected"},
		{"maintenance", `{"error": "maintenance"}`, "lacks a list of products"},
		{"products that are none", `{"products": null, "total": 0}`, "lacks a list of products"},
		{"products that are no list", `{"products": {}, "total": 0}`, "lacks a list of products"},
		{"no total", strings.Replace(two, `, "total": 2`, "", 1), "lacks a total"},
		{"a product short", strings.Replace(two, `"total": 2`, `"total": 3`, 1), "the shop has 3 products, but its pages held 2"},
		{"in a circle", strings.Replace(two, `"total"`, `"next": 0, "total"`, 1), "leads back to product 0"},
		{"a page for people", "<html>We are back soon", `not the JSON that was expected`},
		{"nothing", "", "not the JSON that was expected"},
		{"cut short", two[:40], "not the JSON that was expected"},
		{"something behind it", two + two, "not the JSON that was expected"},
		{"a number that was rounded", strings.Replace(two, "10.10", "12345678901234567890", 1), "a whole number that a number holds only rounded"},
	} {
		t.Run(c.name, func(t *testing.T) {
			body = c.body
			got, err := read(t.Context(), t, p, &news{}, "sku", "price", "qoh")
			if c.want != "" {
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("got %v, want an error with %q", err, c.want)
				}
				return
			}
			if diff := cmp.Diff([]string{`["A",10.1,null]`, `["B",null,5]`}, got); err != nil || diff != "" {
				t.Error(err, diff)
			}
		})
	}
	body = `{"products": [], "total": 0}`
	if got, err := read(t.Context(), t, p, &news{}, "sku"); err != nil || len(got) != 0 {
		t.Errorf("an empty shop: %v, %v", got, err)
	}
	if _, err := p.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "lacks a name") {
		t.Errorf("check: %v", err)
	}
}
