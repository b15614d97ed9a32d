package main

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"maps"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// A sample shop, so that the connector can be tried without a real one. Delete this file when you have yours, and what in main.go mentions it; //-
// main_test.go needs none of it. //-
//+ // A sample shop, so that the connector can be tried without a real one. Delete this file when you have yours, and what in main.go mentions it.
//+ // apply_test.go tries changes on it: give that a server that does what your platform does, in a file that ends with _test.go.
//
//	GET /shop              {"name": "Sample Lamps", "currency": "CAD"}
//	GET /products?after=0  {"products": [{"id": 1, "sku": "LAMP-1", "name": "Desk Lamp", ...}, ...], "next": 3, "total": 7}
//	GET /products?id=1&sku=LAMP-2  {"products": [...], "total": 2}: those with one of the ids or SKUs
//	PUT /products          {"products": [{"id": 1, "price": 36.50}, ...]} sets name, price or stock of at most 10; all or none
//
// sandbox:20000 is a shop of so many products, for the conformance suite; sandbox:0 is an empty one.

//go:embed sandbox.json
var sampleProducts []byte

const (
	sandboxToken      = "sandbox"
	sandboxWriteToken = "sandbox-writes" // may change products, too
)

type sandbox struct {
	page int // how many are on a page

	mu       sync.Mutex
	products []map[string]any
}

func newSandbox(size string) (*sandbox, error) {
	if size == "" {
		s := &sandbox{page: 3} // few, so that there are several pages
		return s, json.Unmarshal(sampleProducts, &s.products)
	}
	count, err := strconv.Atoi(strings.TrimPrefix(size, ":"))
	if err != nil {
		return nil, fmt.Errorf("sandbox%s: write sandbox, or sandbox: and a number of products", size)
	}
	s := &sandbox{page: 1000}
	for i := range count {
		name := fmt.Sprintf("Crème brûlée torch %d", i)
		if i == 0 {
			name += strings.Repeat(" and so on", 7000)
		}
		s.products = append(s.products, map[string]any{"id": i + 1, "sku": fmt.Sprintf("TORCH-%d", i), "name": name, "price": float64(i) / 100, "stock": i % 50, "options": map[string]string{}})
	}
	return s, nil
}

// startSandbox serves the sample shop inside this process.
func startSandbox(size string) (url, token string, err error) {
	shop, err := newSandbox(size)
	if err != nil {
		return "", "", err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", "", fmt.Errorf("serve the sample shop: %w", err)
	}
	go func() { log.Print("the sample shop: ", http.Serve(listener, shop)) }()
	return "http://" + listener.Addr().String(), sandboxToken, nil
}

// serveSandbox serves the sample shop until it is interrupted, as a shop on the network would be.
func serveSandbox(address string) {
	shop, err := newSandbox("")
	if err == nil {
		fmt.Printf("A sample shop at http://%s, token %q, or %q to change it. Control-C ends it.\n", address, sandboxToken, sandboxWriteToken)
		err = http.ListenAndServe(address, shop)
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func (s *sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	status, answer := s.answer(r)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer) // it fails where whoever asked is gone
}

func (s *sandbox) answer(r *http.Request) (status int, answer map[string]any) {
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	mayWrite, query := token == sandboxWriteToken, r.URL.Query()
	switch asked := r.Method + " " + r.URL.Path; {
	case token != sandboxToken && !mayWrite:
		return http.StatusUnauthorized, map[string]any{"error": "unknown token"}
	case asked == "GET /shop":
		return http.StatusOK, map[string]any{"name": "Sample Lamps", "currency": "CAD", "may_write": mayWrite}
	case asked == "GET /products" && (query.Has("id") || query.Has("sku")):
		found := []map[string]any{}
		for _, p := range s.products {
			if slices.Contains(query["id"], fmt.Sprint(p["id"])) || slices.Contains(query["sku"], fmt.Sprint(p["sku"])) {
				found = append(found, p)
			}
		}
		return http.StatusOK, map[string]any{"products": found, "total": len(found)}
	case asked == "GET /products":
		after, _ := strconv.Atoi(query.Get("after")) // ids are 1, 2, 3, ...
		from := min(max(after, 0), len(s.products))
		to := min(from+s.page, len(s.products))
		answer = map[string]any{"products": append([]map[string]any{}, s.products[from:to]...), "total": len(s.products)}
		if to < len(s.products) {
			answer["next"] = to // the last product's id
		}
		return http.StatusOK, answer
	case asked == "PUT /products" && !mayWrite:
		return http.StatusForbidden, map[string]any{"error": "this token may only read"}
	case asked == "PUT /products":
		return s.put(r)
	}
	return http.StatusNotFound, map[string]any{"error": "no such path"}
}

// put sets what the request says, or nothing at all.
func (s *sandbox) put(r *http.Request) (status int, answer map[string]any) {
	var given struct{ Products []map[string]any }
	body := json.NewDecoder(r.Body)
	body.UseNumber()
	err := body.Decode(&given)
	if err == nil && len(given.Products) > 10 {
		err = fmt.Errorf("%d products are more than 10", len(given.Products))
	}
	for _, set := range given.Products {
		err = errors.Join(err, s.check(set))
	}
	if err != nil {
		return http.StatusUnprocessableEntity, map[string]any{"error": err.Error()}
	}
	for _, set := range given.Products {
		maps.Copy(s.find(set["id"]), set)
	}
	return http.StatusOK, map[string]any{"products": given.Products}
}

// check says what is wrong with what is to be set, and rounds the price.
func (s *sandbox) check(set map[string]any) error {
	if s.find(set["id"]) == nil {
		return fmt.Errorf("there is no product %v", set["id"])
	}
	for name, value := range set {
		number, _ := value.(json.Number)
		amount, err := sdk.ParseDecimal(number.String())
		switch {
		case name == "name" && value != "", name == "id":
		case name == "price" && err == nil && amount.Sign() >= 0:
			set[name] = json.Number(amount.Round(2).String())
		case name == "stock" && err == nil && amount.Sign() >= 0:
		default:
			return fmt.Errorf("product %v: it cannot have %v as its %s", set["id"], value, name)
		}
	}
	return nil
}

func (s *sandbox) find(id any) map[string]any {
	for _, p := range s.products {
		if fmt.Sprint(p["id"]) == fmt.Sprint(id) {
			return p
		}
	}
	return nil
}
