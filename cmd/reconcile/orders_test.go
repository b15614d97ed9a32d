package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const orderedItems = `
  {"id": 1000, "status": "Shipped", "lines": [{"sku": "A", "quantity": 9}]},
  {"id": 1001, "status": "Awaiting Fulfillment", "created": "2026-03-01T14:29:00-05:00", "tax_rate": 0.13, "shipping": 12, "coupon": 1.5, "note": "Ring, twice",
   "message": "Please wrap", "customer": {"first_name": "Anna", "last_name": "Ng", "email": "anna@example.com", "street": "1 Rue Principale", "city": "Laval"},
   "lines": [{"sku": "B", "name": "=1+1", "quantity": 2, "refunded": 1, "price": 4.99, "discount": 0.5}, {"sku": "HAND", "custom": true, "quantity": 1, "price": 3}]},
  {"id": 1002, "status": "Cancelled", "lines": [{"sku": "A", "quantity": 1}]}`

const exported = `order,date,status,sku,name,quantity,price_ex_tax,price_inc_tax,discount,shipping_ex_tax,shipping_inc_tax,order_discount,order_total_ex_tax,order_total_inc_tax,currency,note
1001,2026-03-01T19:29:00Z,Awaiting Fulfillment,B,'=1+1,1,4.99,5.6387,0.5,12,13.56,2,22.98,25.9674,CAD,"Ring, twice"
1001,2026-03-01T19:29:00Z,Awaiting Fulfillment,HAND,HAND,1,3,3.39,0,,,,,,CAD,
`

// newOrdering serves a store in which one unit of B is on a web order that the point of sale has not imported.
func newOrdering(t *testing.T) *applying {
	t.Helper()
	a := newApplying(t)
	a.write("store.json", fmt.Sprintf(strings.Replace(applyStore, `"price": 5, "stock": 7`, `"price": 5, "stock": 5`, 1), orderedItems))
	a.write("imported.csv", "date;id\n# by hand\n2026-02-01;7\n")
	a.changeConfig(`imported_through   = 1000`, "imported_through   = 1000\n  imported_ids_file  = \"imported.csv\"")
	return a
}

// changeConfig puts a text in the place of another one of the configuration.
func (a *applying) changeConfig(from, to string) {
	a.Helper()
	text := a.read("reconcile.hcl")
	if !strings.Contains(text, from) {
		a.Fatalf("the configuration has no %q", from)
	}
	a.write("reconcile.hcl", strings.Replace(text, from, to, 1))
}

func (a *applying) read(name string) string {
	a.Helper()
	text, err := os.ReadFile(filepath.Join(a.dir, name))
	if err != nil {
		a.Fatal(err)
	}
	return string(text)
}

// cellsOf returns what a run says of an item: "P=S QP=N Q=S".
func (a *applying) cellsOf(sku string) string {
	a.Helper()
	out, _ := a.run(0, "run", "--format", "json", "--all", "--no-history")
	var result struct {
		Items []struct {
			SKU   string
			Cells map[string]string
		}
	}
	if err := json.Unmarshal([]byte(out), &result); err != nil {
		a.Fatal(err)
	}
	for _, it := range result.Items {
		if it.SKU == sku {
			return fmt.Sprintf("P=%s QP=%s Q=%s", it.Cells["P"], it.Cells["QP"], it.Cells["Q"])
		}
	}
	a.Fatalf("there is no item %s in %s", sku, out)
	return ""
}

// TestOrders goes the whole way: QP is N, the plan names the command, the orders are exported, imported by the point of sale, and noted; then QP
// is S.
func TestOrders(t *testing.T) {
	a := newOrdering(t)
	if got := a.cellsOf("B"); got != "P=S QP=N Q=S" {
		t.Fatalf("at first B is %s", got)
	}
	out, _ := a.run(0, "plan")
	if !strings.Contains(out, "Which orders these are, as a file to import: reconcile orders export r") {
		t.Errorf("the plan does not say how to get the orders:\n%s", out)
	}
	out, said := a.run(0, "orders", "export", "--out", "orders.csv")
	if want := "Wrote 1 order with 2 lines to orders.csv"; !strings.Contains(out, want) || said != "" {
		t.Errorf("%s%s\nwant %q", out, said, want)
	}
	if diff := cmp.Diff(exported, a.read("orders.csv")); diff != "" {
		t.Error(diff)
	}
	if info, err := os.Stat(filepath.Join(a.dir, "orders.csv")); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("others may read it: %v, %v", info.Mode(), err)
	}
	if got := a.cellsOf("B"); got != "P=S QP=N Q=S" {
		t.Errorf("exported is not imported, and B is %s", got)
	}

	if os.Getenv("RECONCILE_TEST_LONG") != "" {
		a.exportAgain()
	}

	// The point of sale imports the file, and it is noted.
	a.write("inventory.csv", "sku,name,price,qoh\nA,Bell,12,3\nB,Pedal,5,5\nC,Saddle,20,1\n")
	if out, _ = a.run(0, "orders", "imported", "orders.csv"); !strings.Contains(out, "Added 1 order to ") {
		t.Error(out)
	}
	if got, want := a.read("imported.csv"), "date;id\n# by hand\n2026-02-01;7\n;1001\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := a.cellsOf("B"); got != "P=S QP=S Q=S" {
		t.Errorf("then B is %s", got)
	}
	if os.Getenv("RECONCILE_TEST_LONG") != "" {
		a.noteAgain()
	}
}

