package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce/emulator"
)

// TestWebOrders plays the example of AmberPOS's help article 360021403132 through, and what it leaves out, with a file, an
// emulated store behind HTTP, and two connector processes, by the rules as they are shipped.
func TestWebOrders(t *testing.T) {
	const one = `[{"id": 101, "status": "Awaiting Fulfillment", "lines": [{"sku": "A-1", "quantity": %s}]}]`
	kept := func(onHand, safety int) string {
		return fmt.Sprintf(`{"1": {"on_hand": %d, "safety_stock": %d}}`, onHand, safety)
	}
	for _, c := range []struct {
		why          string
		qoh          string
		stock, order string // the store's stock, and the units on its order
		settings     string
		want         map[string]string
	}{
		{"a web order for 1 is not imported yet", "5", "4", "1", "imported_through = 100", map[string]string{"QP": "N"}},
		{"the order is imported", "4", "4", "1", "imported_through = 101", nil},
		{"the order is cancelled, so it accounts for nothing", "5", "4", "1", "imported_through = 100\n  ignore_statuses = [\"Awaiting Fulfillment\"]", map[string]string{"Q": "N"}},
		{"the sold unit was put back online", "5", "5", "1", "imported_through = 100", map[string]string{"Q": "N"}},
		{"so were many", "80", "80", "29", "imported_through = 100", map[string]string{"Q": "N"}},
		{"the order does not make up for all of the difference", "5", "3", "1", "imported_through = 100", map[string]string{"Q": "N"}},
		{"nothing is pending", "5", "5", "1", "imported_through = 101", nil},
		{"nobody said what is imported", "5", "5", "1", "", map[string]string{"Q": "-"}},
		{"nobody said what is imported, and the quantities differ", "5", "4", "1", "", map[string]string{"Q": "N", "QP": "-"}},
		{"a negative quantity", "-2", "0", "1", "imported_through = 101", map[string]string{"QN": "N"}},
		{"sold out, and one on order", "0", "-1", "1", "imported_through = 100", map[string]string{"QP": "N"}},
		{"stock is not tracked", "5", `"none"`, "1", "imported_through = 100", map[string]string{"Q": "-", "QP": "-", "QN": "-"}},
		{"safety stock, and nobody chose", "5", kept(5, 2), "2", "imported_through = 100", map[string]string{"Q": "-", "QP": "-"}},
		{"the safety stock makes the difference, and not the order", "5", kept(5, 2), "2", "imported_through = 100\n  quantity = \"available\"", map[string]string{"Q": "N"}},
		{"the order makes the difference, and not the safety stock", "5", kept(6, 2), "1", "imported_through = 100\n  quantity = \"available\"", map[string]string{"QP": "N"}},
		{"on hand", "5", kept(5, 2), "2", "imported_through = 101\n  quantity = \"on_hand\"", nil},
		{"on hand, and sold units were put back online", "5", kept(5, 2), "2", "imported_through = 100\n  quantity = \"on_hand\"", map[string]string{"Q": "N"}},
	} {
		t.Run(c.why, func(t *testing.T) {
			want := map[string]string{"N": "S", "NS": "S", "IV": "S", "B": "S", "Q": "S", "QP": "S", "QN": "S", "P": "S", "PS": "S"}
			maps.Copy(want, c.want)
			stock := `"stock": ` + c.stock
			if c.stock == `"none"` {
				stock = `"tracking": "none"`
			}
			got := runAgainstStore(t, fmt.Sprintf(`{"store": {"name": "Bells", "currency": "CAD"},
				"products": [{"id": 77, "sku": "A-1", "name": "Bell", "brand": "Lezyne", "price": 19.99, %s}], "orders": %s}`,
				stock, fmt.Sprintf(one, c.order)), c.qoh+",", c.settings)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("cells (-want +got):\n%s", diff)
			}
		})
	}
}

// TestSalePrices: P compares regular prices, and PS, which is off, what a sale makes of them.
func TestSalePrices(t *testing.T) {
	for _, c := range []struct {
		why, prices, special string // of the store, and of AmberPOS
		p, ps                string
	}{
		{"the store has a sale", `"price": 19.99, "sale_price": 15`, "", "S", "N"},
		{"both have the same", `"price": 19.99, "sale_price": 15`, "15.00", "S", "S"},
		{"they have other ones", `"price": 19.99, "sale_price": 15`, "16", "S", "N"},
		{"AmberPOS has a sale", `"price": 19.99`, "15", "S", "N"},
		{"none is none", `"price": 19.99, "sale_price": 0`, "0", "S", "S"},
		{"the regular prices differ", `"price": 20, "sale_price": 15`, "15", "N", "S"},
	} {
		t.Run(c.why, func(t *testing.T) {
			got := runAgainstStore(t, fmt.Sprintf(`{"store": {"name": "Bells", "currency": "CAD"},
				"products": [{"id": 77, "sku": "A-1", "name": "Bell", "brand": "Lezyne", "stock": 5, %s}]}`, c.prices), "5,"+c.special, "imported_through = 100")
			if got["P"] != c.p || got["PS"] != c.ps {
				t.Errorf("P %s, PS %s; want %s, %s", got["P"], got["PS"], c.p, c.ps)
			}
		})
	}
}

// runAgainstStore runs the shipped rules on an inventory of one item, with this quantity and special price, and a store that is
// served here.
func runAgainstStore(t *testing.T, storeJSON, quantities, settings string) map[string]string {
	t.Helper()
	catalogue, err := emulator.Parse(strings.NewReader(storeJSON))
	if err != nil {
		t.Fatal(err)
	}
	api, err := emulator.New(catalogue, emulator.WithCredentials("abc123", "tr0ub4dor"))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(api)
	defer server.Close()

	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("inventory.csv", "SKU,Description,Brand,Regular Sell Price,QOH,Special Price,Parent Sku,Options\nA-1,Bell,Lezyne,19.99,"+quantities+",,\n")
	write("rules.hcl", shippedRules(t))
	write("sources.hcl", fmt.Sprintf(`
source "amberpos" "shop" {
  file = "inventory.csv"
}

source "bigcommerce" "web" {
  store_hash       = "abc123"
  access_token     = env("TOKEN")
  api_url          = %q
  %s
}

reconciliation "example" {
  pos   = source.amberpos.shop
  store = source.bigcommerce.web
}
`, server.URL, settings))

	cmd := program(t, dir, "run", "--config", ".", "--format", "json", "--all")
	cmd.Env = append(cmd.Env, "TOKEN=tr0ub4dor")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, &stderr)
	}
	if api.Requests() == 0 {
		t.Error("the store was not asked")
	}
	var result struct {
		Items []struct{ Cells map[string]string }
	}
	if err := json.Unmarshal(stdout.Bytes(), &result); err != nil {
		t.Fatal(err)
	}
	if len(result.Items) != 1 {
		t.Fatalf("%d items, want 1:\n%s", len(result.Items), &stdout)
	}
	return result.Items[0].Cells
}

// shippedRules returns the rules as they are shipped.
func shippedRules(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "reconcile.hcl"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile(`(?ms)^rule "[^"]+" \{.*?^\}\n`).FindAllString(string(text), -1)
	if len(blocks) != 9 {
		t.Fatalf("reconcile.hcl has %d rules, want the eight of the discrepancy screen and PS", len(blocks))
	}
	return strings.Join(blocks, "\n")
}
