package amberpos

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconcilehq/reconcile/plugins/sdk/sdktest"
)

// TestUnreadableOfOtherStores has bad rows of another store be none of ours, read by columns and by rows.
func TestUnreadableOfOtherStores(t *testing.T) {
	for _, fields := range [][]string{{"sku", "qoh"}, {"sku", "qoh", "variation"}} {
		settings := sdktest.Settings{"file": sdktest.File(t, "inv.csv", "SKU,QOH,Store,parent_sku,options\nA,x,Main,,\nB,x,Other,,\nC,1,Main,,\n"),
			"store_column": "Store", "store": "Main", "on_bad_row": "skip"}
		got, err := sdktest.Read(t.Context(), Connector(), settings, fields...)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"A"}, got.Unreadable); diff != "" || got.Skipped != 0 || len(got.Items) != 1 {
			t.Errorf("%v: unreadable (-want +got):\n%s%d skipped; items: %s", fields, diff, got.Skipped, got.Items)
		}
	}
}
