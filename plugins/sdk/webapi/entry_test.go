package webapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/plugins/sdk/sdktest"
	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"
)

// TestEntry says what becomes of each kind of member: what is not known is never taken for nothing or zero, and what is absent never passes.
func TestEntry(t *testing.T) {
	number := func(path ...string) func(*webapi.Entry) any {
		return func(e *webapi.Entry) any { return e.Number(path...) }
	}
	text := func(path ...string) func(*webapi.Entry) any {
		return func(e *webapi.Entry) any { return e.Text(path...) }
	}
	given := func(path ...string) func(*webapi.Entry) any {
		return func(e *webapi.Entry) any { return e.Given(path...) }
	}
	sum := func(e *webapi.Entry) any { return e.Sum("depots", "units") }
	options := func(e *webapi.Entry) any { return e.Options("traits", "label", "value") }
	each := func(e *webapi.Entry) any { return len(e.Each("variants")) }
	for _, c := range []struct {
		body string
		take func(*webapi.Entry) any
		want string // as JSON; of an error the text
	}{
		{`{"a": 10.10}`, number("a"), `10.1`},
		{`{"a": "12345678901234567.89"}`, number("a"), `12345678901234567.89`},
		{`{"a": ""}`, number("a"), `null`},
		{`{"a": null}`, number("a"), `null`},
		{`{"a": null}`, number("a", "amount"), `null`},
		{`{"a": {"amount": 5}}`, number("a", "amount"), `5`},
		{`{"a": "ten"}`, number("a"), `"a": "ten" is not a decimal number`},
		{`{"a": true}`, number("a"), `"a" is true, where a number is expected`},
		{`{"b": 1}`, number("a"), `it has no "a"`},
		{`{"a": {}}`, number("a", "amount"), `it has no "a.amount"`},
		{`{"a": 1}`, number("a", "amount"), `"a" is the number 1, where an object is expected`},
		{`{"a": "x"}`, text("a"), `"x"`},
		{`{"a": 4711}`, text("a"), `"4711"`},
		{`{"a": null}`, text("a"), `""`},
		{`{"a": 1.5}`, text("a"), `"a" is the number 1.5, where a text is expected`},
		{`{}`, text("a"), `it has no "a"`},
		{`{"a": true}`, func(e *webapi.Entry) any { return e.Bool("a") }, `true`},
		{`{"a": null}`, func(e *webapi.Entry) any { return e.Bool("a") }, `null`},
		{`{"a": "yes"}`, func(e *webapi.Entry) any { return e.Bool("a") }, `"a" is a text, where true or false is expected`},
		{`{"a": ["x", 2]}`, func(e *webapi.Entry) any { return e.Texts("a") }, `["x","2"]`},
		{`{"a": null}`, func(e *webapi.Entry) any { return e.Texts("a") }, `"a" is null, where a list is expected`},
		{`{"a": [null]}`, func(e *webapi.Entry) any { return e.Texts("a") }, `"a" 1 is null, where a text is expected`},
		{`{"a": {"Size": "L", "Colour": null}}`, func(e *webapi.Entry) any { return e.Map("a") }, `{"Size":"L"}`},
		{`{"a": null}`, func(e *webapi.Entry) any { return e.Map("a") }, `"a" is null, where an object is expected`},
		{`{"a": {"Size": ["L"]}}`, func(e *webapi.Entry) any { return e.Map("a") }, `"a.Size" is an array, where a text is expected`},
		{`{"a": null}`, func(e *webapi.Entry) any { return e.Has("a") }, `false`},
		{`{"a": {"b": 0}}`, func(e *webapi.Entry) any { return e.Has("a", "b") }, `true`},
		{`{"a": "4."}`, number("a"), `4`},
		{`{"a": ".5"}`, number("a"), `0.5`},
		{`{"a": "."}`, number("a"), `"a": "." is not a decimal number`},
		{`{"b": 1}`, given("a"), `0`},
		{`{"a": null}`, given("a"), `1`},
		{`{"a": 0}`, given("a"), `2`},
		{`{"a": ""}`, given("a"), `3`},
		{`{"a": null}`, given("a", "b"), `1`},
		{`{"a": {}}`, given("a", "b"), `0`},
		{`{"a": {"b": []}}`, given("a", "b"), `2`},
		{`{"a": 5}`, given("a", "b"), `"a" is the number 5, where an object is expected`},

		{`{"variants": [{}, {}]}`, each, `2`},
		{`{"variants": []}`, each, `0`},
		{`{"variants": null}`, each, `"variants" is null, where a list is expected`},
		{`{}`, each, `it has no "variants"`},
		{`{"variants": {}}`, each, `"variants" is an object, where a list is expected`},
		{`{"variants": [{}, null]}`, each, `"variants" 2 is null, where an object is expected`},

		{`{"depots": [{"units": 3}, {"units": "4.5"}]}`, sum, `7.5`},
		{`{"depots": [{"units": 3}, {"units": null}]}`, sum, `null`},
		{`{"depots": [{"units": null}, {"units": 3}]}`, sum, `null`},
		{`{"depots": [{"units": 0}]}`, sum, `0`},
		{`{"depots": []}`, sum, `null`},
		{`{"depots": [{"units": 3}, {}]}`, sum, `"depots" 2: it has no "units"`},
		{`{"depots": null}`, sum, `"depots" is null, where a list is expected`},

		{`{"traits": [{"label": "Size", "value": "L"}, {"label": "Watt", "value": 40}, {"label": "Colour", "value": null}]}`, options, `{"Size":"L","Watt":"40"}`},
		{`{"traits": []}`, options, `{}`},
		{`{"traits": null}`, options, `"traits" is null, where a list is expected`},
		{`{}`, options, `it has no "traits"`},
		{`{"traits": [{"label": "", "value": "L"}]}`, options, `"traits" 1: "label" is empty, where an option's name is expected`},
		{`{"traits": [{"label": "Size"}]}`, options, `"traits" 1: it has no "value"`},
		{`{"traits": [{"label": "Größe", "value": "L"}, {"label": "Gro\u0308ße", "value": "M"}]}`, options, `is there twice`},
	} {
		var e webapi.Entry
		if err := json.Unmarshal([]byte(c.body), &e); err != nil {
			t.Fatal(err)
		}
		got, err := json.Marshal(c.take(&e))
		switch {
		case err != nil:
			t.Errorf("%s: %v", c.body, err)
		case e.Err() != nil && !strings.Contains(e.Err().Error(), c.want):
			t.Errorf("%s: it says %v, want %s", c.body, e.Err(), c.want)
		case e.Err() == nil && string(got) != c.want:
			t.Errorf("%s: got %s, want %s", c.body, got, c.want)
		}
	}
}

