package file

import (
	"fmt"
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/sdk"
	"github.com/reconcilehq/reconcile/plugins/sdk/sdktest"
)

// BenchmarkCSV reads 100,000 items of ten fields.
func BenchmarkCSV(b *testing.B) {
	const items = 100_000
	var text strings.Builder
	text.WriteString("sku,name,brand,price,sale_price,qoh,parent_sku,upc,bin,options\n")
	for i := range items {
		fmt.Fprintf(&text, "SKU-%06d,Mountain bell no. %d,Acme,%d.99,,%d,P-%05d,01234567%04d,A-%d,Size:M|Color:Red\n", i, i, i%500, i%40, i/10, i%10_000, i%99)
	}
	source, err := sdktest.Source(b.Context(), Connector(), sdktest.Settings{"path": sdktest.File(b, "a.csv", text.String())})
	if err != nil {
		b.Fatal(err)
	}
	for _, fields := range []string{"sku name brand price sale_price qoh parent_sku upc bin options", "sku name price qoh", "sku variation"} {
		b.Run(fields, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(text.Len()))
			req := sdk.NewReadRequest(strings.Fields(fields), func(string) {})
			for b.Loop() {
				n, err := sdk.ReadAll(b.Context(), source, req, func(*catalog.Batch) error { return nil })
				if err != nil || n != items {
					b.Fatal(n, err)
				}
			}
		})
	}
}