// exportAgain makes a second export, which says that there is another one, and does not write over the first.
func (a *applying) exportAgain() {
	a.Helper()
	if _, said := a.run(1, "orders", "export", "--out", "orders.csv"); !strings.Contains(said, "give a new name") {
		a.Error(said)
	}
	if _, said := a.run(0, "orders", "export", "--raw", "--customer", "--address", "--customer-note", "--out", "all.csv"); !strings.Contains(said, "orders.csv of ") || !strings.Contains(said, "has some of these orders, too: 1001") {
		a.Error(said)
	}
	for _, part := range []string{"Anna Ng", "anna@example.com", "1 Rue Principale", "Laval", "Please wrap", ",=1+1,"} {
		if strings.Contains(a.read("all.csv"), part) == strings.Contains(a.read("orders.csv"), part) {
			a.Errorf("%q is in both exports, or in none", part)
		}
	}
}

// noteAgain: orders are known by their numbers, whichever export has them.
func (a *applying) noteAgain() {
	a.Helper()
	for _, file := range []string{"orders.csv", "all.csv.manifest.json"} {
		if out, _ := a.run(0, "orders", "imported", file); !strings.Contains(out, "nothing was changed") {
			a.Error(out)
		}
	}
	if out, _ := a.run(0, "orders", "export", "--out", "none.xlsx"); !strings.Contains(out, "no web order to import") {
		a.Error(out)
	}
	if _, err := os.Stat(filepath.Join(a.dir, "none.xlsx")); err == nil {
		a.Error("an export of no order was written")
	}
}

// TestOrdersRefused: what is not as it was exported, or of another store, is refused, and the file of numbers stays as it was.
func TestOrdersRefused(t *testing.T) {
	if os.Getenv("RECONCILE_TEST_LONG") == "" {
		t.Skip("it starts the program many times: set RECONCILE_TEST_LONG=1")
	}
	a := newOrdering(t)
	before := a.read("imported.csv")
	a.run(0, "orders", "export", "--out", "orders.xlsx")
	manifest, data, config := a.read("orders.xlsx.manifest.json"), a.read("orders.xlsx"), a.read("reconcile.hcl")
	for _, c := range []struct {
		name   string
		damage func()
		want   string
	}{
		{"a changed file", func() { a.write("orders.xlsx", data+" ") }, "was changed since it was exported"},
		{"a changed manifest", func() { a.write("orders.xlsx.manifest.json", strings.Replace(manifest, `"1001"`, `"1003"`, 1)) }, "is not as reconcile orders export has written it"},
		{"a manifest with a name in other letters", func() {
			a.write("orders.xlsx.manifest.json", strings.Replace(manifest, `"orders"`, `"orders": ["1001"], "Orders"`, 1))
		}, "is not as reconcile orders export has written it"},
		{"half a manifest", func() { a.write("orders.xlsx.manifest.json", manifest[:len(manifest)/2]) }, "is not as reconcile orders export has written it"},
		{"no manifest", func() { _ = os.Remove(filepath.Join(a.dir, "orders.xlsx.manifest.json")) }, "has no manifest beside it"},
		{"no file", func() { _ = os.Remove(filepath.Join(a.dir, "orders.xlsx")) }, "no such file"},
		{"another store", func() { a.changeConfig(`"sandbox"`, `"another"`) }, "has orders of another store"},
		{"no setting", func() { a.changeConfig(`imported_ids_file  = "imported.csv"`, "") }, `add imported_ids_file = "imported-orders.txt" to its block (reconcile.hcl:5`},
	} {
		a.write("orders.xlsx.manifest.json", manifest)
		a.write("orders.xlsx", data)
		a.write("reconcile.hcl", config)
		c.damage()
		if _, said := a.run(1, "orders", "imported", "orders.xlsx"); !strings.Contains(strings.Join(strings.Fields(said), " "), c.want) {
			t.Errorf("%s: %s", c.name, said)
		}
		if got := a.read("imported.csv"); got != before {
			t.Fatalf("%s: the file of numbers is now %q", c.name, got)
		}
	}
	a.write("reconcile.hcl", config)
	a.write("orders.xlsx.manifest.json", manifest)
	a.run(0, "orders", "imported", "orders.xlsx")
	a.write("lines.hcl", "source \"file\" \"orders\" {\n  path = \"orders.xlsx\"\n  columns = { price = \"price_ex_tax\" }\n}\n")
	if out, _ := a.run(0, "sources", "orders", "--config", "lines.hcl"); !strings.Contains(out, "order_total_inc_tax") {
		t.Errorf("the workbook is not read: %s", out)
	}
}
