package workbook

import (
	"bytes"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/reconcilehq/reconcile/engine/catalog"
)

// isNumber reports whether a text is a number as XML writes them. Infinite ones are none.
func isNumber(text []byte) bool {
	digits := func(b []byte) bool { return len(bytes.Trim(b, "0123456789")) == 0 }
	signed := func(b []byte) []byte {
		if len(b) > 0 && (b[0] == '+' || b[0] == '-') {
			return b[1:]
		}
		return b
	}
	mantissa, exponent, scaled := text, []byte(nil), false
	if i := bytes.IndexAny(text, "eE"); i >= 0 {
		mantissa, exponent, scaled = text[:i], signed(text[i+1:]), true
	}
	whole, fraction, _ := bytes.Cut(signed(mantissa), []byte("."))
	return digits(whole) && digits(fraction) && len(whole)+len(fraction) > 0 && digits(exponent) && scaled == (len(exponent) > 0)
}

// floatDigits is how many significant digits of a fraction count. Spreadsheet programs hold numbers as binary floats, whose
// further digits are noise: 0.1+0.2 is stored as 0.30000000000000004.
const floatDigits = 15

// Plain returns the number of a cell that holds one, in its shortest form: integers exactly as they are stored, however
// long; of fractions the digits that are no noise. A number that is far out of bounds stays as it is written.
func (c Cell) Plain() string {
	if isShort(c.stored) {
		return c.stored
	}
	d, err := catalog.ParseDecimal(c.stored)
	if err != nil {
		return c.stored
	}
	if whole := d.Floor(); whole.Equal(d) || len(c.stored) <= floatDigits {
		return d.String()
	}
	f, err := strconv.ParseFloat(c.stored, 64)
	if err != nil || math.IsInf(f, 0) {
		return c.stored
	}
	before := len(strings.TrimLeft(d.Abs().Floor().String(), "0"))
	if d, err = catalog.ParseDecimal(strconv.FormatFloat(f, 'g', max(floatDigits, before), 64)); err != nil {
		return c.stored
	}
	return d.String()
}

// isShort reports whether the number is in its shortest form, without a look at its digits: an integer.
func isShort(text string) bool {
	digits := strings.TrimPrefix(text, "-")
	return digits != "" && strings.Trim(digits, "0123456789") == "" && (digits[0] != '0' || text == "0")
}

// dayFormats are how dates and times are written in XML.
var dayFormats = []string{"2006-01-02T15:04:05.999999999Z07:00", "2006-01-02T15:04:05.999999999", "2006-01-02T15:04", "2006-01-02", "15:04:05.999999999"}

func parseDay(text string) (time.Time, bool) {
	for _, format := range dayFormats {
		if t, err := time.Parse(format, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// hasSerial reports whether a date has a number that all programs take for it: the first two months of 1900 are a day apart in some.
func (b *Book) hasSerial(t time.Time) bool {
	first := time.Date(1900, 3, 1, 0, 0, 0, 0, time.UTC)
	if b.date1904 {
		first = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return t.Year() == 0 || !t.Before(first)
}

// serial returns the number that stands for a date or, without a year, for a time.
func (b *Book) serial(t time.Time) string {
	const perDay = 24 * 60 * 60
	seconds := t.Hour()*3600 + t.Minute()*60 + t.Second()
	days := 0
	if t.Year() > 0 {
		first := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
		if b.date1904 {
			first = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
		}
		days = int(time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC).Sub(first).Hours() / 24)
	}
	return strconv.FormatFloat(float64(days)+float64(seconds)/perDay, 'f', -1, 64)
}
