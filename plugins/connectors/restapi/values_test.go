package restapi

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/plugins/sdk/sdktest"
)

// TestValues says what each value of an answer becomes, and which are errors that name the item and the path.
func TestValues(t *testing.T) {
	fields := func(more ...string) map[string]string {
		m := map[string]string{"sku": "$.sku"}
		for i := 0; i < len(more); i += 2 {
			m[more[i]] = more[i+1]
		}
		return m
	}
	type settings = sdktest.Settings
	for _, c := range []struct {
		name     string
		items    string
		settings settings
		want     []string
		err      []string
	}{
		{"texts, and whole numbers as texts", `{"sku":"A","id":7,"u":"0123"}`, settings{"fields": fields("id", "$.id", "upc", "$.u")}, []string{`{"sku":"A","upc":"0123","id":"7"}`}, nil},
		{"a large whole number keeps its digits", `{"sku":9007199254740993}`, settings{"fields": fields()}, []string{`{"sku":"9007199254740993"}`}, nil},
		{"a number with decimals is no text", `{"sku":"A","name":1.50}`, settings{"fields": fields("name", "$.name")}, nil, []string{`item 1 (SKU "A"): field "name", path $.name: the number 1.50 is a number with decimals`}},
		{"an object is no text", `{"sku":"A","name":{"en":"Bell"}}`, settings{"fields": fields("name", "$.name")}, nil, []string{`path $.name: an object is no text`}},
		{"numbers are exact", `{"sku":"A","price":10.10,"qoh":12345678901234567890.123456789}`, settings{"fields": fields("price", "$.price", "qoh", "$.qoh")}, []string{`{"sku":"A","price":10.1,"qoh":12345678901234567890.123456789}`}, nil},
		{"numbers with an exponent", `{"sku":"A","price":1.5e3}`, settings{"fields": fields("price", "$.price")}, []string{`{"sku":"A","price":1500}`}, nil},
		{"numbers as texts, an empty one is none", `{"sku":"A","price":"19.90","sale_price":""}`, settings{"fields": fields("price", "$.price", "sale_price", "$.sale_price")}, []string{`{"sku":"A","price":19.9,"sale_price":null}`}, nil},
		{"a text that is no number", `{"sku":"A","price":"19,90 EUR"}`, settings{"fields": fields("price", "$.price")}, nil, []string{`field "price", path $.price: the text "19,90 EUR" is not a decimal number`}},
		{"a bool is no number", `{"sku":"A","qoh":true}`, settings{"fields": fields("qoh", "$.qoh")}, nil, []string{"true is no number"}},
		{"null is unknown", `{"sku":"A","name":null,"price":null,"visible":null}`, settings{"fields": fields("name", "$.name", "price", "$.price", "visible", "$.visible")}, []string{`{"sku":"A","name":"","price":null,"visible":null}`}, nil},
		{"what is absent is an error", `{"sku":"A"}`, settings{"fields": fields("price", "$.price")}, nil, []string{`item 1 (SKU "A"): field "price", path $.price: the path selects nothing; if an item may lack it, name the field in optional`}},
		{"unless it may be", `{"sku":"A"},{"sku":"B","price":1}`, settings{"fields": fields("price", "$.price"), "optional": []string{"price"}}, []string{`{"sku":"A","price":null}`, `{"sku":"B","price":1}`}, nil},
		{"a filter that selects one", `{"sku":"A","prices":[{"c":"usd","a":1},{"c":"eur","a":2}]}`, settings{"fields": fields("price", "$.prices[?@.c=='eur'].a")}, []string{`{"sku":"A","price":2}`}, nil},
		{"a filter that selects two", `{"sku":"A","prices":[{"c":"eur","a":1},{"c":"eur","a":1}]}`, settings{"fields": fields("price", "$.prices[?@.c=='eur'].a")}, nil, []string{"selects 2 values where one is expected", `combine = { price = "sum" }`}},
		{"two texts", `{"sku":"A","n":["x","y"]}`, settings{"fields": fields("name", "$.n[*]")}, nil, []string{"selects 2 values where one is expected; make the path select one of them"}},
		{"a sum", `{"sku":"A","levels":[{"q":1.1},{"q":2.2},{"q":-0.3}]}`, settings{"fields": fields("qoh", "$.levels[*].q"), "combine": map[string]string{"qoh": "sum"}}, []string{`{"sku":"A","qoh":3}`}, nil},
		{"a sum with an unknown", `{"sku":"A","levels":[{"q":1},{"q":null},{"q":2}]}`, settings{"fields": fields("qoh", "$.levels[*].q"), "combine": map[string]string{"qoh": "sum"}}, []string{`{"sku":"A","qoh":null}`}, nil},
		{"a sum of which a part is not there", `{"sku":"A","levels":[{"q":1},{}]}`, settings{"fields": fields("qoh", "$.levels[*].q"), "combine": map[string]string{"qoh": "sum"}}, nil, []string{`path $.levels[*].q: the path selects nothing in 1 of the 2 entries of $["levels"][*]; if an entry may lack it`}},
		{"unless it may be unknown", `{"sku":"A","levels":[{"q":1},{}]},{"sku":"B","levels":[{"q":1}]}`, settings{"fields": fields("qoh", "$.levels[*].q"), "combine": map[string]string{"qoh": "sum"}, "optional": []string{"qoh"}}, []string{`{"sku":"A","qoh":null}`, `{"sku":"B","qoh":1}`}, nil},
		{"one of two entries has a price", `{"sku":"A","prices":[{"c":"eur","a":1},{"c":"eur"}]}`, settings{"fields": fields("price", "$.prices[?@.c=='eur'].a")}, nil, []string{"selects nothing in 1 of the 2 entries"}},
		{"an entry that is null", `{"sku":"A","levels":[{"q":{"n":1}},null]}`, settings{"fields": fields("qoh", "$.levels[*].q.n"), "combine": map[string]string{"qoh": "sum"}}, nil, []string{"selects nothing in 1 of the 2 entries"}},
		{"a sum of nothing is not 0", `{"sku":"A","levels":[]}`, settings{"fields": fields("qoh", "$.levels[*].q"), "combine": map[string]string{"qoh": "sum"}}, nil, []string{"selects nothing"}},
		{"min and max", `{"sku":"A","p":[3,1,2]}`, settings{"fields": fields("price", "$.p[*]", "sale_price", "$.p[*]"), "combine": map[string]string{"price": "max", "sale_price": "min"}}, []string{`{"sku":"A","price":3,"sale_price":1}`}, nil},
		{"any and all", `{"sku":"A","b":[true,false]}`, settings{"fields": fields("visible", "$.b[*]", "tracked", "$.b[*]"), "combine": map[string]string{"visible": "any", "tracked": "all"}}, []string{`{"sku":"A","tracked":false,"visible":true}`}, nil},
		{"minor units", `{"sku":"A","price":1999,"sale_price":"5"}`, settings{"fields": fields("price", "$.price", "sale_price", "$.sale_price"), "scale": map[string]string{"price": "2", "sale_price": "3"}}, []string{`{"sku":"A","price":19.99,"sale_price":0.005}`}, nil},
		{"minor units with decimals", `{"sku":"A","price":19.99}`, settings{"fields": fields("price", "$.price"), "scale": map[string]string{"price": "2"}}, nil, []string{"the number 19.99 has decimals, and scale says that it is in minor units"}},
		{"minor units that are written with decimals", `{"sku":"A","price":1999.00}`, settings{"fields": fields("price", "$.price"), "scale": map[string]string{"price": "2"}}, []string{`{"sku":"A","price":19.99}`}, nil},
		{"words", `{"sku":"A","s":"ACTIVE"},{"sku":"B","s":"DRAFT"},{"sku":"C","s":"?"}`, settings{"fields": fields("visible", "$.s"), "words": map[string]string{"visible": "ACTIVE:true|DRAFT:false|?:"}}, []string{`{"sku":"A","visible":true}`, `{"sku":"B","visible":false}`, `{"sku":"C","visible":null}`}, nil},
		{"a word that nobody explained", `{"sku":"A","s":"ARCHIVED"}`, settings{"fields": fields("visible", "$.s"), "words": map[string]string{"visible": "ACTIVE:true"}}, nil, []string{`the text "ARCHIVED" is neither true nor false`, `words = { visible = "ARCHIVED:true" }`}},
		{"a number is no bool", `{"sku":"A","v":1}`, settings{"fields": fields("visible", "$.v")}, nil, []string{"the number 1 is neither true nor false"}},
		{"lists", `{"sku":"A","t":["x","y"],"u":["z"]},{"sku":"B","t":[],"u":[]}`, settings{"fields": fields("t", "$.t", "u", "$.u[*]"), "types": map[string]string{"t": "list", "u": "list"}}, []string{`{"sku":"A","t":["x","y"],"u":["z"]}`, `{"sku":"B","t":[],"u":[]}`}, nil},
		{"a list that is null is not empty", `{"sku":"A","t":null}`, settings{"fields": fields("t", "$.t"), "types": map[string]string{"t": "list"}}, nil, []string{`field "t", path $.t: null, where a list(string) is expected: what is not known is not empty; if an item may lack it, name the field in optional`}},
		{"nor are its entries", `{"sku":"A","t":null}`, settings{"fields": fields("t", "$.t[*]"), "types": map[string]string{"t": "list"}}, nil, []string{`field "t", path $.t[*]: the path $["t"] selects null, where a list is expected; if an item may lack it, name the field in optional`}},
		{"a list that is not there", `{"sku":"A"}`, settings{"fields": fields("t", "$.t[*]"), "types": map[string]string{"t": "list"}}, nil, []string{`the path $["t"] selects nothing, where a list is expected`}},
		{"a map that is null is not empty", `{"sku":"A","o":null}`, settings{"fields": fields("options", "$.o")}, nil, []string{`field "options", path $.o: null, where a map(string) is expected`}},
		{"unless they may be", `{"sku":"A","t":null,"u":null,"o":null},{"sku":"B","t":[],"u":["x"],"o":{}}`, settings{"fields": fields("t", "$.t", "u", "$.u[*]", "options", "$.o"), "types": map[string]string{"t": "list", "u": "list"}, "optional": []string{"t", "u", "options"}}, []string{`{"sku":"A","options":{},"t":[],"u":[]}`, `{"sku":"B","options":{},"t":[],"u":["x"]}`}, nil},
		{"members of an object are sorted", `{"sku":"A","t":{"b":"2","a":"1","c":"3"}}`, settings{"fields": fields("t", "$.t[*]"), "types": map[string]string{"t": "list"}}, []string{`{"sku":"A","t":["1","2","3"]}`}, nil},
		{"a map of an object", `{"sku":"A","o":{"Size":"M","No":7,"None":null}}`, settings{"fields": fields("options", "$.o")}, []string{`{"sku":"A","options":{"No":"7","Size":"M"}}`}, nil},
		{"constants", `{"sku":"A"}`, settings{"fields": fields(), "constants": map[string]string{"brand": "Acme", "tracked": "true", "weight": "1.50"}}, []string{`{"sku":"A","brand":"Acme","tracked":true,"weight":1.5}`}, nil},
		{"types of other fields", `{"sku":"A","margin":"0.30","hot":true}`, settings{"fields": fields("margin", "$.margin", "hot", "$.hot"), "types": map[string]string{"margin": "number", "hot": "bool"}}, []string{`{"sku":"A","hot":true,"margin":0.3}`}, nil},
		{"an empty SKU is an item", `{"sku":""},{"sku":null}`, settings{"fields": fields()}, []string{`{"sku":""}`, `{"sku":""}`}, nil},
		{"the item's id is in the message", `{"sku":null,"id":7,"p":"x"}`, settings{"fields": fields("id", "$.id", "price", "$.p")}, nil, []string{`item 1, id "7": field "price"`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			shop := newShop(t, func(http.ResponseWriter, *http.Request) any { return `{"items":[` + c.items + `]}` })
			got, err := read(t, shop.settings(c.settings))
			wants(t, err, c.err...)
			if diff := cmp.Diff(c.want, got.Items); diff != "" {
				t.Errorf("items (-want +got):\n%s", diff)
			}
			if len(got.Warnings) > 0 {
				t.Errorf("warnings: %q", got.Warnings)
			}
		})
	}
}

