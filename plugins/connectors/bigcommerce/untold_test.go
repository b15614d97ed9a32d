package bigcommerce

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce/emulator"
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// at returns a stock at one location and another.
func at(first, second emulator.Level) emulator.Stock { return emulator.Stock{1: first, 2: second} }

func units(n int64) emulator.Level { return emulator.Level{OnHand: n} }

// TestUntoldStock is about quantities that the store does not tell, and about locations that it has disabled. A Local Copy
// makes the same of them.
func TestUntoldStock(t *testing.T) {
	untold, kept := emulator.Level{Untold: true}, emulator.Level{OnHand: 5, SafetyStock: 2}
	on, off := &emulator.Location{ID: 1, Name: "Main"}, &emulator.Location{ID: 2, Name: "Warehouse", Disabled: true}
	both := []*emulator.Location{on, {ID: 2, Name: "Warehouse"}}
	for _, c := range []struct {
		name      string
		locations []*emulator.Location
		stock     emulator.Stock
		given     settings
		want      string // qoh
		warning   string
	}{
		{"told", both, at(units(3), units(4)), nil, "7", ""},
		{"none is none", both, at(units(0), units(0)), nil, "0", ""},
		{"fewer than none", both, at(units(-3), units(1)), nil, "-2", ""},
		{"safety stock, available", both, at(kept, units(4)), settings{"quantity": "available"}, "7", ""},
		{"safety stock, on hand", both, at(kept, units(4)), settings{"quantity": "on_hand"}, "9", ""},
		{"safety stock, and nobody chose", both, at(kept, units(4)), nil, "", `1 item has safety stock, 2 units in all, and nobody chose whether that counts: their qoh is not known. Set quantity = "available"`},
		{"safety stock at a location that does not count", both, at(units(4), kept), settings{"locations": []int{1}}, "4", ""},
		{"null at one location", both, at(units(3), untold), nil, "", "does not tell the stock of 1 item"},
		{"null at one location, on hand", both, at(units(3), untold), settings{"quantity": "on_hand"}, "", "does not tell the stock of 1 item"},
		{"null at a location that does not count", both, at(units(3), untold), settings{"locations": []int{1}}, "3", ""},
		{"no locations", both, emulator.Untold(), nil, "", "does not tell the stock of 1 item"},
		{"elsewhere", both, emulator.Stock{1: units(3)}, settings{"locations": []int{2}}, "0", ""},
		{"a disabled location", []*emulator.Location{on, off}, at(units(3), units(4)), nil, "3", ""},
		{"a disabled location, on hand", []*emulator.Location{on, off}, at(units(3), units(4)), settings{"quantity": "on_hand"}, "3", ""},
		{"null at a disabled location", []*emulator.Location{on, off}, at(units(3), untold), nil, "3", ""},
		{"a disabled location that counts", []*emulator.Location{on, off}, at(units(3), units(4)), settings{"disabled_locations": "count"}, "7", ""},
		{"a disabled location that is named", []*emulator.Location{on, off}, at(units(3), units(4)), settings{"locations": []int{1, 2}}, "3",
			"the store has disabled 2 (Warehouse), which locations names"},
		{"a disabled location that is named and counts", []*emulator.Location{on, off}, at(units(3), units(4)),
			settings{"locations": []int{2}, "disabled_locations": "count"}, "4", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newShop(t, &emulator.Catalog{Locations: c.locations, Products: []*emulator.Product{
				{SKU: "A", Name: "Bell", Stock: c.stock}, {SKU: "B", Name: "Horn", Stock: at(units(1), units(0))}}})
			got := newCopy("sku", "qoh").pulled(t, s.source(t, c.given))
			if qoh, ok := got.column(t, "qoh")["A"]; qoh != c.want || !ok {
				t.Errorf("qoh %q, want %q", qoh, c.want)
			}
			if len(got.warnings) != min(len(c.warning), 1) || !strings.Contains(strings.Join(got.warnings, ""), c.warning) {
				t.Errorf("warnings %q, want %q", got.warnings, c.warning)
			}
		})
	}
}

