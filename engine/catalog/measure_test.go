package catalog_test

import (
	"math/big"
	"testing"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

func TestParseMeasure(t *testing.T) {
	for text, want := range map[string]catalog.Measure{
		"kg": "kg", "KGS": "kg", " Kilograms ": "kg", "kg.": "kg", "LBS": "lb", "Pounds": "lb", "Ounces": "oz", "Grams": "g", "g": "g", "Tonnes": "t",
		"Inches": "in", `"`: "in", "″": "in", "Centimeters": "cm", "mm": "mm", "": "", "st": "", "kg/m": "", "CAD": "", ".": "",
	} {
		if got, ok := catalog.ParseMeasure(text); got != want || ok != (want != "") {
			t.Errorf("%q is read as %q, %v; want %q", text, got, ok, want)
		}
	}
	if _, ok := catalog.ValidMeasure("KGS"); ok {
		t.Error("KGS is valid where a unit is told by its one name")
	}
}

// TestTimes holds the factors against each other: from one unit to another and back is once, and of any two of a kind one at least
// can be written.
func TestTimes(t *testing.T) {
	for _, c := range [][3]string{{"kg", "g", "1000"}, {"g", "kg", "0.001"}, {"lb", "kg", "0.45359237"}, {"kg", "lb", ""}, {"lb", "oz", "16"}, {"oz", "g", "28.349523125"},
		{"in", "cm", "2.54"}, {"ft", "in", "12"}, {"in", "ft", ""}, {"kg", "cm", ""}, {"", "kg", ""}} {
		if got := catalog.Measure(c[0]).Times(catalog.Measure(c[1])); got != c[2] {
			t.Errorf("%s in %s is times %q, want %q", c[0], c[1], got, c[2])
		}
	}
	for _, kind := range []catalog.Unit{catalog.Weight, catalog.Length} {
		for _, a := range catalog.Measures(kind) {
			for _, b := range catalog.Measures(kind) {
				there, back := catalog.Measure(a).Times(catalog.Measure(b)), catalog.Measure(b).Times(catalog.Measure(a))
				if there == "" && back == "" {
					t.Errorf("neither %s in %s nor %s in %s can be written", a, b, b, a)
				}
				x, okX := new(big.Rat).SetString(there)
				y, okY := new(big.Rat).SetString(back)
				if okX && okY && new(big.Rat).Mul(x, y).Cmp(big.NewRat(1, 1)) != 0 {
					t.Errorf("%s in %s and back is times %s and %s", a, b, there, back)
				}
			}
		}
	}
}
