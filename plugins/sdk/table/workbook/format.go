package workbook

import (
	"slices"
	"strconv"
	"strings"
)

// Format is how cells show their numbers: the sections of a format's code, each for some of the numbers. They are chosen
// from here, and not by the library that shows a number, which takes the first for all that are not negative.
type Format struct {
	Literals []string // the texts that a section puts beside the number, whichever
	Money    []Money  // the currencies that a section names

	numbers []section
	text    *section // for texts; nil: as they stand
	strange bool     // it is not understood: numbers are shown as they are stored
	alters  bool     // a section may show another number than is stored
}

// Money is a currency that a format names: [$kr-41D] is kr and 41D, a Windows language with its country, or a language tag.
type Money struct{ Mark, Locale string }

// section is what a format has for some of the numbers.
type section struct {
	code string // as it is shown by: without condition and colour, a character in quotes for each text of shown
	when *condition

	literals []string
	texts    []string // before and behind the number, and words between its digits
	money    []Money
	parts    string   // of a moment: y yyyy m d h n (minutes) s, and e for the whole of an elapsed time
	parting  string   // what a / in a moment is shown as; "" for itself
	foreign  bool     // its moments are of another calendar, or look as the system is set to
	shown    []string // the texts that stand in code by a character each
	before   string   // for General: what stands before the number
	behind   string

	point            bool // the decimals have begun
	digits, decimals int
	zeros            int  // of the digits, those that are always shown
	gap, parted      bool // there is a text behind digits, and digits behind it
	percents         int
	slash            bool // a fraction
	scaled           bool // thousands or an exponent
	thousands        bool // it leaves out thousands
	coloured         bool
	altered          bool // literals cannot be told from the number's digits
	minus            bool // literals read as the sign of a negative number
	general, at      bool
	strange          bool
}

// condition is for which numbers a section is.
type condition struct {
	op string
	to float64
}

func (c *condition) holds(v float64) bool {
	switch c.op {
	case "<":
		return v < c.to
	case "<=":
		return v <= c.to
	case ">":
		return v > c.to
	case ">=":
		return v >= c.to
	case "=":
		return v == c.to
	}
	return v != c.to
}

// onlyNegative reports whether the condition holds for negative numbers alone. Their section shows them without the sign.
func (c *condition) onlyNegative() bool {
	return c.op == "<" && c.to <= 0 || (c.op == "<=" || c.op == "=") && c.to < 0
}

// parseFormat reads a format's code.
func parseFormat(code string) *Format {
	f := &Format{}
	all := parseSections(code)
	for i, s := range all {
		for _, literal := range s.literals {
			if !slices.Contains(f.Literals, literal) {
				f.Literals = append(f.Literals, literal)
			}
		}
		f.Money = append(f.Money, s.money...)
		f.strange = f.strange || s.strange
		f.alters = f.alters || s.thousands || s.altered || s.minus || (i > 0 || s.when != nil) && s.bare()
	}
	last := len(all) - 1
	switch {
	case last > 3:
		f.strange = true
	case last == 3 || all[last].at:
		f.text, all = &all[last], all[:last]
	}
	if f.text != nil && !f.text.at { // it hides texts
		f.text = nil
	}
	f.numbers = all
	return f
}

// Percent reports whether a section shows its numbers as percentages.
func (f *Format) Percent() bool {
	return slices.ContainsFunc(f.numbers, func(s section) bool { return s.percents > 0 })
}

// of returns the section for a number and whether that shows it without its sign. ok is false where there is none, or
// where it cannot be told which a program would take.
func (f *Format) of(v float64) (s *section, unsigned, ok bool) {
	n := f.numbers
	if f.strange || len(n) == 0 {
		return nil, false, false
	}
	if slices.ContainsFunc(n, func(s section) bool { return s.when != nil }) {
		return f.byCondition(v)
	}
	switch {
	case len(n) == 1:
		return &n[0], false, true
	case v < 0:
		return &n[1], true, true
	case v == 0 && len(n) == 3:
		return &n[2], false, true
	}
	return &n[0], false, true
}

// byCondition is of where sections have conditions. Without one the second is for negative numbers where there is a third,
// and for all others where it is the last; the third is for what is left.
func (f *Format) byCondition(v float64) (s *section, unsigned, ok bool) {
	n := f.numbers
	switch {
	case n[0].when == nil || len(n) == 3 && n[2].when != nil:
		return nil, false, false
	case n[0].when.holds(v):
		s = &n[0]
	case len(n) == 1:
		return nil, false, false
	case n[1].when != nil && n[1].when.holds(v):
		s = &n[1]
	case n[1].when == nil && len(n) == 2:
		return &n[1], n[0].when.op == ">=" && n[0].when.to == 0, v >= 0 || n[0].when.op == ">=" && n[0].when.to == 0
	case n[1].when == nil:
		return &n[1], true, v < 0
	case len(n) == 3:
		s = &n[2]
	default:
		return nil, false, false
	}
	if v < 0 && (s.when == nil || !s.when.onlyNegative()) {
		return nil, false, false // programs differ in whether they show the sign
	}
	return s, v < 0, true
}

// agreed are the codes of the formats that a workbook need not define. Those that depend on who opens it are dates whose form
// says nothing: their year has two digits.
var agreed = func() map[int]string {
	all := map[int]string{
		0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00",
		5: `"$"#,##0_);\("$"#,##0\)`, 6: `"$"#,##0_);[Red]\("$"#,##0\)`, 7: `"$"#,##0.00_);\("$"#,##0.00\)`, 8: `"$"#,##0.00_);[Red]\("$"#,##0.00\)`,
		9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??",
		14: "mm-dd-yy", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss", 22: "m/d/yy h:mm",
		37: `#,##0_);\(#,##0\)`, 38: `#,##0_);[Red]\(#,##0\)`, 39: `#,##0.00_);\(#,##0.00\)`, 40: `#,##0.00_);[Red]\(#,##0.00\)`,
		41: `_(* #,##0_);_(* \(#,##0\);_(* "-"_);_(@_)`, 42: `_("$"* #,##0_);_("$"* \(#,##0\);_("$"* "-"_);_(@_)`,
		43: `_(* #,##0.00_);_(* \(#,##0.00\);_(* "-"??_);_(@_)`, 44: `_("$"* #,##0.00_);_("$"* \(#,##0.00\);_("$"* "-"??_);_(@_)`,
		45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0", 49: "@",
	}
	for _, span := range [][2]int{{27, 36}, {50, 58}, {71, 81}} {
		for id := span[0]; id <= span[1]; id++ {
			all[id] = "yy-mm-dd"
		}
	}
	return all
}()

// parseCondition reads what stands in brackets as a condition.
func parseCondition(text string) *condition {
	number := strings.TrimLeft(text, "<>=")
	op := text[:len(text)-len(number)]
	to, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if err != nil || !slices.Contains([]string{"<", "<=", ">", ">=", "=", "<>"}, op) {
		return nil
	}
	return &condition{op, to}
}
