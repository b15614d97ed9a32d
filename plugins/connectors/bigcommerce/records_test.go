package bigcommerce

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/locations"
	"github.com/reconcilehq/reconcile/plugins/sdk/pack"
)

// FuzzRecords takes records apart that may be damaged: none makes a panic, and what is read is what would be written.
func FuzzRecords(f *testing.F) {
	price, visible := sdk.Decimal{}, true
	p := product{ID: 101, SKU: "TEE", Name: "Señor T", BrandID: 7, Tracking: "variant", Visible: &visible, Modified: "2026-03-01T00:00:00Z",
		measures: measures{Price: &price}, Variants: []variant{{ID: 9001, SKU: "TEE-S", Values: []optionValue{{"Size", "S"}}}}}
	f.Add(productKey(p.ID), pack.Write(&p, (*product).record))
	f.Add("101/9001/A/B", pack.Write(&stockItem{Locations: []locations.Level{{ID: 1, Available: &price}}}, (*stockItem).record))
	f.Add("1001", pack.Write(&order{StatusID: 11, Lines: []orderLine{{SKU: "A", Quantity: price}}}, (*order).record))
	f.Fuzz(func(t *testing.T, key string, value []byte) {
		if p, err := productRecords.Read(key, value); err == nil {
			again, err := productRecords.Read(key, pack.Write(p, (*product).record))
			if diff := cmp.Diff(p, again, cmp.AllowUnexported(product{}, variant{}), cmp.Comparer(sdk.Decimal.Equal), cmpopts.EquateEmpty()); diff != "" || err != nil {
				t.Errorf("product: %v %s", err, diff)
			}
		}
		if item, err := stockRecords.Read(key, value); err == nil {
			again, err := stockRecords.Read(stockRecords.Key(item), pack.Write(item, (*stockItem).record))
			if diff := cmp.Diff(item, again, cmp.Comparer(sdk.Decimal.Equal)); diff != "" || err != nil {
				t.Errorf("stock: %v %s", err, diff)
			}
		}
		if o, err := orderRecords.Read(key, value); err == nil {
			again, err := orderRecords.Read(idKey(o.ID), pack.Write(o, (*order).record))
			if diff := cmp.Diff(o, again, cmp.Comparer(sdk.Decimal.Equal)); diff != "" || err != nil {
				t.Errorf("order: %v %s", err, diff)
			}
		}
	})
}
