package bigcommerce

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce/emulator"
)

// mixed is a small store with one of each kind.
func mixed(t *testing.T) *emulator.Catalog {
	return &emulator.Catalog{
		Locations: []*emulator.Location{{ID: 1, Name: "Main"}, {ID: 2, Name: "Annex"}},
		Products: []*emulator.Product{
			{ID: 101, SKU: "BELL", Name: "Bell", Brand: "Klingel", Price: *decimal(t, "10.10"), Sale: decimal(t, "9"),
				Cost: decimal(t, "4.005"), Retail: decimal(t, "12"), Weight: decimal(t, "0.1"), Width: decimal(t, "2"),
				Height: decimal(t, "3"), Depth: decimal(t, "4"), UPC: "0123", Bin: "C3", Path: "/bell/",
				Modified: "2026-03-01T00:00:00Z", BaseVariantID: 9001,
				Stock: emulator.Stock{1: {OnHand: 5, SafetyStock: 2}, 2: {OnHand: 7}}},
			{ID: 102, SKU: "TEE", Name: "T-shirt", Price: *decimal(t, "20"), Sale: decimal(t, "18"), Weight: decimal(t, "0.2"),
				UPC: "parent", Bin: "parent", Hidden: true, Path: "/tee/", Modified: "2026-03-02T00:00:00Z", Variants: []*emulator.Variant{
					{ID: 9002, SKU: "TEE-S", Options: map[string]string{"Size": "S", "Colour": "Red"}, Stock: emulator.Units(3)},
					{ID: 9003, SKU: "TEE-XL", Options: map[string]string{"Size": "XL", "Colour": "Red"}, Price: decimal(t, "22"),
						Sale: decimal(t, "0"), Weight: decimal(t, "0.25"), UPC: "0456", Bin: "D1", Stock: emulator.Units(-1)}}},
			{ID: 103, SKU: "GIFT", Name: "Gift card", Price: *decimal(t, "50"), Tracking: "none", Path: "/gift/",
				Modified: "2026-03-03T00:00:00Z", BaseVariantID: 9004},
		},
	}
}