// TestEveryLocationDisabled fails, since every quantity would be 0.
func TestEveryLocationDisabled(t *testing.T) {
	s := newShop(t, &emulator.Catalog{Locations: []*emulator.Location{{ID: 1, Name: "Main"}, {ID: 2, Name: "Warehouse", Disabled: true}},
		Products: []*emulator.Product{{SKU: "A", Name: "Bell", Stock: at(units(1), units(2))}}})
	got := read(t, s.source(t, settings{"locations": []int{2}}), "sku", "qoh")
	if want := `each location that counts is disabled in the store: 2 (Warehouse)`; got.err == nil || !strings.Contains(got.err.Error(), want) {
		t.Errorf("error %v, want %q", got.err, want)
	}
}

// TestDisabledLocationsAreFacts shows them to those who list their sources.
func TestDisabledLocationsAreFacts(t *testing.T) {
	s := newShop(t, &emulator.Catalog{Locations: []*emulator.Location{{ID: 1, Name: "Main"}, {ID: 2, Name: "Warehouse", Disabled: true}},
		Products: []*emulator.Product{{SKU: "A", Name: "Bell", Stock: at(units(1), units(2))}}})
	for handling, want := range map[string]string{"leave_out": "1 of 2, left out of qoh: 2 (Warehouse)", "count": "1 of 2, counted in qoh: 2 (Warehouse)"} {
		facts, err := s.source(t, settings{"disabled_locations": handling}).Check(t.Context())
		found := sdk.Fact{}
		for _, f := range facts {
			if f.Name == "disabled locations" {
				found = f
			}
		}
		if err != nil || found.Value != want {
			t.Errorf("%s: %q, want %q; error %v", handling, found.Value, want, err)
		}
	}
}

// TestProductWithoutVariants fails: such a product is no item, and would be gone without a word.
func TestProductWithoutVariants(t *testing.T) {
	bell := &emulator.Product{ID: 7, SKU: "BARE", Name: "Bare bell", Bare: true}
	const want = "product 7 (BARE) comes without any variant"
	check := func(name string, err error) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", name, err, want)
		}
	}
	store := bells()
	store.Products = append(store.Products, bell)
	s := newShop(t, store)
	check("a read", read(t, s.source(t, nil), "sku").err)
	check("a pull", newCopy("sku").pull(t, s.source(t, nil)))

	// A product that loses its variants is noticed by a refresh.
	s = newShop(t, bells())
	source, held := s.source(t, nil), newCopy("sku", "qoh")
	held.pulled(t, source)
	if err := s.Update(func(c *emulator.Catalog) { c.Products = append(c.Products, bell) }); err != nil {
		t.Fatal(err)
	}
	check("a refresh", held.pull(t, source))
}

// TestProductGoesWithoutVariants is about a product that comes without variants and is deleted before it can be asked for
// again: it leaves nothing behind.
func TestProductGoesWithoutVariants(t *testing.T) {
	store := bells()
	store.Products = append(store.Products, &emulator.Product{ID: 107, SKU: "BARE", Name: "Bare bell", Bare: true})
	var s *shop
	s = newShop(t, store, on("/catalog/variants", emulator.After(func() {
		if err := s.Update(func(c *emulator.Catalog) { c.Products = c.Products[:2] }); err != nil {
			t.Error(err)
		}
	})))
	held, source := newCopy("sku"), s.source(t, nil)
	if err := held.pull(t, source); err != nil {
		t.Fatal(err)
	}
	if got := held.items(t, source); got.err != nil || len(got.items) != 2 {
		t.Errorf("items %v, error %v", got.items, got.err)
	}
}

