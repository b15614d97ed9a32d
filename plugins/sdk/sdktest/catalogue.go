package sdktest

import (
	"context"
	"fmt"
	"strings"

	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// Catalogue returns n made-up items, the same each time, with what connectors stumble over: letters beyond ASCII, a long name,
// prices with a last digit 0, unknown stock, variants with options, an item without a brand. A test gives them the shape that its
// platform answers with, reads them, and compares what came with Lines.
//
// Their fields are id, sku, name, brand, price, qoh, options and parent_sku. Numbers are texts, as they stand in JSON, or nil.
func Catalogue(n int) []sdk.Item {
	items := make([]sdk.Item, n)
	for i := range items {
		it := sdk.Item{"id": fmt.Sprint(1000 + i), "sku": fmt.Sprintf("TORCH-%04d", i), "name": fmt.Sprintf("Crème brûlée torch %d", i), "brand": "Åkesson",
			"price": fmt.Sprintf("%d.%02d", i/10, i%10*10), "qoh": fmt.Sprint(i % 50), "options": map[string]string{}, "parent_sku": ""}
		switch i % 10 {
		case 0:
			it["name"] = it["name"].(string) + strings.Repeat(" and so on", 100)
		case 3:
			it["brand"] = ""
		case 4:
			it["qoh"] = nil
		case 5, 6:
			it["parent_sku"], it["options"] = fmt.Sprintf("TORCH-%04d", i-i%10), map[string]string{"Größe": fmt.Sprint(i % 10), "Colour": "Red"}
		case 7:
			it["price"] = nil
		}
		items[i] = it
	}
	return items
}

// Lines returns items as Read returns them: lines of JSON with these fields.
func Lines(ctx context.Context, items []sdk.Item, fields ...string) ([]string, error) {
	got, err := ReadFrom(ctx, &shelf{items}, fields...)
	return got.Items, err
}

// shelf is a source that has some items.
type shelf struct{ items []sdk.Item }

// Schema implements sdk.Source.
func (*shelf) Schema(context.Context) ([]sdk.Field, error) {
	return sdk.Known("id", "sku", "name", "brand", "price", "qoh", "options", "parent_sku"), nil
}

// Read implements sdk.Reader.
func (s *shelf) Read(_ context.Context, _ sdk.ReadRequest, emit func(sdk.Item) error) error {
	for _, it := range s.items {
		if err := emit(it); err != nil {
			return err
		}
	}
	return nil
}
