package table

import (
	"testing"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// TestMeasureNamed takes units from names of columns, as programs and people write them. Where several are named, or one that is only a part
// of what values are in, it is none.
func TestMeasureNamed(t *testing.T) {
	for kind, names := range map[catalog.Unit]map[string]catalog.Measure{
		catalog.Weight: {
			"Weight": "", "Weight Unit": "", "kg": "", "Gewicht (kg)": "kg", "Weight in lbs": "lb", "Shipping Weight lb.": "lb", "Peso kg": "kg", "weight_g": "g",
			"Variant Grams": "g", "重量（kg）": "kg", "Gewicht in g (brutto)": "g", "Weight in kg (1 pc)": "kg", "Weight (in kg)": "kg", "weightKg": "kg", "WeightKG": "kg",
			"weightInGrams": "g", "weightG": "", "Weight kg/lb": "", "Weight lb oz": "", "Weight (lb/oz)": "", "Weight (per 100 g)": "", "Weight per lb": "", "Weight 100 g": "",
			"Weight (troy oz)": "", "Weight (fl oz)": "", "weight in": "",
		},
		catalog.Length: {
			"Länge m": "m", "Size (in)": "in", "Height in": "in", "Height (in.)": "in", "Height in cm": "cm", "Höhe (in mm)": "mm", "Breite (in cm)": "cm", "Height in in": "in",
			"Height (in inches)": "in", "heightCm": "cm", "Depth (mm/in)": "", "Depth (in/cm)": "", "Depth in/cm": "", "Height ft in": "", "Width (W) in": "in",
		},
	} {
		for name, want := range names {
			if got := measureNamed(name, kind); got != want {
				t.Errorf("%q is in %q, want %q", name, got, want)
			}
		}
	}
}