// TestSkip says that an item that cannot be read is not missing where it may be skipped.
func TestSkip(t *testing.T) {
	shop := newShop(t, func(http.ResponseWriter, *http.Request) any {
		return `{"items":[{"sku":"A","price":1},{"sku":"B","price":"x"},{"sku":{},"price":2}]}`
	})
	settings := shop.settings(sdktest.Settings{"on_bad_item": "skip", "fields": map[string]string{"sku": "$.sku", "price": "$.price"}})
	got, err := read(t, settings)
	wants(t, err)
	if diff := cmp.Diff([]string{`{"sku":"A","price":1}`}, got.Items); diff != "" || len(got.Warnings) != 2 || got.Skipped != 1 || !cmp.Equal(got.Unreadable, []string{"B"}) {
		t.Errorf("%+v", got)
	}
}

// TestNothingFound says that a path that selects nothing in any item is told.
func TestNothingFound(t *testing.T) {
	shop := newShop(t, func(http.ResponseWriter, *http.Request) any { return `{"items":[{"sku":"A"},{"sku":"B"}]}` })
	got, err := read(t, shop.settings(sdktest.Settings{"fields": map[string]string{"sku": "$.sku", "brand": "$.vendro"}, "optional": []string{"brand"}}))
	wants(t, err)
	if want := `field "brand": the path $.vendro selects nothing in any of the 2 items`; len(got.Warnings) != 1 || !strings.Contains(got.Warnings[0], want) {
		t.Errorf("warnings %q, want %q", got.Warnings, want)
	}
}

