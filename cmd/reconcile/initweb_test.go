package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// lampShop is a source of two lamps, which needs to be told what many need to be told.
type lampShop struct {
	Branch string `setting:"branch,required" doc:"Whose lamps they are."`
	Token  string `setting:"token,required,sensitive" doc:"The token of an account that may read lamps."`
	Page   int64  `setting:"page" default:"100" doc:"How many lamps a page has."`
	Loud   bool   `setting:"loud" doc:"Write names in capitals."`
	Retry  *struct {
		Times int64 `setting:"times" doc:"How often."`
	} `setting:"retry" doc:"Trying again."`
}

func serveLamps() {
	sdk.Serve(sdk.Connector{Name: "lamps", Version: "1.0.0", New: func() sdk.Source { return &lampShop{} }})
}

func (s *lampShop) Schema(context.Context) ([]sdk.Field, error) {
	return sdk.Known("sku", "name", "price"), nil
}

func (s *lampShop) Check(context.Context) ([]sdk.Fact, error) {
	if s.Token != "s3cr3t-t0ken" {
		return nil, errors.New("the token is wrong: check it")
	}
	return []sdk.Fact{{Name: "store", Value: "Lamps of " + s.Branch}, {Name: "currency", Value: "CAD"}}, nil
}

func (s *lampShop) Read(_ context.Context, _ sdk.ReadRequest, emit func(sdk.Item) error) error {
	return errors.Join(emit(sdk.Item{"sku": "A-1", "name": "Bell", "price": "10.50"}), emit(sdk.Item{"sku": "A-2", "name": "Lamp", "price": "21"}))
}

// webshop is a command of scripts: it serves a shop whose list of lamps goes on in the way that is named, and sets SHOP_URL. What opens it is
// the token s3cr3t-t0ken, or user and password, or a key.
func webshop(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 1 || webshops[args[0]] == nil {
		ts.Fatalf("usage: webshop KIND")
	}
	list := webshops[args[0]]
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/session" && r.Method == http.MethodPost {
			signIn(w, r)
			return
		}
		user, password, _ := r.BasicAuth()
		if r.Header.Get("Authorization") != "Bearer s3cr3t-t0ken" && user+password != "clerks3cr3t-t0ken" && r.Header.Get("X-Key") != "s3cr3t-t0ken" && r.FormValue("key") != "s3cr3t-t0ken" && r.Header.Get("X-Auth-Token") != "s3cr3t-session" {
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprintf(w, `{"message": "not with %s%s"}`, r.Header.Get("Authorization"), r.FormValue("key"))
			return
		}
		if r.URL.Path != "/api/lamps" {
			http.NotFound(w, r)
			return
		}
		_ = json.NewEncoder(w).Encode(list(w, r)) // whoever asked is gone
	}))
	ts.Defer(server.Close)
	ts.Setenv("SHOP_URL", server.URL)
}

// signIn gives clerk a token, as JSON tells who it is, or else a form, with which the token comes in a header.
func signIn(w http.ResponseWriter, r *http.Request) {
	var who struct{ User, Password string }
	_ = json.NewDecoder(r.Body).Decode(&who) // a form is no JSON
	switch {
	case who.User+who.Password == "clerks3cr3t-t0ken":
		_ = json.NewEncoder(w).Encode(object{"refresh_token": "other", "session": object{"token": "s3cr3t-session"}})
	case r.Header.Get("Content-Type") != "application/json":
		w.Header().Set("X-Auth-Token", "s3cr3t-session")
	default:
		w.WriteHeader(http.StatusBadRequest)
		_ = json.NewEncoder(w).Encode(object{"message": "who is " + who.User + " with " + who.Password + "?"})
	}
}

type object = map[string]any

// lamps returns twelve lamps, which two ways of the same product are of each other.
func lamps() (all []object) {
	for n := range 12 {
		all = append(all, object{"id": 100 + n, "item_no": fmt.Sprintf("L-%d", n), "title": fmt.Sprintf("Lamp %d", n/2), "vendor": object{"name": "Lumo"},
			"price": object{"amount": fmt.Sprintf("%d.50", n), "currency": "CAD"}, "stock_level": n, "product_id": n / 2,
			"options": []object{{"name": "Size", "value": []string{"M", "L"}[n%2]}}})
	}
	return all
}

// part returns five of a list from a parameter of a request on, counted in steps of that many.
func part(r *http.Request, param string, step int) (list []object, at int) {
	at, _ = strconv.Atoi(r.FormValue(param))
	at *= step
	all := lamps()
	return all[min(at, len(all)):min(at+5, len(all))], at
}

