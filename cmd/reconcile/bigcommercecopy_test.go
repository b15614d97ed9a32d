package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// madeStore is what the test edits of a sandbox's store.
type madeStore struct {
	Products []*madeProduct `json:"products"`
	Orders   []*madeOrder   `json:"orders"`
}

type madeProduct struct {
	SKU      string       `json:"sku"`
	Name     string       `json:"name"`
	Brand    string       `json:"brand"`
	Price    float64      `json:"price"`
	Tracking string       `json:"tracking,omitempty"`
	Stock    int          `json:"stock"`
	Variants []*madeItems `json:"variants,omitempty"`
}

type madeItems struct {
	SKU     string            `json:"sku"`
	Options map[string]string `json:"options"`
	Stock   int               `json:"stock"`
}

type madeOrder struct {
	ID     int64      `json:"id"`
	Status string     `json:"status"`
	Lines  []madeLine `json:"lines"`
}

type madeLine struct {
	SKU      string `json:"sku"`
	Quantity int    `json:"quantity"`
	Refunded int    `json:"refunded,omitempty"`
}

// TestBigCommerceCopy edits a store that a sandbox serves: after each edit a run with the Local Copy reports what a run
// reports that reads everything.
func TestBigCommerceCopy(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	store := &madeStore{Orders: []*madeOrder{{1001, "Pending", []madeLine{{"P00", 1, 0}}}, {1002, "Pending", []madeLine{{"P01", 2, 0}}}}}
	inventory := "sku,name,brand,price,qoh\n"
	for i := range 12 {
		p := &madeProduct{SKU: fmt.Sprintf("P%02d", i), Name: fmt.Sprintf("Product %d", i), Brand: fmt.Sprintf("Brand %d", i%3), Price: 10, Stock: 5}
		inventory += fmt.Sprintf("%s,%s,%s,10,5\n", p.SKU, p.Name, p.Brand)
		store.Products = append(store.Products, p)
	}
	store.Products[0].Stock, store.Products[1].Stock = 4, 3 // as the orders have left them
	store.Products[4].Tracking = "none"
	store.Products[5].Variants = []*madeItems{{"V1", map[string]string{"Size": "S"}, 1}, {"V2", map[string]string{"Size": "M"}, 2}}
	save := func() {
		t.Helper()
		text, err := json.Marshal(store)
		if err != nil {
			t.Fatal(err)
		}
		write("store.json", string(text))
	}
	save()
	address, stop := serveSandbox(t, dir, "--catalog", "store.json", "--quota", "0")
	write("inventory.csv", inventory)
	write("reconcile.hcl", fmt.Sprintf(`
source "file" "pos" {
  path = "inventory.csv"
}
source "bigcommerce" "web" {
  api_url          = %q
  store_hash       = "sandbox"
  access_token     = "sandbox-token"
  imported_through = 1000
}
reconciliation "web" {
  pos   = source.file.pos
  store = source.bigcommerce.web
}
rule "N" { when = pos.name != store.name }
rule "B" { when = pos.brand != store.brand }
rule "P" { when = pos.price != store.price }
rule "Q" { when = pos.qoh != store.qoh }
rule "QP" {
  explains = ["Q"]
  when     = pos.qoh != store.qoh && pos.qoh - store.pending == store.qoh
}
`, address))
	ages := regexp.MustCompile(`"read_at": "[^"]*"(, "local_copy": true)?`)
	report := func(args ...string) string {
		t.Helper()
		var stdout, stderr bytes.Buffer
		cmd := program(t, dir, append([]string{"run", "--format", "json", "--all"}, args...)...)
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		if err := cmd.Run(); err != nil {
			t.Fatalf("%v\n%s", err, &stderr)
		}
		return ages.ReplaceAllString(stdout.String(), "")
	}
	explain := func(sku string, args ...string) string {
		t.Helper()
		var stdout, stderr bytes.Buffer
		cmd := program(t, dir, append([]string{"explain", sku}, args...)...)
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		if err := cmd.Run(); err != nil {
			t.Fatalf("%v\n%s", err, &stderr)
		}
		return stdout.String()
	}
	last := report("--data", "copy")
	for i, edit := range []struct {
		name string
		sku  string // of an item that it is about
		do   func()
	}{
		{"a price and stock", "P01", func() { store.Products[1].Price, store.Products[2].Stock = 12, 7 }},
		{"a deleted product", "P03", func() { store.Products = append(store.Products[:3], store.Products[4:]...) }},
		{"a new one, and an order for it", "NEW", func() {
			store.Products = append(store.Products, &madeProduct{SKU: "NEW", Name: "New", Brand: "Brand 9", Price: 1, Stock: 1})
			store.Orders = append(store.Orders, &madeOrder{1003, "Pending", []madeLine{{"NEW", 1, 0}}})
		}},
		{"another SKU", "RENAMED", func() { store.Products[6].SKU = "RENAMED" }},
		{"a new variant", "V3", func() {
			store.Products[4].Variants = append(store.Products[4].Variants, &madeItems{"V3", map[string]string{"Size": "L"}, 3})
		}},
		{"a refund", "P00", func() { store.Orders[0].Lines[0].Refunded = 1 }},
		{"an order that is gone", "P01", func() { store.Orders = append(store.Orders[:1], store.Orders[2:]...) }},
		{"tracking", "P08", func() { store.Products[3].Tracking, store.Products[7].Tracking = "", "none" }},
	} {
		edit.do()
		save()
		refreshed, fresh := report("--data", "copy"), report("--data", fmt.Sprintf("fresh%d", i))
		if diff := cmp.Diff(fresh, refreshed); diff != "" {
			t.Errorf("%s: the report of a refreshed copy differs from that of a full read (-full +refreshed):\n%s", edit.name, diff)
		}
		if offline := report("--data", "copy", "--offline"); offline != refreshed {
			t.Errorf("%s: offline the report is another:\n%s", edit.name, cmp.Diff(refreshed, offline))
		}
		if refreshed == last {
			t.Errorf("%s: the report is as it was", edit.name)
		}
		if i < 2 || os.Getenv("RECONCILE_TEST_LONG") == "1" {
			explained := explain(edit.sku, "--data", fmt.Sprintf("fresh%d", i), "--offline")
			made := explain(edit.sku, "--data", "copy", "--offline") // it keeps the items that it makes
			before := itemsFile(t, dir)
			found := explain(edit.sku, "--data", "copy", "--offline")
			if made != explained || found != explained {
				t.Errorf("%s: of a full read explain says\n%s\nof a refreshed copy\n%s\nand of the items made of it\n%s", edit.name, explained, made, found)
			}
			if after := itemsFile(t, dir); !os.SameFile(before, after) {
				t.Errorf("%s: the items were made again, though nothing has changed", edit.name)
			}
		}
		last = refreshed
	}
	stop()
	if offline := report("--data", "copy", "--offline"); offline != last {
		t.Errorf("offline the report is another:\n%s", cmp.Diff(last, offline))
	}
}

// itemsFile returns the file of the items that were made of the folder's only Local Copy.
func itemsFile(t *testing.T, dir string) os.FileInfo {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "copy", "copies", "*.items"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%q, %v", files, err)
	}
	info, err := os.Stat(files[0])
	if err != nil {
		t.Fatal(err)
	}
	return info
}
