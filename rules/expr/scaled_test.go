package expr

import (
	"testing"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

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

// TestScaledWeights says it of weights and lengths, which no longer are what they were where those of both sides have met.
func TestScaledWeights(t *testing.T) {
	number := func(name string) catalog.Field { return catalog.Field{Name: name, Type: catalog.Number} }
	schema, err := catalog.NewSchema(number("weight"), number("width"), number("height"), number("qoh"), number("price"), number("factor"), catalog.Field{Name: "name", Type: catalog.String})
	if err != nil {
		t.Fatal(err)
	}
	scope := ruleScope()
	for i := range scope.Sides {
		scope.Sides[i].Schema = schema
	}
	for text, want := range map[string]bool{
		"pos.weight * 1000 != store.weight":                                             true,
		"pos.weight * 1000 / store.weight > 1.05":                                       true,
		"pos.weight * pos.factor != store.weight":                                       true,
		"pos.weight * pos.qoh * 1000 != store.weight":                                   true,
		"pos.weight * 1000 * pos.qoh != store.weight * store.qoh":                       true,
		"pos.weight * pos.width * 25.4 != 3":                                            true,
		"pos.weight > 0 && pos.weight * 1000 != store.weight":                           true,
		"0 == (pos.weight) && store.weight != null":                                     true,
		"(pos.name == store.name ? pos.weight : 0) * 1000 != store.weight":              true,
		"pos.weight / store.weight != 1":                                                false,
		"abs(pos.weight / store.weight - 1) > 0.05":                                     false,
		"pos.weight / store.weight * 100 > 105":                                         false,
		"max(pos.weight, store.weight) / min(pos.weight, store.weight) > 1.05":          false,
		"max(pos.weight, store.weight) * 2 > 8":                                         false,
		"(pos.name == store.name ? pos.weight : store.weight) * 2 > 8":                  false,
		"pos.weight * pos.qoh != store.weight * store.qoh":                              false,
		"pos.weight * pos.price > store.weight":                                         false,
		"pos.weight * pos.width != store.weight * store.width":                          false,
		"pos.weight > 5 && pos.weight * 1000 != store.weight":                           false,
		"(pos.weight - store.weight) * (pos.weight - store.weight) > 0":                 false,
		"max(pos.weight, store.weight) > 0 || pos.weight * 1000 != store.weight * 1":    false,
		"pos[\"weight\"] / store[\"weight\"] != 1 && pos.weight * 1000 != store.weight": false,
	} {
		e, diags := Compile(parse(t, text), scope)
		if diags.HasErrors() {
			t.Errorf("%s: %v", text, diags)
			continue
		}
		for _, ref := range e.Fields() {
			if ref.Field == "weight" && ref.Side == 0 && ref.Scaled != want {
				t.Errorf("%s: pos.weight is scaled: %v, want %v", text, ref.Scaled, want)
			}
		}
	}
}