// TestBaseVariantWithoutSKU is the product's by its SKU.
func TestBaseVariantWithoutSKU(t *testing.T) {
	store := bells(order1(1001, "Pending"))
	store.Products[0].BaseWithoutSKU = true
	s := newShop(t, store)
	got := newCopy("sku", "qoh", "parent_sku", "pending").pulled(t, s.source(t, settings{"imported_through": 0}))
	want := []item{{"sku": "A", "qoh": "4", "pending": "1"}, {"sku": "B", "qoh": "9", "pending": "0"}}
	if diff := cmp.Diff(want, got.items); diff != "" {
		t.Errorf("items (-want +got):\n%s", diff)
	}
}

// TestCustomLine is a line that was written by hand, with the SKU of an item: it takes nothing out of that item's stock.
func TestCustomLine(t *testing.T) {
	s := newShop(t, bells(order1(1001, "Pending", &emulator.Line{SKU: "A", Quantity: 5, Custom: true}, &emulator.Line{SKU: "A", Quantity: 2})))
	got := newCopy("sku", "pending").pulled(t, s.source(t, settings{"imported_through": 0}))
	if pending := got.column(t, "pending")["A"]; pending != "2" {
		t.Errorf("pending %q, want 2", pending)
	}
}

// TestNoCurrency warns of a store that names no currency, and leaves prices unknown that cannot be held against the currency that is said.
func TestNoCurrency(t *testing.T) {
	store := bells()
	store.Store.NoCurrency, store.Products[0].Price = true, *decimal(t, "2")
	s := newShop(t, store)
	for _, c := range []struct {
		given          settings
		price, warning string
	}{
		{nil, "2", "does not say in which currency its prices are, so that they fit any"},
		{settings{"currency": "CAD"}, "", `does not say in which currency its prices are, and currency is "CAD"`},
	} {
		got := newCopy("sku", "price").pulled(t, s.source(t, c.given))
		if price := got.column(t, "price")["A"]; price != c.price {
			t.Errorf("%v: price %q, want %q", c.given, price, c.price)
		}
		if len(got.warnings) != min(len(c.warning), 1) || !strings.Contains(strings.Join(got.warnings, ""), c.warning) {
			t.Errorf("%v: warnings %q, want %q", c.given, got.warnings, c.warning)
		}
	}
}

// TestSafetyStockIsAFact shows to those who list their sources what the setting quantity decides.
func TestSafetyStockIsAFact(t *testing.T) {
	kept := func(n int64) emulator.Stock { return emulator.Stock{1: {OnHand: 9, SafetyStock: n}} }
	s := newShop(t, &emulator.Catalog{Products: []*emulator.Product{
		{SKU: "A", Name: "Bell", Stock: kept(2)}, {SKU: "B", Name: "Horn", Stock: kept(0)}, {SKU: "C", Name: "Gong", Stock: kept(3)}}})
	for chosen, want := range map[string]string{
		"available": `2 items, 5 units in all; left out of qoh: quantity = "available"`,
		"on_hand":   `2 items, 5 units in all; counted in qoh: quantity = "on_hand"`,
		"":          `2 items, 5 units in all; the qoh of these is not known until quantity is set, to "available" (without it) or "on_hand" (with it)`,
	} {
		given := settings{}
		if chosen != "" {
			given["quantity"] = chosen
		}
		facts, err := s.source(t, given).Check(t.Context())
		at := slices.IndexFunc(facts, func(f sdk.Fact) bool { return f.Name == "safety stock" })
		if err != nil || at < 0 || facts[at].Value != want {
			t.Errorf("quantity %q: facts %v, error %v; want %q", chosen, facts, err, want)
		}
	}
	t.Run("none", func(t *testing.T) {
		facts, err := newShop(t, bells()).source(t, nil).Check(t.Context())
		if err != nil || slices.ContainsFunc(facts, func(f sdk.Fact) bool { return f.Name == "safety stock" }) {
			t.Errorf("facts %v, error %v", facts, err)
		}
	})
}
