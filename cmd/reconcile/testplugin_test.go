package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/reconcilehq/reconcile/plugins/devkit/conformance"
	"github.com/reconcilehq/reconcile/plugins/host"
)

// TestConformance holds the bundled connectors against the protocol, each with a source that has something to see, a
// large one and an empty one.
func TestConformance(t *testing.T) {
	const items = 12_000 // enough that a read is still going on when it is stopped
	var rows strings.Builder
	rows.WriteString("sku,name,brand,price,qoh,tracked,options,parent_sku\n")
	for i := range items {
		fmt.Fprintf(&rows, "A-%d,Gitärre %d,Fender,%d.99,%d,true,Size:%d|Colour:Red,P-%d\n", i, i, i%1000, i%50, i%7, i/3)
	}
	fmt.Fprintf(&rows, "LONG,%s,,,,,,\n", strings.Repeat("x", 70_000))
	catalogue := rows.String()
	const columns = `columns = { name = "name", brand = "brand", price = "price", qoh = "qoh", options = "options", parent_sku = "parent_sku" }`
	for _, c := range []struct{ connector, config string }{
		{"file", `source "file" "full" {
  path = "full.csv"
}
source "file" "empty" {
  path = "empty.csv"
}`},
		{"amberpos", `source "amberpos" "full" {
  file = "full.csv"
  ` + columns + `
}
source "amberpos" "empty" {
  file = "empty.csv"
  ` + columns + `
}`},
		{"bigcommerce", `source "bigcommerce" "sample" {
  sandbox          = true
  imported_through = 1
}
source "bigcommerce" "large" {
  sandbox         = true
  sandbox_catalog = "large.json"
}
source "bigcommerce" "empty" {
  sandbox         = true
  sandbox_catalog = "empty.json"
}`},
	} {
		t.Run(c.connector, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for name, text := range map[string]string{"reconcile.hcl": c.config, "full.csv": catalogue,
				"empty.csv": "sku,name,brand,price,qoh,options,parent_sku\n", "large.json": largeStore(t), "empty.json": "{}"} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			self, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			conformance.Test(t, conformance.Target{
				Program: &host.Command{Path: self, Args: []string{"reconcile", connectorArg, c.connector}},
				Config:  filepath.Join(dir, "reconcile.hcl"), Timeout: 30 * time.Second,
			})
		})
	}
}

// largeStore returns a sandbox's catalogue that takes several batches, as its products' names are long.
func largeStore(t *testing.T) string {
	t.Helper()
	type product struct {
		SKU   string  `json:"sku"`
		Name  string  `json:"name"`
		Brand string  `json:"brand"`
		Price float64 `json:"price"`
		Stock int     `json:"stock"`
	}
	var store struct {
		Products []product `json:"products"`
	}
	for i := range 240 { // a page of the API's: the quota is for shops
		store.Products = append(store.Products, product{SKU: fmt.Sprintf("B-%d", i), Name: strings.Repeat("é", 4000), Brand: "Klingel", Price: 9.5, Stock: i % 9})
	}
	text, err := json.Marshal(store)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
