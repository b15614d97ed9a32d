package bigcommerce

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce/emulator"
)

func TestWhatTheStoreSaysOfItself(t *testing.T) {
	for _, c := range []struct {
		name     string
		store    emulator.Store
		given    settings
		want     item // of A
		warnings string
	}{
		{"stock is updated when orders are placed", emulator.Store{}, nil, item{"sku": "A", "price": "2", "pending": "1"}, ""},
		{"stock is updated when orders are shipped", emulator.Store{UpdateStock: "order_completed_or_shipped"}, nil,
			item{"sku": "A", "price": "2"}, "pending is left unknown"},
		{"the currency as it is said", emulator.Store{Currency: "CAD"}, settings{"currency": "cad"}, item{"sku": "A", "price": "2", "pending": "1"}, ""},
		{"another currency", emulator.Store{Currency: "USD"}, settings{"currency": "CAD"}, item{"sku": "A", "pending": "1"},
			`the store's prices are in USD, and currency is "CAD"`},
		{"prices with tax as it is said", emulator.Store{PricesWithTax: true}, settings{"prices": "tax_inclusive"},
			item{"sku": "A", "price": "2", "pending": "1"}, ""},
		{"prices with tax", emulator.Store{PricesWithTax: true}, settings{"prices": "tax_exclusive"},
			item{"sku": "A", "price": "2", "pending": "1"}, `entered as tax_inclusive, and prices is "tax_exclusive"`},
		{"prices without tax", emulator.Store{}, settings{"prices": "tax_inclusive"},
			item{"sku": "A", "price": "2", "pending": "1"}, `entered as tax_exclusive, and prices is "tax_inclusive"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			store := bells(order1(1001, "Pending"))
			store.Store, store.Products[0].Price = c.store, *decimal(t, "2")
			given := settings{"imported_through": 1000}
			for name, value := range c.given {
				given[name] = value
			}
			s := newShop(t, store)
			held := newCopy("sku", "price", "pending")
			got := held.pulled(t, s.source(t, given))
			if diff := cmp.Diff(c.want, got.items[0]); diff != "" {
				t.Errorf("item (-want +got):\n%s", diff)
			}
			if len(got.warnings) != min(len(c.warnings), 1) || !strings.Contains(strings.Join(got.warnings, ""), c.warnings) {
				t.Errorf("warnings %q, want %q", got.warnings, c.warnings)
			}
		})
	}
}

// TestSettingsAfterThePull says what holds where settings are changed after a Local Copy was pulled.
func TestSettingsAfterThePull(t *testing.T) {
	s := newShop(t, bells(order1(1001, "Pending"), order1(1002, "Pending"), order1(1003, "Cancelled")))
	held := newCopy("sku", "price", "pending")
	if err := held.pull(t, s.source(t, settings{"imported_through": 1000})); err != nil {
		t.Fatal(err)
	}
	offline := held.items(t, s.source(t, settings{"imported_through": 1001, "ignore_statuses": []string{}, "currency": "CAD"}))
	if offline.items[0]["pending"] != "2" {
		t.Errorf("pending %q, want 2: those of orders 1002 and 1003", offline.items[0]["pending"])
	}
	if len(offline.warnings) > 0 {
		t.Errorf("warnings %q", offline.warnings)
	}
	for name, given := range map[string]settings{"a currency": {"imported_through": 1000, "currency": "USD"},
		"an order is to be imported again": {"imported_through": 0}, "it is not known": nil, "it is known again": {"imported_through": 1002}} {
		t.Run(name, func(t *testing.T) { held.pulled(t, s.source(t, given)) })
	}
}

// TestCurrencyIsTold reads prices whose currency the store tells, by a read and from a Local Copy.
func TestCurrencyIsTold(t *testing.T) {
	for _, c := range []struct {
		name   string
		store  emulator.Store
		given  settings
		option []emulator.Option
		want   map[string]string
		warned string
	}{
		{"of the store", emulator.Store{Currency: "USD"}, nil, nil, map[string]string{"price": "USD", "cost_price": "USD"}, ""},
		{"as it is said", emulator.Store{Currency: "USD"}, settings{"currency": "USD"}, nil, map[string]string{"price": "USD", "cost_price": "USD"}, ""},
		{"another one: prices are left unknown", emulator.Store{Currency: "USD"}, settings{"currency": "CAD"}, nil, nil, "left unknown"},
		{"the token may not ask", emulator.Store{}, nil, []emulator.Option{emulator.WithoutScope("store_v2_information_read_only")}, nil,
			"it is not known which currency the store's prices are in"},
	} {
		t.Run(c.name, func(t *testing.T) {
			store := bells()
			store.Store = c.store
			s := newShop(t, store, c.option...)
			fields := []string{"sku", "price", "cost_price", "qoh"}
			held := newCopy(fields...)
			if err := held.pull(t, s.source(t, c.given)); err != nil {
				t.Fatal(err)
			}
			for way, got := range map[string]result{"read": read(t, s.source(t, c.given), fields...), "copy": held.items(t, s.source(t, c.given))} {
				if diff := cmp.Diff(c.want, got.currencies); got.err != nil || diff != "" {
					t.Errorf("%s: %v (-want +got):\n%s", way, got.err, diff)
				}
				if warnings := strings.Join(got.warnings, "\n"); (warnings == "") != (c.warned == "") || !strings.Contains(warnings, c.warned) {
					t.Errorf("%s: warnings %q, want %q", way, warnings, c.warned)
				}
			}
		})
	}
	// Who asks for no price asks the store nothing about its currency.
	s := newShop(t, bells())
	if got := read(t, s.source(t, nil), "sku", "name"); got.err != nil || got.currencies != nil {
		t.Errorf("%v, %v", got.currencies, got.err)
	}
}

// TestUnitsAreTold reads weights and lengths whose units the store tells, by a read and from a Local Copy; one that was made when nobody
// asked for units learns them with the next refresh.
func TestUnitsAreTold(t *testing.T) {
	for _, c := range []struct {
		name   string
		store  emulator.Store
		option []emulator.Option
		want   map[string]string
	}{
		{"metric", emulator.Store{WeightUnits: "KGS", DimensionUnits: "Centimeters"}, nil, map[string]string{"weight": "kg", "height": "cm"}},
		{"imperial", emulator.Store{WeightUnits: "Ounces", DimensionUnits: "Inches"}, nil, map[string]string{"weight": "oz", "height": "in"}},
		{"one that nobody knows", emulator.Store{WeightUnits: "Stone", DimensionUnits: "Inches"}, nil, map[string]string{"height": "in"}},
		{"the token may not ask", emulator.Store{}, []emulator.Option{emulator.WithoutScope("store_v2_information_read_only")}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			store := bells()
			store.Store = c.store
			s := newShop(t, store, c.option...)
			fields := []string{"sku", "weight", "height"}
			held := newCopy(fields...)
			if err := held.pull(t, s.source(t, nil)); err != nil {
				t.Fatal(err)
			}
			for way, got := range map[string]result{"read": read(t, s.source(t, nil), fields...), "copy": held.items(t, s.source(t, nil))} {
				if diff := cmp.Diff(c.want, got.units); got.err != nil || diff != "" {
					t.Errorf("%s: %v (-want +got):\n%s", way, got.err, diff)
				}
			}
		})
	}
}

// TestStockUpdateMayBeUnreadable reads with a token that may not ask, and from an API that does not know the question.
func TestStockUpdateMayBeUnreadable(t *testing.T) {
	for name, option := range map[string]emulator.Option{
		"scope": emulator.WithoutScope("store_v2_information_read_only"), "unknown": on("/v3/settings", emulator.Status(404))} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t, bells(order1(1001, "Pending")), option)
			got := read(t, s.source(t, settings{"imported_through": 1000}), "sku", "pending")
			if got.column(t, "pending")["A"] != "1" || len(got.warnings) != 1 || !strings.Contains(got.warnings[0], "it cannot be read when") {
				t.Errorf("%+v", got)
			}
		})
	}
}

// TestPendingWhereUnitsLeaveWhenShipped: of items that are on no web order it is known that none are pending, whenever the
// store takes units out of stock; of the others it is not.
func TestPendingWhereUnitsLeaveWhenShipped(t *testing.T) {
	store := bells(order1(1001, "Pending"))
	store.Store = emulator.Store{UpdateStock: whenShipped}
	got := newCopy("sku", "pending").pulled(t, newShop(t, store).source(t, settings{"imported_through": 1000})).column(t, "pending")
	if diff := cmp.Diff(map[string]string{"A": "", "B": "0"}, got); diff != "" {
		t.Errorf("pending (-want +got):\n%s", diff)
	}
}
