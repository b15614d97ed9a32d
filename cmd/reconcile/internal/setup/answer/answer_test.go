package answer_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/setup/answer"
)

// paths returns the fields of a proposal as text: sku=$.sku parent:name=$.title price=$.cents/2 qoh=$.stock?
func paths(p *answer.Proposal) string {
	var words []string
	for _, f := range p.Fields {
		word := f.Name + "=" + f.Path
		if f.Parent {
			word = "parent:" + word
		}
		if f.Digits > 0 {
			word += "/2"
		}
		if f.Optional {
			word += "?"
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}

// TestLook looks at answers as platforms give them.
func TestLook(t *testing.T) {
	for _, c := range []struct {
		why, body    string
		header       http.Header
		items, paths string
		page         answer.Page
		options      *answer.Options
	}{
		{why: "variants with their product, prices as texts", items: "$.variants[*]",
			body: `{"count": 90, "variants": [
				{"id": "v1", "sku": "A-1", "product": {"id": "p1", "title": "Bell"}, "prices": [], "inventory_quantity": 3, "barcode": "123", "updated_at": "2026-01-01"},
				{"id": "v2", "sku": "A-2", "product": {"id": "p1", "title": "Bell"}, "prices": [], "inventory_quantity": null, "barcode": null, "updated_at": "2026-01-01"}]}`,
			paths: "sku=$.sku name=$.product.title qoh=$.inventory_quantity upc=$.barcode id=$.id modified_at=$.updated_at",
			page:  answer.Page{Type: "none", Size: 2, Total: "$.count", Key: "$.id"}},
		{why: "prices as WooCommerce has them, and its header", items: "$[*]", header: http.Header{"X-Wp-Total": {"40"}},
			body: `[{"id": 7, "sku": "", "name": "Bell", "price": "9.50", "regular_price": "10.50", "sale_price": "9.50", "stock_quantity": null, "manage_stock": true, "permalink": "https://x.example/7", "attributes": []},
				{"id": 8, "sku": "B-1", "name": "Drum", "price": "20", "regular_price": "20", "sale_price": "", "stock_quantity": 4, "manage_stock": true, "permalink": "https://x.example/8", "attributes": []}]`,
			paths: "sku=$.sku name=$.name price=$.price sale_price=$.sale_price qoh=$.stock_quantity tracked=$.manage_stock id=$.id url=$.permalink",
			page:  answer.Page{Type: "none", Size: 2, TotalHeader: "X-WP-Total", Key: "$.id"}},
		{why: "what some items lack; members that are no names; a cursor that is a number", items: "$['the list'][*]",
			body:  `{"the list": [{"item no": "A", "qty": 1, "price-cents": 150}, {"item no": "B", "price-cents": 250}], "next_cursor": 12, "has_more": true}`,
			paths: "sku=$['item no'] price=$['price-cents']/2 qoh=$.qty?",
			page:  answer.Page{Type: "cursor", Size: 2, Cursor: "$.next_cursor", More: "$.has_more"}},
		{why: "an address of the next page; options in a list", items: "$.data[*]",
			body:    `{"data": [{"sku": "A", "product_id": 1, "option_values": [{"option_display_name": "Size", "label": "M"}]}, {"sku": "B", "product_id": 1, "option_values": []}], "meta": {"next": "?page=2"}}`,
			paths:   "sku=$.sku",
			page:    answer.Page{Type: "link", Size: 2, Next: "$.meta.next"},
			options: &answer.Options{Each: "$.option_values[*]", Name: "$.option_display_name", Value: "$.label", Parent: "$.product_id"}},
		{why: "options in an object; a list of something else is longer", items: "$.wares[*]",
			body:  `{"wares": [{"sku": "A", "options": {"Size": "M"}}], "categories": [{"id": 1}, {"id": 2}, {"id": 3}]}`,
			paths: "sku=$.sku options=$.options", page: answer.Page{Type: "none", Size: 1}},
		{why: "variants by their name, with a code that may be the SKU", items: "$.variants[*]",
			body:  `{"articles": [{"ref": "a1", "headline": "Bag", "variants": [{"ref": "v", "code": "T-1"}, {"ref": "w", "code": "T-2"}]}], "after": "c20"}`,
			paths: "sku=$.code", page: answer.Page{Type: "cursor", Size: 1, Cursor: "$.after"}},
		{why: "a price that is no number, a stock that is a text", items: "$[*]",
			body:  `[{"sku": "A", "price": "CAD 1.50", "stock": "3"}, {"sku": "B", "price": "2", "stock": "4"}]`,
			paths: "sku=$.sku qoh=$.stock", page: answer.Page{Type: "none", Size: 2}},
	} {
		t.Run(c.why, func(t *testing.T) {
			p, err := answer.Look([]byte(c.body), c.header, nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{c.items, c.paths}, []string{p.Items, paths(p)}); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(c.page, p.Page); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(c.options, p.Options); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestSaid says that a person's paths go before what would be proposed.
func TestSaid(t *testing.T) {
	p, err := answer.Look([]byte(`[{"sku": "A", "code": "B", "name": "Bell", "price": 1}]`), nil, map[string]string{"sku": "$.code", "price": "", "season": "$.sku"})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := paths(p), "sku=$.code name=$.name season=$.sku"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestNoList says what is said of answers without a list.
func TestNoList(t *testing.T) {
	for body, want := range map[string]string{
		`{"message": "soon"}`: `it is an object with the members ["message"]`,
		`[1, 2]`:              "it is an array of 2",
		`"soon"`:              "it is no list and no object",
		`{"items": []}`:       "no list of objects",
		"<html>":              "a web page, where JSON is expected",
		"{":                   "not JSON",
	} {
		if _, err := answer.Look([]byte(body), nil, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want an error with %q", body, err, want)
		}
	}
}

// FuzzLook looks at whatever comes. What it proposes has a list, and entries.
func FuzzLook(f *testing.F) {
	f.Add([]byte(`{"products": [{"id": 1, "variants": [{"sku": "A", "price": {"amount": "1.5"}}]}], "count": 3, "next": "/p?page=2"}`))
	f.Add([]byte(`[{"sku": 1, "options": [{"name": "Size", "value": "M"}]}]`))
	f.Add([]byte(`{"a": {"b": {"c": [{"number": "1"}, {"number": "2"}]}}, "next_cursor": 5}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		p, err := answer.Look(body, http.Header{"X-Total": {"5"}}, nil)
		if err != nil {
			return
		}
		if !strings.HasPrefix(p.Items, "$") || !strings.HasSuffix(p.Items, "[*]") || len(p.Entries(body)) == 0 {
			t.Errorf("items %q, %d entries", p.Items, len(p.Entries(body)))
		}
		p.Total(body)
		p.Cursor(body)
	})
}
