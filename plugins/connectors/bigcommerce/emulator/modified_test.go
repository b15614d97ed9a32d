package emulator

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// dates returns when each product and order was modified, by SKU and number.
func dates(c *Catalog) map[string]string {
	all := map[string]string{}
	for _, p := range c.Products {
		all[p.SKU] = p.Modified
	}
	for _, o := range c.Orders {
		all[fmt.Sprint(o.ID)] = o.Modified
	}
	return all
}

// TestChangesAreDated checks what the API tells by date: a product's values and its variants', an order's status and
// lines, but not stock, which moves on its own.
func TestChangesAreDated(t *testing.T) {
	const was, is = "2026-03-01T00:00:00Z", "2026-03-05T12:00:00Z"
	for _, c := range []struct {
		name    string
		change  func(*Catalog)
		touched string
	}{
		{"nothing", func(*Catalog) {}, ""},
		{"a name", func(c *Catalog) { c.Products[0].Name = "New" }, "P1"},
		{"a variant's SKU", func(c *Catalog) { c.Products[1].Variants[0].SKU = "V9" }, "P2"},
		{"stock", func(c *Catalog) { c.Products[0].Stock = Units(99) }, ""},
		{"a variant's stock", func(c *Catalog) { c.Products[1].Variants[0].Stock = Units(99) }, ""},
		{"an order's status", func(c *Catalog) { c.Orders[0].Status = "Shipped" }, "5"},
		{"an order's line", func(c *Catalog) { c.Orders[1].Lines[0].Quantity++ }, "7"},
		{"a new product", func(c *Catalog) { c.Products = append(c.Products, &Product{SKU: "P4", Name: "D"}) }, "P4"},
		{"a date of its own", func(c *Catalog) { c.Products[0].Name, c.Products[0].Modified = "New", "2026-03-01T00:00:01Z" }, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			catalogue := shop()
			for _, p := range catalogue.Products {
				p.Modified = was
			}
			for _, o := range catalogue.Orders {
				o.Modified = was
			}
			s := serve(t, catalogue, WithClock(func() time.Time { return now.Add(24 * time.Hour) }))
			if err := s.Update(c.change); err != nil {
				t.Fatal(err)
			}
			touched := ""
			for key, date := range dates(catalogue) {
				if date == is {
					touched = key
				}
			}
			if touched != c.touched {
				t.Errorf("%q is dated anew, want %q", touched, c.touched)
			}
		})
	}
}

// TestReplacing serves an edited file: what is still there keeps its identifiers and, unchanged, its date.
func TestReplacing(t *testing.T) {
	parse := func(text string) *Catalog {
		c, err := Parse(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	at := now
	s := serve(t, parse(`{"products": [{"sku": "A", "name": "A", "brand": "X"}, {"sku": "B", "name": "B", "brand": "Y"},
		{"sku": "T", "name": "T", "variants": [{"sku": "T1", "options": {"Size": "S"}}]}],
		"orders": [{"id": 7, "status": "1", "lines": [{"sku": "A", "quantity": 1}]}]}`), WithClock(func() time.Time { return at }))
	before := askList(t, s, "/v3/catalog/products?include=variants&include_fields=sku,brand_id,date_modified").Data
	at = at.Add(time.Hour)
	if err := s.Replace(parse(`{"products": [{"sku": "NEW", "name": "New"}, {"sku": "B", "name": "B", "brand": "Y", "stock": 4},
		{"sku": "T", "name": "Tee", "variants": [{"sku": "T0", "options": {"Size": "XS"}}, {"sku": "T1", "options": {"Size": "S"}}]}],
		"orders": [{"id": 7, "status": "2", "lines": [{"sku": "B", "quantity": 1}]}]}`)); err != nil {
		t.Fatal(err)
	}
	after := askList(t, s, "/v3/catalog/products?include=variants&include_fields=sku,brand_id,date_modified").Data
	if len(after) != 3 || after[2]["sku"] != "NEW" {
		t.Fatalf("products %v", after)
	}
	if diff := cmp.Diff(before[1], after[0]); !strings.Contains(diff, "inventory_level") || strings.Contains(diff, `"date_modified"`) || strings.Contains(diff, "brand_id") {
		t.Errorf("B, of which only the stock changed (-before +after):\n%s", diff)
	}
	if after[1]["id"] != before[2]["id"] || after[1]["date_modified"] == before[2]["date_modified"] {
		t.Errorf("T was %v, is %v", before[2], after[1])
	}
	was, is := before[2]["variants"].([]any)[0].(map[string]any), after[1]["variants"].([]any)[1].(map[string]any)
	if was["id"] != is["id"] || is["sku"] != "T1" {
		t.Errorf("T1 was %v, is %v", was, is)
	}
	if w := ask(s, "/v2/orders?min_date_modified=2026-03-04T12:30:00Z"); !strings.Contains(w.Body.String(), `"id":7`) {
		t.Errorf("the order's change is not dated: %d %s", w.Code, w.Body)
	}
	if err := s.Replace(&Catalog{Products: []*Product{{SKU: "A", Tracking: "maybe"}}}); err == nil {
		t.Error("a catalogue that cannot be served was accepted")
	}
	if got := askList(t, s, "/v3/catalog/products"); len(got.Data) != 3 {
		t.Errorf("after a catalogue that was refused: %v", got.Data)
	}
}
