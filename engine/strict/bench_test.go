package strict_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/reconcilehq/reconcile/engine/strict"
)

// BenchmarkOnce reads a page of 250 products, as a store answers with.
func BenchmarkOnce(b *testing.B) {
	var page strings.Builder
	page.WriteString(`{"data": [`)
	for i := range 250 {
		if i > 0 {
			page.WriteByte(',')
		}
		fmt.Fprintf(&page, `{"id": %d, "name": "Classic Bell \"No. %d\"", "sku": "SKU-%08d", "price": %d.95, "sale_price": 0, "brand_id": %d, "inventory_level": %d, "is_visible": true, "custom_url": {"url": "/classic-bell-%d/", "is_customized": false}, "variants": [{"id": %d, "sku": "V-%d", "price": null, "option_values": [{"label": "Red", "option_display_name": "Colour"}]}]}`, i, i, i, i, i%40, i, i, i, i)
	}
	page.WriteString(`]}`)
	text := []byte(page.String())
	b.Run("once", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			if err := strict.Once(text); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("unmarshal", func(b *testing.B) { // for comparison: into a map, as the library reads it
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			var v any
			if err := json.Unmarshal(text, &v); err != nil {
				b.Fatal(err)
			}
		}
	})
}
