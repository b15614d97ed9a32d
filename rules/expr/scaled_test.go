package expr

import "testing"

// TestScaled says of which fields the unit may have become another before they are compared.
func TestScaled(t *testing.T) {
	for text, want := range map[string]bool{
		"pos.price != store.price":                               false,
		"pos.price * 1000 != store.price":                        true,
		"store.price != (pos.price / 1000)":                      true,
		"round(coalesce(pos.price, 0) * 2.54, 1) != store.price": true,
		"abs(pos.price - store.price) / 2 > 1":                   false,
		"(pos.price - 1) * 1000 != store.price":                  false,
		"pos.price * 1000 != store.price || pos.price > 1":       false,
		"(pos.price > store.price ? 1 : 2) * 2 > 2":              false,
		"-pos.price * 2 != store.price":                          true,
	} {
		for _, ref := range compile(t, text).Fields() {
			if ref.Field == "price" && ref.Side == 0 && ref.Scaled != want {
				t.Errorf("%s: pos.price is scaled: %v, want %v", text, ref.Scaled, want)
			}
		}
	}
}