// TestCurrencies says that the currency is that of the setting, or of the items, which have one.
func TestCurrencies(t *testing.T) {
	items := `{"sku":"A","price":1,"c":"EUR"},{"sku":"B","price":2,"c":"EUR"}`
	shop := newShop(t, func(http.ResponseWriter, *http.Request) any { return `{"items":[` + items + `]}` })
	fields := map[string]string{"sku": "$.sku", "price": "$.price"}
	for _, settings := range []sdktest.Settings{{"currency": "EUR"}, {"currency_path": "$.c"}} {
		settings["fields"] = fields
		got, err := read(t, shop.settings(settings))
		wants(t, err)
		if !cmp.Equal(got.Currencies, map[string]string{"price": "EUR"}) {
			t.Errorf("%v: %v", settings, got.Currencies)
		}
	}
	items += `,{"sku":"C","price":3,"c":"USD"}`
	_, err := read(t, shop.settings(sdktest.Settings{"fields": fields, "currency_path": "$.c"}))
	wants(t, err, `SKU "C"`, "the currency is USD here and EUR before")
	items = `{"sku":"A","price":1}`
	_, err = read(t, shop.settings(sdktest.Settings{"fields": fields, "currency_path": "$.c"}))
	wants(t, err, "the currency is not there")
}
