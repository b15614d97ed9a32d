package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
)

// A sample shop, so that the connector can be tried without a real one. Delete this file when you have yours.
//
//	GET /shop              {"name": "Sample Lamps", "currency": "CAD"}
//	GET /products?after=0  {"products": [{"id": 1, "sku": "LAMP-1", "name": "Desk Lamp", ...}, ...], "next": 3, "total": 7}
//
// sandbox:20000 is a shop of so many products, for the conformance suite; sandbox:0 is an empty one.

//go:embed sandbox.json
var sampleProducts []byte

const sandboxToken = "sandbox"

type sandbox struct {
	products []any
	page     int // how many are on a page
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
	s := &sandbox{page: 1000, products: []any{}} // none are an empty list, not null
	for i := range count {
		name := fmt.Sprintf("Crème brûlée torch %d", i)
		if i == 0 {
			name += strings.Repeat(" and so on", 7000)
		}
		s.products = append(s.products, map[string]any{"id": i + 1, "sku": fmt.Sprintf("TORCH-%d", i), "name": name, "price": float64(i) / 100, "stock": i % 50})
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
		fmt.Printf("A sample shop at http://%s, token %q. Control-C ends it.\n", address, sandboxToken)
		err = http.ListenAndServe(address, shop)
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func (s *sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "Bearer "+sandboxToken {
		http.Error(w, "unknown token", http.StatusUnauthorized)
		return
	}
	var answer map[string]any
	switch r.URL.Path {
	case "/shop":
		answer = map[string]any{"name": "Sample Lamps", "currency": "CAD"}
	case "/products":
		after, _ := strconv.Atoi(r.URL.Query().Get("after")) // ids are 1, 2, 3, ...
		from := min(max(after, 0), len(s.products))
		to := min(from+s.page, len(s.products))
		answer = map[string]any{"products": s.products[from:to], "total": len(s.products)}
		if to < len(s.products) {
			answer["next"] = to // the last product's id
		}
	default:
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer) // it fails where whoever asked is gone
}