// TestGiven says that a variant without a price of its own, which is null, is told from one whose price is not known, which is "".
func TestGiven(t *testing.T) {
	for body, want := range map[string]webapi.Given{`{}`: webapi.Absent, `{"price": null}`: webapi.Null, `{"price": ""}`: webapi.Empty, `{"price": "9"}`: webapi.Present} {
		var e webapi.Entry
		if err := json.Unmarshal([]byte(body), &e); err != nil {
			t.Fatal(err)
		}
		if got := e.Given("price"); got != want || e.Err() != nil {
			t.Errorf("%s: got %v, want %v (%v)", body, got, want, e.Err())
		}
	}
}

// TestMembersWithin says that names with points lead into objects, and what is absent there is absent.
func TestMembersWithin(t *testing.T) {
	read := webapi.Members[*webapi.Entry]("data.products", "meta.total", "meta.pagination.next")
	for body, want := range map[string]string{
		`{"data": {"products": [{"id": 7}]}, "meta": {"total": 3, "pagination": {"next": "n2"}}}`:                `1 3 "n2" ""`,
		`{"data": {"products": []}, "meta": {"total": 0, "pagination": {"next": null}}}`:                         `0 0 "" ""`,
		`{"data": {"products": []}, "meta": {"total": 0}}`:                                                       `0 0 "" "\"meta.pagination.next\""`,
		`{"data": {"products": []}, "meta.total": 4, "meta": {"pagination": {"next": 5}}}`:                       `0 4 "5" ""`,
		`{"data": {"products": []}, "meta": null}`:                                                               `it has no "meta.total"`,
		`{"data": {}, "meta": {"total": 1}}`:                                                                     `it has no "data.products"`,
		`{"data": [], "meta": {"total": 1}}`:                                                                     `it has no "data.products"`,
		"\xef\xbb\xbf" + `{"data": {"products": [{"id": 7}]}, "meta": {"total": 1, "pagination": {"next": ""}}}`: `1 1 "" ""`,
	} {
		page, err := read(&webapi.Answer{Body: []byte(body)})
		got := fmt.Sprint(err)
		if err == nil {
			got = fmt.Sprintf("%d %d %q %q", len(page.Items), *page.Total, page.Next, page.Lacks)
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", body, got, want)
		}
	}
	bare := webapi.Members[*webapi.Entry]("products", "", "meta.next")
	if _, err := bare(&webapi.Answer{Body: []byte(`{"products": [], "meta": {}}`)}); err == nil || err.Error() != `it has no "meta.next", which says whether it is the last` {
		t.Errorf("without a total it says %v", err)
	}
}

// TestEntriesOfAList says that what is wrong with an entry fails the reading of its list, whether or not the connector asks for it.
func TestEntriesOfAList(t *testing.T) {
	var asked []string
	for body, want := range map[string]string{
		`{"products": [{"id": 7, "sku": "A"}], "next": null}`:                     "",
		`{"products": [{"id": 7}], "next": null}`:                                 `GET /products: entry "7": it has no "sku"`,
		`{"products": [{"sku": "A"}], "next": null}`:                              `GET /products: entry "": it has no "id"`,
		`{"products": [{"id": "", "sku": "A"}], "next": null}`:                    `"id" is empty, where something that identifies the entry is expected`,
		`{"products": [null], "next": null}`:                                      `item 1 of "products" is null`,
		`{"products": ["A"], "next": null}`:                                       `cannot unmarshal string`,
		`{"products": [{"id": 7, "sku": "A"}]}`:                                   `it has no "next", which says whether it is the last`,
		`{"products": [{"id": 7, "sku": "A"}, {"id": 8, "sku": 1.5}], "next": 0}`: `entry "8": "sku" is the number 1.5, where a text is expected`,
	} {
		s := serve(t, func(_ int, w http.ResponseWriter, r *http.Request) {
			asked = append(asked, r.URL.RequestURI())
			write(w, body)
		})
		list := webapi.List[*webapi.Entry]{Ask: webapi.At("/products?limit=2", "cursor"), Read: webapi.Members[*webapi.Entry]("products", "", "next"), Key: webapi.Key("id")}
		client := webapi.New(webapi.Config{URL: s.URL, Clock: &sdktest.Clock{}})
		err := list.ByCursor().Each(t.Context(), client.Session(nil), func(page []*webapi.Entry) error {
			for _, p := range page {
				_ = p.Text("sku")
			}
			return nil
		})
		if got := fmt.Sprint(err); want == "" && err != nil || !strings.Contains(got, want) {
			t.Errorf("%s: it says %s, want %q", body, got, want)
		}
	}
	if uri := asked[0]; uri != "/products?limit=2" {
		t.Errorf("the first page is asked for with %s", uri)
	}
}
