package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
)

// A sample shop, so that the connector can be tried without a real one. Delete this file when you have yours.
//
//	GET /shop            {"name": "Sample Lamps", "currency": "CAD"}
//	GET /products?page=1 {"products": [{"sku": "LAMP-1", "name": "Desk Lamp", ...}], "pages": 3, "total": 7}

//go:embed sandbox.json
var sandboxProducts []byte

const (
	sandboxToken = "sandbox"
	sandboxPage  = 3 // products on a page: few, so that there are several pages
)

// startSandbox serves the sample shop inside this process.
func startSandbox() (url, token string, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", "", fmt.Errorf("serve the sample shop: %w", err)
	}
	go http.Serve(listener, http.HandlerFunc(answer))
	return "http://" + listener.Addr().String(), sandboxToken, nil
}

// serveSandbox serves the sample shop until it is interrupted, as a shop on the network would be.
func serveSandbox(address string) {
	fmt.Printf("A sample shop at http://%s, token %q. Control-C ends it.\n", address, sandboxToken)
	fmt.Fprintln(os.Stderr, http.ListenAndServe(address, http.HandlerFunc(answer)))
	os.Exit(1)
}

func answer(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "Bearer "+sandboxToken {
		http.Error(w, "unknown token", http.StatusUnauthorized)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	switch r.URL.Path {
	case "/shop":
		json.NewEncoder(w).Encode(map[string]string{"name": "Sample Lamps", "currency": "CAD"})
	case "/products":
		var all []json.RawMessage
		if err := json.Unmarshal(sandboxProducts, &all); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		page, _ := strconv.Atoi(r.URL.Query().Get("page"))
		from := min(max(page-1, 0)*sandboxPage, len(all))
		json.NewEncoder(w).Encode(map[string]any{
			"products": all[from:min(from+sandboxPage, len(all))],
			"pages":    (len(all) + sandboxPage - 1) / sandboxPage,
			"total":    len(all),
		})
	default:
		http.NotFound(w, r)
	}
}
