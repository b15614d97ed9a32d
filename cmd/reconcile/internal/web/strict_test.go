package web

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/store"
	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/web/rest"
)

// TestStrict says what a program is told that asks for something else than there is: in words of the request, none of Go's.
func TestStrict(t *testing.T) {
	p := newProgram(t, newShop(t, firstOf(goods()), secondOf(goods())), store.Admin)
	p.server.Shop.(*shop).run()
	for _, c := range []struct {
		path, body string
		status     int
		want       string
	}{
		{"/api/v1/runs?limits=5", "", 400, `There is no parameter "limits" here: there are reconciliation, limit.`},
		{"/api/v1/me?x=1", "", 400, `There is no parameter "x" here: this address has none.`},
		{"/api/v1/openapi.json?x", "", 400, `There is no parameter "x" here: this address has none.`},
		{"/api/v1/runs/run-1/items?show=all&show=new", "", 400, `The parameter "show" is there 2 times, and can be there once.`},
		{"/api/v1/runs/run-1/items?q=%zz", "", 400, `The query of the address cannot be read: each parameter is NAME=VALUE, with & between them, and what is special in it as %20 is.`},
		{"/api/v1/runs/run-1/items?q=a;b=c", "", 400, `The query of the address cannot be read: each parameter is NAME=VALUE, with & between them, and what is special in it as %20 is.`},
		{"/api/v1/runs/run-1/download?sort=sku&filter=x", "", 400, `There is no parameter "filter" here: there are format, values, bom, show, q, sort.`},
		{"/api/v1/runs", "x", 400, `The request is not JSON: look at byte 1.`},
		{"/api/v1/runs", " ", 400, `The request is empty: it should be an object of JSON, such as {"reconciliation": "bigcommerce"}.`},
		{"/api/v1/runs", `{"reconciliation": "big`, 400, `The request ends in the middle of its JSON.`},
		{"/api/v1/runs", `["bigcommerce"]`, 400, `The request is a list, and should be an object.`},
		{"/api/v1/runs", `{"reconciliation": 1.5}`, 400, `In the request "reconciliation" is a number, and should be a text.`},
		{"/api/v1/runs", `{"name": "bigcommerce"}`, 400, `The request has a field "name", which there is not: there are reconciliation.`},
		{"/api/v1/runs", `{"Reconciliation": "bigcommerce"}`, 400, `The request has a field "Reconciliation", which there is not: there are reconciliation.`},
		{"/api/v1/runs", `{"reconciliation": "other", "reconciliation": "bigcommerce"}`, 400, `In the request the field "reconciliation" is there twice.`},
		{"/api/v1/runs/run-1/accept", `{"items": [{"sku": "A", "sku": "B"}]}`, 400, `In the request the field "sku" is there twice.`},
		{"/api/v1/runs", `{"reconciliation": "bigcommerce"} {}`, 400, `The request has more after its end: it is one value of JSON, and nothing else.`},
		{"/api/v1/runs", `{"reconciliation": "bigcommerce"}]`, 400, `The request has more after its end: it is one value of JSON, and nothing else.`},
		{"/api/v1/runs", `{"reconciliation": "bigcommerce"}` + strings.Repeat(" ", largestBody), 413, `The request is larger than a request can be.`},
		{"/api/v1/runs/run-1/accept", `{"items": [{"sku": "A", "position": "1"}]}`, 400, `In the request "items.position" is a text, and should be a whole number.`},
		{"/api/v1/runs/run-1/accept", `{"items": {"sku": "A"}}`, 400, `In the request "items" is an object, and should be a list.`},
		{"/api/v1/runs/run-1/accept", `{"pin": "no"}`, 400, `In the request "pin" is a text, and should be true or false.`},
		{"/api/v1/runs/run-1/accept", `{"skus": ["A"]}`, 400, `The request has a field "skus", which there is not: there are items (each with sku, position, rule), show, q, rule, reason, owner, expires, pin, count, try.`},
	} {
		method := "GET"
		if c.body != "" {
			method = "POST"
		}
		said := p.ask(method, c.path, c.body, c.status)
		if text := said["error"].(map[string]any)["text"]; text != c.want {
			t.Errorf("%s %.60s:\n%s\nnot\n%s", c.path, c.body, text, c.want)
		}
	}
}

