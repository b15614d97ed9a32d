package restapi

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/sdktest"
)

// TestSettings says which settings are mistakes, at which of them, and what is said.
func TestSettings(t *testing.T) {
	type settings = sdktest.Settings
	page := func(more ...any) settings {
		p := settings{"type": "offset", "size": 10}
		for i := 0; i < len(more); i += 2 {
			p[more[i].(string)] = more[i+1]
		}
		return settings{"page": p}
	}
	fields := func(more ...string) map[string]string {
		m := map[string]string{"sku": "$.sku", "price": "$.price"}
		for i := 0; i < len(more); i += 2 {
			m[more[i]] = more[i+1]
		}
		return m
	}
	login := func(more ...any) settings {
		a := settings{"type": "login", "path": "/login", "body": map[string]string{"a": "b"}, "token_path": "$.token"}
		for i := 0; i < len(more); i += 2 {
			a[more[i].(string)] = more[i+1]
		}
		return settings{"auth": a}
	}
	for _, c := range []struct {
		name string
		more settings
		at   string // of the only problem; "" if there is none
		said string
	}{
		{"all is well", nil, "", ""},
		{"plain http to this machine", settings{"base_url": "http://127.0.0.1:3000/api"}, "", ""},
		{"plain http to another", settings{"base_url": "http://shop.example"}, "base_url", "is not encrypted"},
		{"plain http to another, as it may be", settings{"base_url": "http://shop.example", "allow_http": true}, "", ""},
		{"no address", settings{"base_url": "shop.example"}, "base_url", "is not a web address"},
		{"a user in the address", settings{"base_url": "https://me:pw@shop.example"}, "base_url", "holds a user name"},
		{"a relative path", settings{"path": "items"}, "path", "does not begin with /"},
		{"a path with a blank", settings{"path": "/items?q=a b"}, "path", "is not the path of an address"},
		{"a path that is no JSONPath", settings{"fields": fields("name", "$.name[")}, "fields name", `"$.name[" is not a JSONPath (RFC 9535): unexpected eof at position 8`},
		{"a path without $", settings{"fields": fields("name", "name")}, "fields name", `"name" is not a JSONPath (RFC 9535): a path begins with $`},
		{"an empty path", settings{"fields": fields("name", "")}, "fields name", "the path is empty"},
		{"items that are no list", settings{"items": "$.items"}, "items", "A list's entries are selected with [*]: $.items[*]."},
		{"no sku", settings{"fields": map[string]string{"name": "$.name"}}, "fields", "there is no field sku"},
		{"a field's name", settings{"fields": fields("Name", "$.n")}, "fields Name", "is not a field's name"},
		{"a field twice", settings{"fields": fields("brand", "$.b"), "constants": map[string]string{"brand": "x"}}, "constants brand", "is given twice"},
		{"a constant that is no number", settings{"constants": map[string]string{"weight": "x"}}, "constants weight", "not a decimal number"},
		{"parent_fields without parents", settings{"parent_fields": map[string]string{"name": "$.n"}}, "parent_fields", "needs parents"},
		{"optional, a name that is not right", settings{"optional": []string{"prices"}}, "optional prices", `Did you mean "price"?`},
		{"combine, a word that is none", settings{"combine": map[string]string{"price": "first"}}, "combine price", "It is one of: sum, min, max, any, all."},
		{"combine, a text", settings{"combine": map[string]string{"sku": "sum"}}, "combine sku", `the field "sku" is a string`},
		{"combine, a bool's word for a number", settings{"combine": map[string]string{"price": "any"}}, "combine price", "any is for a bool, and the field is a number"},
		{"scale, no digits", settings{"scale": map[string]string{"price": "x"}}, "scale price", "is not a number of digits"},
		{"scale of a text", settings{"scale": map[string]string{"sku": "2"}}, "scale sku", `the field "sku" is a string`},
		{"words that are none", settings{"fields": fields("visible", "$.v"), "words": map[string]string{"visible": "ACTIVE"}}, "words visible", "does not read word:value|word:value"},
		{"words whose values are none", settings{"fields": fields("visible", "$.v"), "words": map[string]string{"visible": "ACTIVE:yes"}}, "words visible", `"yes" is neither true nor false`},
		{"a type that is none", settings{"fields": fields("margin", "$.m"), "types": map[string]string{"margin": "int"}}, "types margin", ""},
		{"the type of a known field", settings{"types": map[string]string{"price": "string"}}, "types price", `the field "price" is a number, whatever the source`},
		{"a currency", settings{"currency": "Euro"}, "currency", "is three capital letters"},
		{"a header for credentials", settings{"headers": map[string]string{"authorization": "x"}}, "headers authorization", "belong in the block auth"},
		{"a header's name", settings{"headers": map[string]string{"a b": "x"}}, "headers a b", "cannot stand in a request"},
		{"a body that is no object", settings{"body": "[1]"}, "body", "is not a JSON object"},
		{"a GET with a query", settings{"graphql": "{ x }", "method": "GET"}, "method", "a GET has no body"},
		{"variables for nobody", settings{"variables": map[string]string{"a": "b"}}, "variables", "variables are for graphql"},
		{"graphql and body", settings{"graphql": "{ x }", "body": "{}"}, "body", "exclude each other"},
		{"options from two places", settings{"fields": fields("options", "$.o"), "option_fields": map[string]string{"Size": "$.s"}}, "fields options", `the field "options" comes from two places`},
		{"an option's path", settings{"option_fields": map[string]string{"Size": "s"}}, "option_fields Size", "a path begins with $"},

		{"a cursor, and no more", settings{"page": settings{"cursor": "$.next"}}, "", ""},
		{"a link in the body, and no more", settings{"page": settings{"next": "$.next"}}, "", ""},
		{"pages of no type", settings{"page": settings{"size": 10}}, "page type", "type is missing"},
		{"pages of two types", settings{"page": settings{"cursor": "$.next", "next": "$.next"}}, "page type", "type is missing"},
		{"a last page without a cursor, and no size", settings{"page": settings{"cursor": "$.next", "omitted": true}}, "page omitted", "omitted needs size"},
		{"less than no size", page("size", -1), "page size", "size is missing"},
		{"no size", page("size", 0), "page size", "size is missing"},
		{"a size for one answer", page("type", "none"), "page size", "not for pages of type none"},
		{"no cursor", page("type", "cursor"), "page cursor", "cursor is missing"},
		{"a cursor for offsets", page("cursor", "$.c"), "page cursor", "not for pages of type offset"},
		{"two totals", page("total", "$.t", "total_header", "X-T"), "page total_header", "exclude each other"},
		{"a total's path", page("total", "t"), "page total", "a path begins with $"},
		{"a parameter twice", settings{"path": "/items?limit=5", "page": page()["page"]}, "path", `the parameter "limit" is given twice`},
		{"a parameter's name twice", page("offset_param", "limit"), "page type", `two parameters of the page are called "limit"`},
		{"a body for a GET", page("in", "body"), "page in", "a GET has no body for the page's parameters"},

		{"no token", settings{"auth": settings{"type": "bearer", "token": ""}}, "auth token", "A login of type bearer needs it"},
		{"a token with a line break", settings{"auth": settings{"type": "bearer", "token": "a\nb"}}, "auth token", "Copy it again"},
		{"a password for a bearer", settings{"auth": settings{"type": "bearer", "token": "a", "password": "b"}}, "auth password", "is not for a login of type bearer"},
		{"a token, of which kind everybody knows", settings{"auth": settings{"token": "a"}}, "", ""},
		{"a password, the same", settings{"auth": settings{"username": "a", "password": "b"}}, "", ""},
		{"a user without a password", settings{"auth": settings{"username": "a"}}, "auth password", "password is missing"},
		{"a login, the same", login("type", nil), "", ""},
		{"nothing that says how to log in", settings{"auth": settings{"token": ""}}, "auth", "it is not clear how to log in"},
		{"two ways to log in", settings{"auth": settings{"token": "a", "params": map[string]string{"k": "v"}}}, "auth", "it is not clear how to log in"},
		{"a login", login(), "", ""},
		{"a login without a token", login("token_path", ""), "auth type", "where is the token?"},
		{"a login with two", login("token_header", "X"), "auth token_header", "exclude each other"},
		{"a login's path", login("path", "login"), "auth path", "does not begin with /"},

		{"a Local Copy without a total", settings{"since": settings{"param": "since", "path": "$.at"}, "page": page("key", "$.id")["page"]}, "since param", "since needs total"},
		{"a Local Copy without a key", settings{"since": settings{"param": "since", "path": "$.at"}, "page": page("total", "$.t")["page"]}, "since param", "since needs key"},
		{"a Local Copy's span", settings{"since": settings{"param": "since", "path": "$.at", "full_refresh": "daily"}, "page": page("total", "$.t", "key", "$.id")["page"]}, "since full_refresh", "is not a span of time"},
		{"how fast", settings{"rate_limit": 0}, "rate_limit", "out of bounds"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := settings{"base_url": "https://shop.example/api", "path": "/items", "items": "$.items[*]", "fields": fields(), "page": settings{"type": "none"}}
			for name, value := range c.more {
				s[name] = value
			}
			_, err := sdktest.Source(t.Context(), Connector(), s)
			var problem *sdk.SettingError
			if (err != nil) != (c.at != "") || err != nil && !errors.As(err, &problem) {
				t.Fatalf("error %v", err)
			}
			if problem == nil {
				return
			}
			if at := strings.Join(problem.Path, " "); at != c.at || !strings.Contains(err.Error(), c.said) {
				t.Errorf("at %q: %v\nwant at %q: %s", at, err, c.at, c.said)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("more than one problem: %v", err)
			}
		})
	}
}

// TestSchema says that the settings are the fields, in their usual order, with where they come from.
func TestSchema(t *testing.T) {
	source, err := sdktest.Source(t.Context(), Connector(), sdktest.Settings{"base_url": "https://shop.example", "path": "/", "items": "$[*]", "page": sdktest.Settings{"type": "none"},
		"parents": "$[*]", "fields": map[string]string{"sku": "$.s", "margin": "$.m"}, "parent_fields": map[string]string{"name": "$.t"}, "constants": map[string]string{"brand": "Acme"},
		"types": map[string]string{"margin": "number"}, "option_fields": map[string]string{"Size": "$.z"}})
	if err != nil {
		t.Fatal(err)
	}
	fields, err := source.Schema(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range fields {
		got = append(got, f.Name+" "+f.Type.String()+": "+f.Doc)
	}
	want := []string{
		"sku string: The item's stock keeping unit; the default key for pairing. Path $.s.",
		"name string: The item's name. Path $.t in the product.",
		"brand string: The brand's name. The setting constants.",
		"options map(string): This variant's options: option name to value. Made of the settings for options.",
		"variation list(string): The parent's option structure: one Name=value|value entry an option, both sorted. Made of the settings for options.",
		"margin number: Path $.m.",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
