package bigcommerce

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/engine/weborder"
	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce/emulator"
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// webOrders returns what a source tells of its orders.
func webOrders(t tester, source *Source, wish weborder.Wish) (list []sdk.Order, err error) {
	t.Helper()
	req := sdk.OrdersRequest{ReadRequest: sdk.NewReadRequest(nil, func(text string) { t.Error(text) }), Wish: wish}
	err = sdk.OrdersAll(t.Context(), source, req, func(o sdk.Order) error {
		list = append(list, o)
		return nil
	})
	return list, err
}

// countedOrders reads a source, and returns the orders that it counts, and the pending units by SKU.
func countedOrders(t tester, source *Source) (ids []string, pending map[string]string) {
	t.Helper()
	req := sdk.NewReadRequest([]string{"sku", "pending"}, func(string) {})
	pending = map[string]string{}
	if _, err := sdk.ReadAll(t.Context(), source, req, func(b *catalog.Batch) error {
		for i := range b.Len() {
			pending[strings.Clone(b.Value("sku", i).Str())] = b.Value("pending", i).Text()
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return req.CountedOrders(), pending
}

// TestWebOrders says what is told of an order, to the digit.
func TestWebOrders(t *testing.T) {
	anna := &emulator.Person{FirstName: "Anna", LastName: "Ng", Email: "anna@example.com", Phone: "555-0100", Street: "1 Rue Principale", City: "Laval", Zip: "H7A 1A1", Country: "Canada"}
	shop := newShop(t, bells(&emulator.Order{ID: 1, Status: "Cancelled", Lines: []*emulator.Line{{SKU: "A", Quantity: 1}}},
		&emulator.Order{ID: 2, Status: "Partially Refunded", Created: "2026-03-01T14:29:00-05:00", TaxRate: *decimal(t, "0.13"), Shipping: *decimal(t, "12"), Coupon: *decimal(t, "1.5"),
			Currency: "EUR", Note: "Ring twice", Message: "Please wrap", Customer: anna, Lines: []*emulator.Line{
				{SKU: "A", Name: "Brass bell", Quantity: 3, Refunded: 1, Price: decimal(t, "9.99"), Discount: *decimal(t, "2")}, {SKU: "HAND", Custom: true, Quantity: 1}}}))
	source := shop.source(t, settings{"imported_through": 0})
	everything := weborder.Wish{Customer: true, Address: true, CustomerNote: true}
	told, err := webOrders(t, source, everything)
	if err != nil || len(told) != 1 {
		t.Fatalf("%+v, %v", told, err)
	}
	o := told[0]
	texts := []string{o.ID, o.PlacedAt.UTC().Format("2006-01-02T15:04:05Z07:00"), o.Status, o.Currency, o.TotalExTax.String(), o.TotalIncTax.String(), o.ShippingExTax.String(), o.ShippingIncTax.String(), o.Discount.String(), o.Note}
	for _, l := range o.Lines {
		texts = append(texts, l.SKU, l.Name, l.Quantity.String(), l.PriceExTax.String(), l.PriceIncTax.String(), l.Discount.String())
	}
	want := []string{"2", "2026-03-01T19:29:00Z", "Partially Refunded", "EUR", "38.47", "43.4711", "12", "13.56", "3.5", "Ring twice",
		"A", "Brass bell", "2", "9.99", "11.2887", "2", "HAND", "HAND", "1", "0", "0", "0"}
	if diff := cmp.Diff(want, texts); diff != "" {
		t.Error(diff)
	}
	if o.Customer.Name != "Anna Ng" || o.Customer.Email != anna.Email || o.CustomerNote != "Please wrap" || o.Lines[0].Address.City != "Laval" {
		t.Errorf("what was asked for of people is not there: %+v", o)
	}
	if told, err = webOrders(t, source, weborder.Wish{}); err != nil || told[0].Customer != (sdk.Customer{}) || told[0].CustomerNote != "" || told[0].Lines[0].Address != (sdk.Address{}) {
		t.Errorf("it tells of people, and nobody asked: %+v, %v", told, err)
	}
}

// TestWebOrdersNotKnown says that no orders are told where nobody said which were imported.
func TestWebOrdersNotKnown(t *testing.T) {
	shop := newShop(t, bells(order1(1, "Pending")))
	if told, err := webOrders(t, shop.source(t, nil), weborder.Wish{}); err == nil || !strings.Contains(err.Error(), "imported_through") || told != nil {
		t.Errorf("%v, %v", told, err)
	}
}

// TestWebOrdersAreCounted holds, for any orders and settings, the orders that are told against those that a read counts, and their units against
// the field pending.
func TestWebOrdersAreCounted(t *testing.T) {
	folder := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		var orders []*emulator.Order
		for id := range int64(rapid.IntRange(0, 7).Draw(t, "orders")) {
			o := &emulator.Order{ID: id + 1, Status: rapid.SampledFrom(statusNames).Draw(t, "status"), Archived: rapid.IntRange(0, 9).Draw(t, "archived") == 0}
			for range rapid.IntRange(1, 3).Draw(t, "lines") {
				quantity := int64(rapid.IntRange(1, 4).Draw(t, "quantity"))
				o.Lines = append(o.Lines, &emulator.Line{SKU: rapid.SampledFrom([]string{"A", "B"}).Draw(t, "sku"), Quantity: quantity,
					Refunded: int64(rapid.IntRange(0, int(quantity)).Draw(t, "refunded")), Delivery: rapid.SampledFrom([]string{"", "pickup", "download"}).Draw(t, "delivery")})
			}
			orders = append(orders, o)
		}
		given := settings{"imported_through": rapid.IntRange(0, 3).Draw(t, "through")}
		if rapid.Bool().Draw(t, "file") {
			file := filepath.Join(folder, "ids.txt")
			if err := os.WriteFile(file, []byte("5\n2\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			given["imported_ids_file"] = file
		}
		if rapid.Bool().Draw(t, "statuses") {
			given["imported_statuses"] = []string{rapid.SampledFrom(statusNames).Draw(t, "imported")}
		}
		source := newShop(t, bells(orders...)).source(t, given)
		ids, pending := countedOrders(t, source)
		told, err := webOrders(t, source, weborder.Wish{})
		if err != nil {
			t.Fatal(err)
		}
		var toldIDs []string
		units := map[string]sdk.Decimal{"A": {}, "B": {}}
		for _, o := range told {
			toldIDs = append(toldIDs, o.ID)
			for _, l := range o.Lines {
				units[l.SKU] = units[l.SKU].Add(l.Quantity)
			}
		}
		if !slices.Equal(ids, toldIDs) {
			t.Fatalf("a read counts %v, and told are %v", ids, toldIDs)
		}
		for sku, sum := range units {
			if sum.String() != pending[sku] {
				t.Fatalf("%s has %s pending, and %s on orders", sku, pending[sku], sum)
			}
		}
	})
}
