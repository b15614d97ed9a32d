package bigcommerce

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce/emulator"
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// TestContractOfChanges makes a change of each kind, and holds every request body against the vendor's description.
func TestContractOfChanges(t *testing.T) {
	for name, options := range map[string][]emulator.Option{
		"all goes well": nil,
		"one is refused": {emulator.WithRefusals(func(entry, field, _ string) string {
			if entry == "variant 9003" || entry == "product 101" && field == "upc" {
				return "not this one"
			}
			return ""
		})},
		"a part is taken": {emulator.WithPartialBatches(), emulator.WithRefusals(func(entry, _, _ string) string {
			if entry == "product 102" {
				return "not this one"
			}
			return ""
		})},
	} {
		t.Run(name, func(t *testing.T) {
			_, base, paths := checked(t, writtenWhole(t), options...)
			source, err := configured(t, settings{"api_url": base, "store_hash": "abc123", "access_token": secret, "write_access_token": writeSecret})
			if err != nil {
				t.Fatal(err)
			}
			source.clock = newClock()
			changes := changesOfEachKind(t)
			prepared(t, source, changes)
			got, err := applied(t.Context(), t, source, changes)
			if err != nil || len(got) != len(changes) {
				t.Fatalf("%d outcomes of %d, %v", len(got), len(changes), err)
			}
			for key, o := range got {
				if o.Kind != sdk.Applied && name == "all goes well" {
					t.Errorf("%s: %+v", key, o)
				}
			}
			if _, err := source.Check(t.Context()); err != nil {
				t.Error(err)
			}
			if name == "all goes well" {
				for _, body := range bodiesSent() {
					if paths[body] == 0 {
						t.Errorf("no body with %q was checked", body)
					}
				}
			}
		})
	}
}

// writtenWhole is a store with what each kind of change needs: a simple product and one with variants that have a value of their own everywhere,
// others that have none, and stock that is kept by variant and by product.
func writtenWhole(t tester) *emulator.Catalog {
	c := editable(t)
	d := func(n int64) *catalog.Decimal { v := catalog.Int(n); return &v }
	c.Products = append(c.Products,
		&emulator.Product{ID: 106, SKU: "FULL", Name: "Full", Brand: "Acme", Price: catalog.Int(10), Sale: d(9), Cost: d(4), Retail: d(12), Weight: d(1), Width: d(2), Height: d(3), Depth: d(4), UPC: "444", Bin: "C3",
			Tracking: "product", Stock: emulator.Units(2), BaseVariantID: 9008},
		&emulator.Product{ID: 107, SKU: "MANY", Name: "Many", Price: catalog.Int(10), Weight: d(1), Variants: []*emulator.Variant{
			{ID: 9009, SKU: "MANY-S", Options: map[string]string{"Size": "S"}, Price: d(11), Sale: d(9), Cost: d(4), Retail: d(12), Weight: d(2), Width: d(2), Height: d(3), Depth: d(4), UPC: "555", Bin: "D4", Stock: emulator.Units(2)},
			{ID: 9010, SKU: "MANY-L", Options: map[string]string{"Size": "L"}, Stock: emulator.Units(2)}}})
	return c
}

// changesOfEachKind sets each field of a product and of a variant to a value, and from a value to nothing, as far as it can be.
func changesOfEachKind(t tester) (changes []sdk.Change) {
	add := func(id, sku, field, before, after string) {
		changes = append(changes, want(t, fmt.Sprint(len(changes)), id, sku, field, before, after))
	}
	for _, c := range [][5]string{{"9001", "BELL", "name", "Bell", "Bicycle bell"}, {"9001", "BELL", "brand", "Acme", "Bolt"}, {"9001", "BELL", "price", "9.95", "11.5"}, {"9001", "BELL", "sale_price", "null", "8"},
		{"9001", "BELL", "cost_price", "null", "5"}, {"9001", "BELL", "retail_price", "null", "12"}, {"9001", "BELL", "weight", "0.2", "0.25"}, {"9001", "BELL", "width", "0", "1"}, {"9001", "BELL", "height", "0", "2"},
		{"9001", "BELL", "depth", "0", "3"}, {"9001", "BELL", "upc", "111", "222"}, {"9001", "BELL", "bin", "", "A1"}, {"9001", "BELL", "qoh", "4", "9"}, {"9003", "TEE-L", "qoh", "5", "8"}, {"9002", "TEE-S", "name", "T-shirt", "Tee"},
		{"9008", "FULL", "brand", "Acme", ""}, {"9008", "FULL", "price", "10", "0"}, {"9008", "FULL", "upc", "444", ""}, {"9008", "FULL", "bin", "C3", ""}, {"9008", "FULL", "qoh", "2", "0"}, {"9009", "MANY-S", "qoh", "2", "0"},
		{"9009", "MANY-S", "upc", "555", ""}, {"9009", "MANY-S", "bin", "D4", ""}, {"9010", "MANY-L", "upc", "", "666"}, {"9010", "MANY-L", "bin", "", "E5"}, {"9010", "MANY-L", "price", "10", "12"}, {"9009", "MANY-S", "price", "11", "null"}} {
		add(c[0], c[1], c[2], c[3], c[4])
	}
	for field, before := range map[string]string{"sale_price": "9", "cost_price": "4", "retail_price": "12"} {
		add("9008", "FULL", field, before, "null")
		add("9009", "MANY-S", field, before, "null")
		add("9010", "MANY-L", field, "null", "7")
	}
	for field, before := range map[string]string{"weight": "2", "width": "2", "height": "3", "depth": "4"} {
		add("9009", "MANY-S", field, before, "null")
		add("9010", "MANY-L", field, map[bool]string{true: "1", false: "0"}[field == "weight"], "6")
	}
	return changes
}

// bodiesSent are the members that each route is sent, and the kinds of values.
func bodiesSent() (list []string) {
	add := func(path string, members ...string) {
		for _, m := range members {
			list = append(list, "PUT "+path+" "+m)
		}
	}
	const products, variants, inventory = "/catalog/products", "/catalog/variants", "/inventory/adjustments/absolute"
	add(products, "id number", "name text", "brand_id number", "brand_id zero", "price number", "price zero", "upc text", "upc empty", "bin_picking_number text", "bin_picking_number empty")
	add(variants, "id number", "price number", "price null", "upc text", "upc empty", "bin_picking_number text", "bin_picking_number empty")
	for _, price := range []string{"sale_price", "cost_price", "retail_price"} {
		add(products, price+" number", price+" zero")
		add(variants, price+" number", price+" null")
	}
	for _, measure := range []string{"weight", "width", "height", "depth"} {
		add(products, measure+" number")
		add(variants, measure+" number", measure+" null")
	}
	add(inventory, "location_id number", "variant_id number", "product_id number", "quantity number", "quantity zero")
	return list
}

// membersOf lists the members of the entries of a body, with what kind of value they have: "price number", "price null".
func membersOf(body []byte) (members []string) {
	var sent any
	if json.Unmarshal(body, &sent) != nil {
		return nil
	}
	if whole, ok := sent.(map[string]any); ok {
		sent = whole["items"]
	}
	entries, _ := sent.([]any)
	for _, entry := range entries {
		of, _ := entry.(map[string]any)
		for name, value := range of {
			kind := map[bool]string{false: "text", true: "null"}[value == nil]
			if n, ok := value.(float64); ok {
				kind = map[bool]string{false: "number", true: "zero"}[n == 0]
			} else if value == "" {
				kind = "empty"
			}
			members = append(members, name+" "+kind)
		}
	}
	return members
}
