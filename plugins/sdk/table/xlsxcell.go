package table

import (
	"math"
	"strconv"
	"strings"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// spreadsheetDigits is how many significant digits a spreadsheet's numbers have. They are held as binary floats, whose
// further digits are noise: 0.1+0.2 is stored as 0.30000000000000004.
const spreadsheetDigits = 15

// storedNumber returns the text of a cell as a number field reads it. Numbers lose the noise of binary floats; all else
// stays as it is.
func storedNumber(stored string) string {
	if len(stored) <= spreadsheetDigits {
		return stored
	}
	f, err := strconv.ParseFloat(stored, 64)
	if err != nil || math.IsInf(f, 0) || !isFloatText(stored, f) {
		return stored
	}
	return strconv.FormatFloat(f, 'g', spreadsheetDigits, 64)
}

// isFloatText reports whether a text is how spreadsheet programs write the float, with 15 to 17 digits. A number that
// was typed as a text, with more digits than a float holds, is not.
func isFloatText(text string, f float64) bool {
	want, err := catalog.ParseDecimal(text)
	if err != nil {
		return false
	}
	for digits := spreadsheetDigits; digits <= 17; digits++ {
		if d, err := catalog.ParseDecimal(strconv.FormatFloat(f, 'g', digits, 64)); err == nil && d.Equal(want) {
			return true
		}
	}
	return false
}

// cellText returns the text of a cell as a string field reads it: what people see, unless that is merely another way
// to write the number that is stored, such as 1.23E+11, 1,234.00 or $5. Then it is the plain number. Leading zeros and
// dashes that the cell's format adds, and dates, are what people see.
func cellText(stored, shown string) string {
	if stored == shown {
		return stored
	}
	number, err := catalog.ParseDecimal(storedNumber(stored))
	if err != nil {
		return shown // a bool, or a date that is stored as text
	}
	plain := number.String()
	visible := strings.TrimSpace(shown)
	if padded(visible) {
		return shown
	}
	if _, _, err := parseNumber(strings.TrimSuffix(visible, "%")); err == nil {
		return plain // a hidden number, "", as well
	}
	return shown
}

// padded reports whether a number's text starts with zeros that the number does not need.
func padded(text string) bool {
	return len(text) > 1 && text[0] == '0' && '0' <= text[1] && text[1] <= '9'
}

// isErrorValue reports whether a cell holds an error in place of a value.
func isErrorValue(text string) bool {
	switch text {
	case "#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NULL!", "#NUM!", "#GETTING_DATA", "#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!", "#CONNECT!", "#UNKNOWN!", "#BUSY!":
		return true
	}
	return false
}
