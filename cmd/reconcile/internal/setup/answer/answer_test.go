package answer_test

import (
	"fmt"
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

// TestSold finds what is sold within products by a code that may be a SKU, also where a product has no such list; the lists of an item are named.
func TestSold(t *testing.T) {
	body := `{"goods": [
		{"code": "P1", "title": "Bag", "editions": [
			{"code": "B-1", "price": {"amount": "5", "currency": "CAD"}, "stock": [{"place": "north", "units": 2}], "traits": [{"name": "Size", "value": "M"}]},
			{"code": "B-2", "price": {"amount": "6", "currency": "CAD"}, "stock": [{"place": "north", "units": 3}]}]},
		{"code": "P2", "title": "To come", "editions": null},
		{"code": "P3", "title": "Cap", "editions": [{"code": "C-1", "price": {"amount": "7", "currency": "CAD"}, "properties": [{"name": "Size", "value": "M"}]}]}]}`
	p, err := answer.Look([]byte(body), nil, map[string]string{"qoh": "$.stock[*].units"})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := p.Parents+" "+p.Items+" "+paths(p), "$.goods[*] $.editions[*] sku=$.code parent:name=$.title price=$.price.amount qoh=$.stock[*].units?"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if p.Childless != 1 || !p.NoOptions || p.Options == nil || p.Currency != "$.price.currency" {
		t.Errorf("%d without a list, options %v (not all: %v), currency %q", p.Childless, p.Options, p.NoOptions, p.Currency)
	}
	if got, want := strings.Join(p.Unused, " "), "parent:$.code $.stock[*].place $.traits[*].name $.traits[*].value"; got != want {
		t.Errorf("unused are %s, want %s", got, want)
	}
}

// TestSaidList says that a person's list goes before the one that would be found.
func TestSaidList(t *testing.T) {
	body := []byte(`{"skus": [{"sku": "A"}, {"sku": "B"}], "rows": [{"head": "Bag", "parts": [{"no": "1", "code": "X"}]}]}`)
	body2 := []byte(`[{"sku": "A", "facets": [{"f": "Size"}]}, {"sku": "B"}]`)
	if p, err := answer.LookAt(body2, nil, nil, answer.Said{Options: "$.facets[*]"}); err != nil || !p.NoOptions || strings.Join(p.Unused, "") != "" {
		t.Errorf("%v, %+v", err, p)
	}
	for _, c := range []struct{ parents, items, want string }{
		{"", "$.rows[*]", "$.rows[*]"},
		{"$.rows[*]", "$.parts[*]", "$.rows[*] $.parts[*] sku=$.code"},
		{"", "$.nothing[*]", `the answer has no list of objects at $.nothing[*]: it is an object with the members ["rows" "skus"]`},
		{"$.rows[*]", "$.others[*]", "no entry of $.rows[*] has an object at $.others[*]"},
		{"$.skus[*]", "", "the entries of $.skus[*] have no list in which items were found"},
	} {
		p, err := answer.LookAt(body, nil, map[string]string{"name": ""}, answer.Said{Parents: c.parents, Items: c.items})
		got := fmt.Sprint(err)
		if err == nil {
			got = strings.TrimSpace(p.Parents + " " + p.Items + " " + paths(p))
		}
		if !strings.Contains(got, c.want) {
			t.Errorf("%s %s: got %s, want %s", c.parents, c.items, got, c.want)
		}
	}
}

// TestCurrency finds one currency that all items have, and no other word.
func TestCurrency(t *testing.T) {
	for body, want := range map[string]string{
		`[{"sku": "A", "price": 1, "currency": "CAD"}, {"sku": "B", "price": 2, "currency": "CAD"}]`:                    "$.currency",
		`[{"sku": "A", "price": 1, "currency": "CAD"}, {"sku": "B", "price": 2, "currency": "USD"}]`:                    "",
		`[{"sku": "A", "price": 1, "currency": "CAD"}, {"sku": "B", "price": 2}]`:                                       "",
		`[{"sku": "A", "price": 1, "currency": "dollars"}]`:                                                             "",
		`[{"sku": "A", "currency": "CAD"}]`:                                                                             "",
		`[{"sku": "A", "cost": {"amount": 1, "currency_code": "USD"}, "price": {"amount": 2, "currency_code": "CAD"}}]`: "$.price.currency_code",
	} {
		p, err := answer.Look([]byte(body), nil, nil)
		if err != nil || p.Currency != want {
			t.Errorf("%s: %q, %v, want %q", body, p.Currency, err, want)
		}
	}
}

// TestSaidPages says that what a person has said of pages goes before what was found, and takes away what does not go with it.
func TestSaidPages(t *testing.T) {
	found := answer.Page{Type: "cursor", Size: 5, Cursor: "$.next", TotalHeader: "X-Total", Links: true}
	for _, c := range []struct {
		said map[string]string
		want answer.Page
	}{
		{nil, answer.Page{Type: "cursor", Size: 5, Cursor: "$.next", TotalHeader: "X-Total"}},
		{map[string]string{"cursor": "$.meta.c", "cursor_param": "c"}, answer.Page{Type: "cursor", Size: 5, Cursor: "$.meta.c", Param: "c", TotalHeader: "X-Total"}},
		{map[string]string{"next": "$.meta.n", "total": "$.n"}, answer.Page{Type: "link", Size: 5, Next: "$.meta.n", Total: "$.n", Links: true}},
		{map[string]string{"type": "offset", "size": "9"}, answer.Page{Type: "offset", Size: 9, TotalHeader: "X-Total"}},
		{map[string]string{"number_param": "p", "total_header": ""}, answer.Page{Type: "number", Size: 5, Param: "p"}},
		{map[string]string{"type": "none"}, answer.Page{Type: "none", Size: 5, TotalHeader: "X-Total"}},
	} {
		page := found
		page.Say(c.said)
		if diff := cmp.Diff(c.want, page); diff != "" {
			t.Errorf("%v: %s", c.said, diff)
		}
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