func TestEveryField(t *testing.T) {
	s := newShop(t, mixed(t))
	source := s.source(t, settings{"imported_through": 0, "quantity": "available"})
	fields, err := source.Schema(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range fields {
		names = append(names, f.Name)
	}
	got := read(t, source, names...)
	want := []item{
		{"sku": "BELL", "name": "Bell", "brand": "Klingel", "price": "10.1", "sale_price": "9", "cost_price": "4.005",
			"retail_price": "12", "qoh": "10", "pending": "0", "safety_stock": "2", "tracked": "true", "upc": "0123", "bin": "C3", "weight": "0.1",
			"width": "2", "height": "3", "depth": "4", "visible": "true", "availability": "available", "id": "9001", "product_id": "101",
			"url": "https://sandbox.example/bell/", "modified_at": "2026-03-01T00:00:00Z"},
		// Inherits prices and weight from its product; codes and bins are its own. A price of 0 is none.
		{"sku": "TEE-S", "name": "T-shirt", "price": "20", "sale_price": "18", "qoh": "3", "pending": "0", "safety_stock": "0", "tracked": "true",
			"options": "Colour:Red|Size:S", "variation": `Colour=Red|Size=S\|XL`, "parent_sku": "TEE", "weight": "0.2",
			"width": "0", "height": "0", "depth": "0", "visible": "false", "availability": "available", "id": "9002", "product_id": "102",
			"url": "https://sandbox.example/tee/", "modified_at": "2026-03-02T00:00:00Z"},
		{"sku": "TEE-XL", "name": "T-shirt", "price": "22", "qoh": "-1", "pending": "0", "safety_stock": "0", "tracked": "true",
			"options": "Colour:Red|Size:XL", "variation": `Colour=Red|Size=S\|XL`, "parent_sku": "TEE", "upc": "0456", "bin": "D1",
			"weight": "0.25", "width": "0", "height": "0", "depth": "0", "visible": "false", "availability": "available", "id": "9003", "product_id": "102",
			"url": "https://sandbox.example/tee/", "modified_at": "2026-03-02T00:00:00Z"},
		{"sku": "GIFT", "name": "Gift card", "price": "50", "pending": "0", "tracked": "false", "weight": "0", "width": "0",
			"height": "0", "depth": "0", "visible": "true", "availability": "available", "id": "9004", "product_id": "103",
			"url": "https://sandbox.example/gift/", "modified_at": "2026-03-03T00:00:00Z"},
	}
	if got.err != nil || len(got.warnings) > 0 {
		t.Errorf("error %v, warnings %q", got.err, got.warnings)
	}
	if diff := cmp.Diff(want, got.items); diff != "" {
		t.Errorf("items (-want +got):\n%s", diff)
	}
}

func TestQuantities(t *testing.T) {
	for _, c := range []struct {
		name  string
		given settings
		want  map[string]string
	}{
		{"available at all locations", settings{"quantity": "available"}, map[string]string{"BELL": "10", "TEE-S": "3", "TEE-XL": "-1", "GIFT": ""}},
		{"on hand", settings{"quantity": "on_hand"}, map[string]string{"BELL": "12", "TEE-S": "3", "TEE-XL": "-1", "GIFT": ""}},
		{"nobody chose, and one has safety stock", nil, map[string]string{"BELL": "", "TEE-S": "3", "TEE-XL": "-1", "GIFT": ""}},
		{"one location", settings{"locations": []int{1}, "quantity": "available"}, map[string]string{"BELL": "3", "TEE-S": "3", "TEE-XL": "-1", "GIFT": ""}},
		{"a location where some have nothing", settings{"locations": []int{2}},
			map[string]string{"BELL": "7", "TEE-S": "0", "TEE-XL": "0", "GIFT": ""}},
		{"two locations", settings{"locations": []int{2, 1}, "quantity": "on_hand"},
			map[string]string{"BELL": "12", "TEE-S": "3", "TEE-XL": "-1", "GIFT": ""}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newShop(t, mixed(t))
			got := read(t, s.source(t, c.given), "sku", "qoh").column(t, "qoh")
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("qoh (-want +got):\n%s", diff)
			}
		})
	}
	t.Run("a location that does not exist", func(t *testing.T) {
		got := read(t, newShop(t, mixed(t)).source(t, settings{"locations": []int{1, 7}}), "sku", "qoh")
		if got.err == nil || !strings.Contains(got.err.Error(), "location 7; stock is kept at 1 (Main), 2 (Annex)") {
			t.Errorf("error %v", got.err)
		}
	})
	t.Run("a product that is tracked as a whole", func(t *testing.T) {
		c := mixed(t)
		c.Products[1].Tracking, c.Products[1].Stock = "product", emulator.Units(8)
		got := read(t, newShop(t, c).source(t, nil), "sku", "qoh").column(t, "qoh")
		if got["TEE-S"] != "8" || got["TEE-XL"] != "8" {
			t.Errorf("qoh %v, want the product's 8 for both variants", got)
		}
	})
}

