package emulator

import (
	"fmt"
	"testing"
)

// BenchmarkPages is what the emulator itself takes for the largest pages of a large store.
func BenchmarkPages(b *testing.B) {
	c := &Catalog{}
	for i := range 100_000 {
		c.Products = append(c.Products, &Product{SKU: fmt.Sprintf("SKU-%06d", i), Name: fmt.Sprintf("Product %d", i),
			Brand: fmt.Sprintf("Brand %d", i%50), Stock: Units(int64(i % 10))})
	}
	s, err := New(c, WithQuota(0, 0))
	if err != nil {
		b.Fatal(err)
	}
	for name, path := range map[string]string{
		"products":  "/v3/catalog/products?limit=250&page=200&include=variants&include_fields=sku,name,price",
		"inventory": "/v3/inventory/items?limit=1000&page=50",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				ask(s, path)
			}
		})
	}
}
