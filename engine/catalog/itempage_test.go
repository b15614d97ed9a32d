package catalog_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

var pageFields = catalog.MustSchema(catalog.Field{Name: "sku", Type: catalog.String}, catalog.Field{Name: "id", Type: catalog.String},
	catalog.Field{Name: "number", Type: catalog.Number}, catalog.Field{Name: "visible", Type: catalog.Bool})

// TestItemPageRefused holds what is no address of a page against the words that refuse it.
func TestItemPageRefused(t *testing.T) {
	for text, want := range map[string]string{
		"":                                                   "https://",
		"javascript:alert({id})":                             "https://",
		"JavaScript://x.example/{id}":                        "https://",
		"data:text/html,{id}":                                "https://",
		"//x.example/{id}":                                   "https://",
		"/products/{id}":                                     "https://",
		"https:///{id}":                                      "a host",
		"https:x.example/{id}":                               "a host",
		"https://:443/{id}":                                  "a host",
		"{id}":                                               "https://",
		"{id}://x.example/":                                  "https://",
		"https://{id}.example/":                              "a host",
		"https://x.example{id}":                              "in its host",
		"https://x.example:{id}/":                            "in its host",
		"https://me:word@x.example/{id}":                     "user's name",
		"https://me@{id}/":                                   "a host",
		"https://x.example/{id":                              "braces",
		"https://x.example/id}":                              "braces",
		"https://x.example/{}":                               "braces",
		"https://x.example/{a b}":                            "braces",
		"https://x.example/{{id}}":                           "braces",
		"https://x.example/":                                 "0 fields",
		"https://x.example/ {id}":                            "character",
		"https://x.example/{id}%zz":                          "not an address",
		"https://x.example/\"{id}":                           "character",
		"https://x.example\\y/{id}":                          "character",
		"https://x.example/\u202e{id}":                       "character",
		"https://x\u0430.example/{id}":                       "character",
		"https://x.example/\n{id}":                           "character",
		"https://x.example/{a}{b}{c}{d}{e}{f}{g}{h}{i}":      "9 fields",
		"https://x.example/{id}" + strings.Repeat("a", 2000): "2022 characters",
	} {
		if _, err := catalog.ParseItemPage(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
	for text, want := range map[string]string{
		"https://x.example/{ide}":     `"ide"`,
		"https://x.example/{visible}": "a bool",
	} {
		page, err := catalog.ParseItemPage(text)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = pageFields.WithItemPage(page); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
}

// TestItemPageLink has values that would lead elsewhere lead nowhere else.
func TestItemPageLink(t *testing.T) {
	number, err := catalog.ParseDecimal("12.50")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		page, id string
		want     string
	}{
		{"https://x.example/products/{id}/edit", "7", "https://x.example/products/7/edit"},
		{"http://x.example:8080/{id}?by={number}#{id}", "a b", "http://x.example:8080/a%20b?by=12.5#a%20b"},
		{"https://x.example?sku={id}&all=1", "a&b=c #d+e", "https://x.example?sku=a%26b%3Dc+%23d%2Be&all=1"},
		{"https://x.example/#/items/{id}", "a/b", "https://x.example/#/items/a%2Fb"},
		{"https://x.example/{id}", "/evil.example", "https://x.example/%2Fevil.example"},
		{"https://x.example/{id}", "?a#b\"<'\n\\", "https://x.example/%3Fa%23b%22%3C%27%0A%5C"},
		{"https://x.example/{id}", "Ü", "https://x.example/%C3%9C"},
		{"https://x.example/{id}", "", ""},
		{"https://x.example/{id}", " \t", ""},
		{"https://x.example/a/{id}/b", "..", ""},
		{"https://x.example/a/{id}/b", ".", ""},
		{"https://x.example/a/{id}{id}", ".", ""},
		{"https://x.example/a?of={id}", "..", "https://x.example/a?of=.."},
		{"https://x.example/{id}", "a\xff", ""},
		{"https://x.example/{id}", strings.Repeat("a", 2000), ""},
		{"https://x.example/{other}", "7", ""},
	} {
		page, err := catalog.ParseItemPage(c.page)
		if err != nil {
			t.Fatalf("%s: %v", c.page, err)
		}
		got := page.Link(func(field string) catalog.Value {
			switch field {
			case "id":
				return catalog.StringValue(c.id)
			case "number":
				return catalog.NumberValue(number)
			}
			return catalog.Value{}
		})
		if got != c.want {
			t.Errorf("%s with %q: got %q, want %q", c.page, c.id, got, c.want)
		}
		if u, err := url.Parse(got); got != "" && (err != nil || u.Host != page.Host()) {
			t.Errorf("%s with %q leads to %v, %v", c.page, c.id, u, err)
		}
	}
}

// TestItemPageOfSchema keeps the page with the fields that it is made of, and only with these.
func TestItemPageOfSchema(t *testing.T) {
	page, err := catalog.ParseItemPage("https://x.example/{id}")
	if err != nil {
		t.Fatal(err)
	}
	schema, err := pageFields.WithItemPage(page)
	if err != nil {
		t.Fatal(err)
	}
	for names, want := range map[string]bool{"sku id": true, "sku": false} {
		some, err := schema.Select(strings.Fields(names))
		if err != nil || (some.ItemPage() == page) != want {
			t.Errorf("%s: %v, %v", names, some.ItemPage(), err)
		}
	}
	if pageFields.ItemPage() != nil {
		t.Error("the fields themselves were changed")
	}
}
