package bigcommerce

import (
	"testing"

	"github.com/reconcilehq/reconcile/engine/catalog"
	"github.com/reconcilehq/reconcile/plugins/connectors/bigcommerce/emulator"
	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// BenchmarkItemsOfACopy makes the items of 100,000 SKUs out of the records of a Local Copy in memory, and reads the same
// through an emulator without latency.
func BenchmarkItemsOfACopy(b *testing.B) {
	fields := []string{"sku", "name", "brand", "price", "qoh", "pending", "options", "variation"}
	c := large(100_000)
	for i := range 200 {
		c.Orders = append(c.Orders, order1(int64(1001+i), "Pending", &emulator.Line{SKU: "P000000", Quantity: 1}))
	}
	s := newShop(b, c, emulator.WithQuota(0, 0))
	source, held := s.source(b, settings{"imported_through": 1000}), newCopy(fields...)
	if err := held.pull(b, source); err != nil {
		b.Fatal(err)
	}
	count := func(b *testing.B, n *int) func(*catalog.Batch) error {
		return func(batch *catalog.Batch) error { *n += batch.Len(); return nil }
	}
	b.Run("assembled", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			n := 0
			w := writerOf(b, source, fields, count(b, &n))
			if err := held.Assemble(b.Context(), source, sdk.NewReadRequest(fields, func(string) {}), w); err != nil {
				b.Fatal(err)
			}
			if err := w.Flush(); err != nil || n < 100_000 {
				b.Fatalf("%d items, %v", n, err)
			}
		}
	})
	b.Run("read", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			n := 0
			if _, err := sdk.ReadAll(b.Context(), source, sdk.NewReadRequest(fields, func(string) {}), count(b, &n)); err != nil || n < 100_000 {
				b.Fatalf("%d items, %v", n, err)
			}
		}
	})
}