var webshops = map[string]func(http.ResponseWriter, *http.Request) any{
	"cursor": func(_ http.ResponseWriter, r *http.Request) any {
		list, at := part(r, "page_token", 1)
		if at+5 >= 12 {
			return object{"data": object{"lamps": list}, "paging": object{"next_page_token": nil}}
		}
		return object{"data": object{"lamps": list}, "paging": object{"next_page_token": strconv.Itoa(at + 5)}}
	},
	"offset": func(_ http.ResponseWriter, r *http.Request) any {
		list, _ := part(r, "skip", 1)
		return object{"lamps": list, "total": 12}
	},
	"number": func(w http.ResponseWriter, r *http.Request) any {
		w.Header().Set("X-Total-Count", "12")
		page, _ := strconv.Atoi(r.FormValue("page"))
		q := r.URL.Query()
		q.Set("page", strconv.Itoa(max(page-1, 0)))
		r.Form = q
		list, _ := part(r, "page", 5)
		return list
	},
	"link": func(_ http.ResponseWriter, r *http.Request) any {
		list, at := part(r, "at", 1)
		next := any(nil)
		if at+5 < 12 {
			next = fmt.Sprintf("/api/lamps?at=%d", at+5)
		}
		return object{"lamps": list, "next": next}
	},
	"products": func(_ http.ResponseWriter, r *http.Request) any {
		at, _ := strconv.Atoi(r.FormValue("offset"))
		var products []object
		for n := range 6 {
			var variants []object
			for v := range 2 {
				variants = append(variants, object{"sku": fmt.Sprintf("L-%d", 2*n+v), "price_cents": 100*(2*n+v) + 50, "quantity": 2*n + v,
					"option_values": []object{{"option_name": "Size", "label": []string{"M", "L"}[v]}}})
			}
			products = append(products, object{"id": n, "title": fmt.Sprintf("Lamp %d", n), "brand": "Lumo", "variants": variants})
		}
		return object{"products": products[min(at, 6):min(at+4, 6)], "count": 6}
	},
	"depot": func(_ http.ResponseWriter, r *http.Request) any {
		at, _ := strconv.Atoi(r.FormValue("from"))
		var goods []object
		for n := range 6 {
			var articles []object
			for v := range 2 {
				articles = append(articles, object{"sku": fmt.Sprintf("L-%d", 2*n+v), "stock": []object{{"pieces": 2}, {"pieces": []any{n, nil}[v]}}})
			}
			goods = append(goods, object{"uid": n, "heading": fmt.Sprintf("Lamp %d", n), "articles": articles})
		}
		to := min(at+4, len(goods))
		next := any(nil)
		if to < len(goods) {
			next = strconv.Itoa(to)
		}
		return object{"goods": goods[at:to], "meta": object{"next_from": next}}
	},
	"editions": func(_ http.ResponseWriter, r *http.Request) any {
		at, _ := strconv.Atoi(r.FormValue("resume"))
		var goods []object
		for n := range 6 {
			edition := func(v int) object {
				return object{"code": fmt.Sprintf("L-%d", 2*n+v), "price": 2*n + v, "moneys": "CAD", "traits": []object{{"name": "Size", "value": []string{"M", "L"}[v]}}}
			}
			editions := []object{edition(0), edition(1)}
			delete(editions[n%2], "traits")
			goods = append(goods, object{"code": fmt.Sprintf("P-%d", n), "title": fmt.Sprintf("Lamp %d", n), "editions": editions})
		}
		delete(goods[1], "editions")
		to := min(at+4, len(goods))
		here := object{"more_at": nil}
		if to < len(goods) {
			here["more_at"] = strconv.Itoa(to)
		}
		return object{"goods": goods[at:to], "here": here, "cursor": "none of these"}
	},
	"header": func(w http.ResponseWriter, r *http.Request) any {
		list, at := part(r, "at", 1)
		if at+5 < 12 {
			w.Header().Set("Link", fmt.Sprintf(`</api/lamps?at=%d>; rel="next"`, at+5))
		}
		return list
	},
	"whole": func(http.ResponseWriter, *http.Request) any { return lamps()[:3] },
	"stuck": func(http.ResponseWriter, *http.Request) any { return object{"lamps": lamps()[:5], "total": 12} },
	"empty": func(http.ResponseWriter, *http.Request) any { return object{"message": "we are back soon"} },
	"doubt": func(http.ResponseWriter, *http.Request) any {
		var list []object
		for n := range 3 {
			list = append(list, object{"code": fmt.Sprintf("C-%d", n), "ref": fmt.Sprintf("R-%d", n), "number": n, "title": "Lamp"})
		}
		return list
	},
}
