package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce/emulator"
)

// store is what the emulated store holds in TestWebOrderStillToBeImported: stock of 4, and one order for 1.
const store = `{
  "store": {"name": "Bells", "currency": "CAD"},
  "products": [{"id": 77, "sku": "A-1", "name": "Bell", "brand": "Lezyne", "price": 19.99, "stock": 4}],
  "orders": [{"id": 101, "status": %q, "lines": [{"sku": "A-1", "quantity": 1}]}]
}`

// TestWebOrderStillToBeImported plays the example of AmberPOS's help article 360021403132 through, with a file, an
// emulated store behind HTTP, and two connector processes, by the rules as they are shipped.
func TestWebOrderStillToBeImported(t *testing.T) {
	cases := []struct {
		why                    string
		qoh, status, importedT string
		want                   map[string]string
	}{
		{"a web order for 1 is not imported yet", "5", "Awaiting Fulfillment", "100", map[string]string{"QP": "N"}},
		{"the order is imported", "4", "Awaiting Fulfillment", "101", map[string]string{}},
		{"the order is cancelled, so it accounts for nothing", "5", "Cancelled", "100", map[string]string{"Q": "N"}},
	}
	for _, c := range cases {
		t.Run(c.why, func(t *testing.T) {
			want := map[string]string{"N": "S", "NS": "S", "IV": "S", "B": "S", "Q": "S", "QP": "S", "QN": "S", "P": "S"}
			for code, cell := range c.want {
				want[code] = cell
			}
			got := runAgainstStore(t, fmt.Sprintf(store, c.status), c.qoh, c.importedT)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("cells (-want +got):\n%s", diff)
			}
		})
	}
}

// runAgainstStore runs the shipped rules on an inventory of one item and a store that is served here.
func runAgainstStore(t *testing.T, storeJSON, qoh, importedThrough string) map[string]string {
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
	write("inventory.csv", "SKU,Description,Brand,Regular Sell Price,QOH,Parent Sku,Options\nA-1,Bell,Lezyne,19.99,"+qoh+",,\n")
	write("rules.hcl", shippedRules(t))
	write("sources.hcl", fmt.Sprintf(`
source "amberpos" "shop" {
  file = "inventory.csv"
}

source "bigcommerce" "web" {
  store_hash       = "abc123"
  access_token     = env("TOKEN")
  api_url          = %q
  imported_through = %s
}

reconciliation "example" {
  pos   = source.amberpos.shop
  store = source.bigcommerce.web
}
`, server.URL, importedThrough))

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
	if len(blocks) != 8 {
		t.Fatalf("reconcile.hcl has %d rules, want 8", len(blocks))
	}
	return strings.Join(blocks, "\n")
}