func TestOnlyWhatIsNeededIsAsked(t *testing.T) {
	for _, c := range []struct {
		fields []string
		want   []string
	}{
		{[]string{"sku", "name"}, []string{"/v3/catalog/products", "/v3/catalog/variants"}},
		{[]string{"sku", "brand"}, []string{"/v3/catalog/brands", "/v3/catalog/products", "/v3/catalog/variants"}},
		{[]string{"sku", "qoh"}, []string{"/v3/inventory/items", "/v3/catalog/products", "/v3/catalog/variants"}},
		{[]string{"pending"}, []string{"/v2/orders", "/v3/settings/inventory", "/v3/catalog/products", "/v3/catalog/variants"}},
		{[]string{"url"}, []string{"/v2/store", "/v3/catalog/products", "/v3/catalog/variants"}},
	} {
		t.Run(strings.Join(c.fields, ","), func(t *testing.T) {
			var mu sync.Mutex
			var asked []string
			s := newShop(t, mixed(t), emulator.WithObserver(func(r *http.Request) {
				mu.Lock()
				defer mu.Unlock()
				asked = append(asked, strings.TrimPrefix(r.URL.Path, "/stores/abc123"))
				if r.URL.Query().Get("include") == "variants" && r.URL.Query().Get("include_fields") == "" {
					t.Error("products are asked for with all of their fields")
				}
			}))
			if got := read(t, s.source(t, settings{"imported_through": 0}), c.fields...); got.err != nil {
				t.Fatal(got.err)
			}
			mu.Lock()
			defer mu.Unlock()
			if diff := cmp.Diff(c.want, asked); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

// large is a store with simple products and products of five variants in turn, until it has n SKUs.
func large(n int) *emulator.Catalog {
	c := &emulator.Catalog{}
	for made := 0; made < n; {
		p := &emulator.Product{SKU: fmt.Sprintf("P%06d", made), Name: fmt.Sprintf("Product %d", made), Brand: fmt.Sprintf("Brand %d", made%300),
			Stock: emulator.Units(int64(made))}
		made++
		if len(c.Products)%2 == 1 {
			made--
			for i := 0; i < 5 && made < n; i++ {
				p.Variants = append(p.Variants, &emulator.Variant{SKU: fmt.Sprintf("V%06d", made), Stock: emulator.Units(int64(made)),
					Options: map[string]string{"Size": fmt.Sprint(i)}})
				made++
			}
		}
		c.Products = append(c.Products, p)
	}
	return c
}

func TestEveryPageWithinTheBudget(t *testing.T) {
	simple := &emulator.Catalog{}
	for i := range 1000 {
		simple.Products = append(simple.Products, &emulator.Product{SKU: fmt.Sprintf("P%06d", i), Name: fmt.Sprint(i),
			Brand: fmt.Sprintf("Brand %d", i), Stock: emulator.Units(int64(i))})
	}
	for name, c := range map[string]*emulator.Catalog{"simple products": simple, "with variants": large(1000)} {
		t.Run(name, func(t *testing.T) {
			for i := range 100 {
				c.Orders = append(c.Orders, &emulator.Order{ID: int64(501 + i), Status: "Awaiting Fulfillment",
					Lines: []*emulator.Line{{SKU: "P000000", Quantity: 1}}})
			}
			s := newShop(t, c)
			got := read(t, s.source(t, settings{"imported_through": 520}), "sku", "name", "brand", "price", "qoh", "pending", "variation", "url")
			pending := got.column(t, "pending")
			if len(got.items) != 1000 || pending["P000000"] != "80" {
				t.Errorf("%d items, %s pending units; want 1000 and 80", len(got.items), pending["P000000"])
			}
			t.Logf("%d requests", s.Requests())
			if s.Requests() > 30 {
				t.Errorf("%d requests; 30 are allowed", s.Requests())
			}
		})
	}
}

func TestOrphans(t *testing.T) {
	c := mixed(t)
	c.Orphans = []*emulator.Variant{{SKU: "GHOST"}, {SKU: "BELL"}}
	got := read(t, newShop(t, c).source(t, nil), "sku")
	if skus := got.column(t, "sku"); len(skus) != 4 || skus["GHOST"] != "" {
		t.Errorf("SKUs %v", skus)
	}
	if len(got.warnings) != 1 || !strings.HasPrefix(got.warnings[0], "2 variants belong to no product") {
		t.Errorf("warnings %q", got.warnings)
	}
}

func TestEmptyStore(t *testing.T) {
	s := newShop(t, &emulator.Catalog{})
	got := read(t, s.source(t, settings{"imported_through": 0}), "sku", "brand", "qoh", "pending")
	if got.err != nil || len(got.items) > 0 || len(got.warnings) > 0 {
		t.Errorf("%+v", got)
	}
}