// TestHost says by which names a server may be asked for: a page of elsewhere can have its own name lead here, and would be the same site.
func TestHost(t *testing.T) {
	proxy := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	for _, c := range []struct {
		name, host string
		options    Options
		want       int
	}{
		{"an address", "192.0.2.1:8484", Options{}, 200},
		{"an address of IPv6", "[::1]:8484", Options{}, 200},
		{"an address without a port", "[2001:db8::1]", Options{}, 200},
		{"this machine", "localhost:8484", Options{}, 200},
		{"this machine, in full", "LocalHost.", Options{}, 200},
		{"a name of elsewhere", "evil.example:8484", Options{}, 421},
		{"one that looks like an address", "127.0.0.1.evil.example", Options{}, 421},
		{"one that begins with a name that is told", "shop.example.evil.example", Options{Hosts: []string{"shop.example"}}, 421},
		{"a name that is told", "Shop.Example:443", Options{Hosts: []string{"shop.example"}}, 200},
		{"one of many", "shop.example.com", Options{Hosts: []string{"*.Example.com"}}, 200},
		{"two below", "a.shop.example.com", Options{Hosts: []string{"*.example.com"}}, 421},
		{"the one above", "example.com", Options{Hosts: []string{"*.example.com"}}, 421},
		{"another one", "evil.example", Options{Hosts: []string{"shop.example"}}, 421},
		{"from a proxy", "shop.example", Options{Proxies: proxy}, 200},
		{"from a proxy, another one than is told", "evil.example", Options{Proxies: proxy, Hosts: []string{"shop.example"}}, 421},
		{"not from the proxy", "evil.example", Options{Proxies: []netip.Prefix{netip.MustParsePrefix("192.0.2.1/32")}}, 421},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSite(t, c.options)
			for _, path := range []string{"/login", "/api/v1/openapi.json"} {
				if path != "/login" && c.want == 200 {
					continue
				}
				r := s.request("GET", path, "")
				r.Host = c.host
				got := s.do(http.DefaultClient, r)
				if got.status != c.want || c.want == 421 && !strings.Contains(got.text, "--host") {
					t.Errorf("%s: %d\n%s", path, got.status, got.text)
				}
			}
			r := s.request("GET", "/healthz", "")
			r.Host = c.host
			if got := s.do(http.DefaultClient, r); got.status != 200 {
				t.Errorf("its health: %d", got.status)
			}
		})
	}
}

// TestFaultIsLoggedWithoutValues says what the log has of a panic: its kind and its place, and no value, which may be a password.
func TestFaultIsLoggedWithoutValues(t *testing.T) {
	for name, fault := range map[string]func(){
		"a text":        func() { panic("secret-VALUE") },
		"an error":      func() { panic(&rest.Problem{Text: "secret-VALUE"}) },
		"a key":         func() { m := map[any]int{}; m[[]string{"secret-VALUE"}]++ },
		"out of bounds": func() { var list []int; _ = list[len("secret-VALUE")] },
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			s := newSite(t, Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
			s.server.handler = s.server.logged(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { fault() }))
			got := s.get(http.DefaultClient, "/api/v1/me")
			if got.status != 500 || strings.Contains(got.text, "VALUE") {
				t.Errorf("%d %s", got.status, got.text)
			}
			if text := log.String(); strings.Contains(text, "VALUE") || !strings.Contains(text, "strict_test.go") || !strings.Contains(text, "kind=") {
				t.Errorf("the log:\n%s", text)
			}
		})
	}
}
