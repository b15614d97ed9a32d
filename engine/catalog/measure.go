package catalog

import (
	"math/big"
	"strings"
)

// Measure is the unit that weights or lengths are in, as far as it is known: one of those of Measures ("kg"), or nothing ("").
type Measure string

// measure is what is known of a unit.
type measure struct {
	Measure
	kind  Unit
	size  int64    // in billionths of a gram, or in thousandths of a millimetre
	words []string // other ways to write it, in small letters
}

// measures are the units. The international pound has 0.45359237 kg, an ounce is its sixteenth, and an inch has 25.4 mm.
var measures = []measure{
	{"mg", Weight, 1e6, list("milligram milligrams milligramm")},
	{"g", Weight, 1e9, list("gr gram grams gramm gramme grammes gm gms")},
	{"kg", Weight, 1e12, list("kgs kilo kilos kilogram kilograms kilogramm kilogramme kilogrammes")},
	{"t", Weight, 1e15, list("tonne tonnes")},
	{"oz", Weight, 28_349_523_125, list("ounce ounces")},
	{"lb", Weight, 453_592_370_000, list("lbs pound pounds")},
	{"mm", Length, 1e3, list("millimeter millimeters millimetre millimetres")},
	{"cm", Length, 1e4, list("centimeter centimeters centimetre centimetres zentimeter")},
	{"m", Length, 1e6, list("meter meters metre metres")},
	{"in", Length, 25_400, list("inch inches zoll \" ″")},
	{"ft", Length, 304_800, list("foot feet")},
	{"yd", Length, 914_400, list("yard yards")},
}

// Measures returns all units of a kind, Weight or Length, the smaller ones first.
func Measures(kind Unit) []string {
	var all []string
	for _, m := range measures {
		if m.kind == kind {
			all = append(all, string(m.Measure))
		}
	}
	return all
}

// ParseMeasure returns the unit that a text names, in whatever case: kg, KGS, Kilograms, inches. A full stop behind it does not count.
// ok is false if it names none that is known.
func ParseMeasure(text string) (m Measure, ok bool) {
	text = strings.ToLower(strings.TrimRight(strings.TrimSpace(text), "."))
	for i := range measures {
		if text == string(measures[i].Measure) {
			return measures[i].Measure, true
		}
		for _, word := range measures[i].words {
			if text == word {
				return measures[i].Measure, true
			}
		}
	}
	return "", false
}

// ValidMeasure returns s as a Measure where it is one of those of Measures, written as they are.
func ValidMeasure(s string) (Measure, bool) {
	_, ok := Measure(s).known()
	return Measure(s), ok
}

func (m Measure) known() (measure, bool) {
	for i := range measures {
		if measures[i].Measure == m {
			return measures[i], true
		}
	}
	return measure{}, false
}

// Kind says what it measures, Weight or Length; NoUnit of "".
func (m Measure) Kind() Unit {
	is, _ := m.known()
	return is.kind
}

// Fits reports whether equal numbers in m and in n may be equal weights or lengths: they are in one unit, or it is not known of one of
// them, or they measure different things, so that nobody compares them.
func (m Measure) Fits(n Measure) bool {
	return m == n || m.Kind() != n.Kind()
}

// Times returns the number by which values in m are multiplied to have them in n: 1000 for kg in g. It is "" where that is no
// decimal with an end, such as the pounds of a kilogram (those of n in m then are one), and where they measure different things.
func (m Measure) Times(n Measure) string {
	of, ok := m.known()
	in, known := n.known()
	if !ok || !known || of.kind != in.kind {
		return ""
	}
	factor := big.NewRat(of.size, in.size)
	digits, exact := factor.FloatPrec()
	if !exact {
		return ""
	}
	return factor.FloatString(digits)
}
