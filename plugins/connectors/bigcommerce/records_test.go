package bigcommerce

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// FuzzRecords takes records apart that may be damaged: none makes a panic, and what is read is what would be written.
func FuzzRecords(f *testing.F) {
	price, visible := sdk.Decimal{}, true
	p := product{ID: 101, SKU: "TEE", Name: "Señor T", BrandID: 7, Tracking: "variant", Visible: &visible, Modified: "2026-03-01T00:00:00Z",
		measures: measures{Price: &price}, Variants: []variant{{ID: 9001, SKU: "TEE-S", Values: []optionValue{{"Size", "S"}}}}}
	f.Add(productKey(p.ID), encodeProduct(&p))
	f.Add("101/9001/A/B", encodeStock(stockItem{Locations: []stockLevel{{ID: 1, Available: &price}}}))
	f.Add("1001", encodeOrder(&order{StatusID: 11, Lines: []orderLine{{SKU: "A", Quantity: price}}}))
	f.Fuzz(func(t *testing.T, key string, value []byte) {
		if p, err := decodeProduct(key, value); err == nil {
			again, err := decodeProduct(key, encodeProduct(p))
			if diff := cmp.Diff(p, again, cmp.AllowUnexported(product{}, variant{}), cmp.Comparer(sdk.Decimal.Equal), cmpopts.EquateEmpty()); diff != "" || err != nil {
				t.Errorf("product: %v %s", err, diff)
			}
		}
		if item, err := decodeStock(key, value); err == nil {
			again, err := decodeStock(recordKeyOf(item), encodeStock(item))
			if diff := cmp.Diff(item, again, cmp.Comparer(sdk.Decimal.Equal)); diff != "" || err != nil {
				t.Errorf("stock: %v %s", err, diff)
			}
		}
		if o, err := decodeOrder(key, value); err == nil {
			again, err := decodeOrder(idKey(o.ID), encodeOrder(o))
			if diff := cmp.Diff(o, again, cmp.Comparer(sdk.Decimal.Equal)); diff != "" || err != nil {
				t.Errorf("order: %v %s", err, diff)
			}
		}
	})
}

func TestChangedSince(t *testing.T) {
	last := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	for _, c := range []struct {
		name         string
		newest, want time.Time
	}{
		{"nothing is dated", time.Time{}, last.Add(-5 * time.Minute)},
		{"changed a minute before", last.Add(-time.Minute), last.Add(-5 * time.Minute)},
		{"changed a minute later, by another clock", last.Add(time.Minute), last.Add(-5 * time.Minute)},
		{"changed a day before, by this or another clock", last.Add(-24 * time.Hour), last.Add(time.Second - 24*time.Hour)},
	} {
		if got := changedSince(last, c.newest); !got.Equal(c.want) {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
